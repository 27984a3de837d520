"""The fields of a certificate that the library does not show as they are encoded (RFC 5280 §4.1).

The SubjectPublicKeyInfo must be hashed byte for byte, for key types that nobody knows too; the two signature
algorithms must be the same (§4.1.1.2), of which the library shows only the outer one.
"""

from typing import Final, NamedTuple

from extauthz.identity import der

_VERSION_TAG: Final = 0xA0
_FIELDS: Final = 6
"""serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo; what follows is optional."""


class Structure(NamedTuple):
    """Slices of the DER; the algorithms and the key are whole elements."""

    serial: int
    inner_algorithm: bytes
    outer_algorithm: bytes
    issuer: bytes
    subject: bytes
    spki: bytes


def read_structure(data: bytes) -> Structure:
    """Slice a certificate that the library has accepted. Raises ``ValueError`` where its shape is another."""
    _, start, stop = der.element(data, 0, len(data))
    _, tbs_start, tbs_stop = der.element(data, start, stop)
    _, _, algorithm_stop = der.element(data, tbs_stop, stop)
    fields = der.children(data, tbs_start, tbs_stop, 1 + _FIELDS)
    first = 1 if fields and fields[0][0] == _VERSION_TAG else 0
    if len(fields) < first + _FIELDS:
        raise ValueError("too few fields")
    ends = [tbs_start, *(field[2] for field in fields)]
    serial = fields[first]
    return Structure(
        serial=int.from_bytes(data[serial[1] : serial[2]], "big", signed=True),
        inner_algorithm=data[ends[first + 1] : ends[first + 2]],
        outer_algorithm=data[tbs_stop:algorithm_stop],
        issuer=data[ends[first + 2] : ends[first + 3]],
        subject=data[ends[first + 4] : ends[first + 5]],
        spki=data[ends[first + 5] : ends[first + 6]],
    )
