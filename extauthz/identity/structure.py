"""The fields of a certificate that the library does not show as they are encoded (RFC 5280 §4.1).

The SubjectPublicKeyInfo must be hashed byte for byte, for key types that nobody knows too; the two signature
algorithms must be the same (§4.1.1.2), of which the library shows only the outer one. The signature is a BIT STRING
of whole octets: the library passes over the number of unused bits, so that anybody could give a certificate another
SHA-256 and leave its signature valid.
"""

from typing import Final, NamedTuple

from extauthz.identity import der

_VERSION_TAG: Final = 0xA0
_EXTENSIONS_TAG: Final = 0xA3
_FIELDS: Final = 6
"""serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo; what follows is optional."""
_OPTIONAL_FIELDS: Final = 3
"""issuerUniqueID, subjectUniqueID, extensions."""


class Structure(NamedTuple):
    """Slices of the DER; the algorithms and the key are whole elements."""

    serial: int
    inner_algorithm: bytes
    outer_algorithm: bytes
    issuer: bytes
    subject: bytes
    spki: bytes
    extensions: bytes
    """The SEQUENCE OF Extension, or nothing."""


def read_structure(data: bytes) -> Structure:
    """Slice a certificate that the library has accepted. Raises ``ValueError`` where its shape is another."""
    _, start, stop = der.element(data, 0, len(data))
    _, tbs_start, tbs_stop = der.element(data, start, stop)
    _, _, algorithm_stop = der.element(data, tbs_stop, stop)
    require_whole_octets(data, algorithm_stop, stop)
    fields = der.children(data, tbs_start, tbs_stop, 1 + _FIELDS + _OPTIONAL_FIELDS)
    first = 1 if fields and fields[0][0] == _VERSION_TAG else 0
    if len(fields) < first + _FIELDS:
        raise ValueError("too few fields")
    (_, serial_start, serial), (_, _, algorithm), (_, _, issuer), (_, _, validity), (_, _, subject), (_, _, spki) = (
        fields[first : first + _FIELDS]
    )
    last_tag, last_start, last_stop = fields[-1]
    return Structure(
        serial=int.from_bytes(data[serial_start:serial], "big", signed=True),
        inner_algorithm=data[serial:algorithm],
        outer_algorithm=data[tbs_stop:algorithm_stop],
        issuer=data[algorithm:issuer],
        subject=data[validity:subject],
        spki=data[subject:spki],
        extensions=data[last_start:last_stop] if last_tag == _EXTENSIONS_TAG else b"",
    )


def signed_part(data: bytes) -> bytes:
    """Return the tbsCertificate of a certificate that was sliced before, as it was signed."""
    _, start, stop = der.element(data, 0, len(data))
    _, _, tbs_stop = der.element(data, start, stop)
    return data[start:tbs_stop]


def require_whole_octets(data: bytes, at: int, end: int) -> None:
    """Raise ``ValueError`` unless the BIT STRING at ``at`` fills the space up to ``end`` and has no unused bits."""
    tag, start, stop = der.element(data, at, end)
    if tag != der.BIT_STRING or stop != end:
        raise ValueError("a signature that is not one BIT STRING")
    if data[start:stop][:1] != b"\0":
        raise ValueError("a signature that is not made of whole octets")
