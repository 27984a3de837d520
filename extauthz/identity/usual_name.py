"""Names as nearly every certificate has them, read without an object of the library for each attribute.

Only what the library would read the very same way is read here: RDNs of one attribute of a usual type, whose value is a
UTF8String, PrintableString or IA5String. The parts of a name that every client of a CA has are the same bytes again and
again, so each is read once and kept. For everything else there is no answer: then the library is asked.
"""

from functools import lru_cache
from typing import Final

from extauthz.identity import der
from extauthz.identity.hygiene import require_clean
from extauthz.identity.names import NameReading, RdnReading, joined, read_pairs
from extauthz.model.errors import DecodeError

MAX_KEPT_BYTES: Final = 128
"""Of one RDN; a longer one is not read here."""
MAX_KEPT: Final = 2_048
"""RDNs, those seen last."""
MAX_ISSUER_BYTES: Final = 512
"""Of a whole name that is kept. Real ones have 50 to 250."""
MAX_ISSUERS: Final = 256
"""Whole names, those seen last."""

_SET: Final = 0x31
_STRINGS: Final = frozenset({der.UTF8_STRING, 0x13, 0x16})
"""UTF8String, PrintableString, IA5String: the library takes each of them as UTF-8."""
_TYPES: Final[dict[bytes, str]] = {
    **{bytes((0x55, 0x04, number)): f"2.5.4.{number}" for number in (3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 42, 43)},
    bytes.fromhex("0992268993f22c640101"): "0.9.2342.19200300.100.1.1",
    bytes.fromhex("0992268993f22c640119"): "0.9.2342.19200300.100.1.25",
    bytes.fromhex("2a864886f70d010901"): "1.2.840.113549.1.9.1",
}
"""Content of the OID -> its dotted form."""


def read_usual_name(encoded: bytes) -> NameReading | None:
    """Read a Name in DER that the library has accepted; None where the library has to be asked what it says.

    What is read holds no forbidden character.
    """
    try:
        _, at, end = der.element(encoded, 0, len(encoded))
        rdns = []
        for _, _, stop in der.children(encoded, at, end, len(encoded)):
            if stop - at > MAX_KEPT_BYTES:
                return None
            rdns.append(_rdn(encoded[at:stop]))
            at = stop
    except (ValueError, DecodeError):
        return None
    return joined(rdns)


@lru_cache(maxsize=MAX_KEPT)
def _rdn(encoded: bytes) -> RdnReading:
    """Read one RDN. ValueError or DecodeError for one that is not read here."""
    attribute = der.sole_element(der.sole_element(encoded, _SET), der.SEQUENCE)
    oid, value = der.children(attribute, 0, len(attribute), 3)  # ValueError for another number of them
    dotted = _TYPES.get(attribute[oid[1] : oid[2]])
    if oid[0] != der.OID or dotted is None or value[0] not in _STRINGS:
        raise ValueError("an attribute that is not read here")
    text = attribute[value[1] : value[2]].decode()
    require_clean(text, "", "")
    return read_pairs([(dotted, text)])


_kept_name = lru_cache(maxsize=MAX_ISSUERS)(read_usual_name)


def read_usual_issuer(encoded: bytes) -> NameReading | None:
    """Do as ``read_usual_name`` for a name that many certificates have: the answer is kept."""
    return _kept_name(encoded) if len(encoded) <= MAX_ISSUER_BYTES else read_usual_name(encoded)
