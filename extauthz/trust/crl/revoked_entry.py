"""What a CRL says of one certificate that it lists, and the eight bytes in which it is kept."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

REASON_NAMES: Final = {
    0: "unspecified",
    1: "keyCompromise",
    2: "cACompromise",
    3: "affiliationChanged",
    4: "superseded",
    5: "cessationOfOperation",
    6: "certificateHold",
    8: "removeFromCRL",
    9: "privilegeWithdrawn",
    10: "aACompromise",
}
"""RFC 5280 §5.3.1. 7 is not used; 8 is only for delta CRLs."""
NO_REASON: Final = 15
"""Stands for "the entry gives no reason", beside the codes."""
PACKED_BYTES: Final = 8
"""One for reason and mark, seven for the date: two decimal digits in each, YYYYMMDDHHMMSS."""

_REASON_BITS: Final = 0x0F
_UNKNOWN_CRITICAL: Final = 0x10


@dataclass(frozen=True, slots=True)
class RevokedEntry:
    """What a CRL says of one certificate that it lists."""

    reason: str | None
    """Name in RFC 5280 §5.3.1; None when the entry gives none. ``removeFromCRL`` (delta CRLs only): no more."""
    date: datetime
    unknown_critical: bool = False
    """The entry has a critical extension that nobody here processes: the certificate counts as revoked, whatever
    else the entry says (RFC 5280 §5.3)."""


def pack(reason: int, digits: bytes, *, unknown_critical: bool = False) -> bytes:
    """Pack one entry. ``digits``: YYYYMMDDHHMMSS in ASCII, already checked."""
    return bytes((reason | (_UNKNOWN_CRITICAL if unknown_critical else 0),)) + bytes.fromhex(digits.decode())


def unpack(packed: bytes) -> RevokedEntry:
    """Return what was packed. ValueError for anything else."""
    code = packed[0] & _REASON_BITS
    if code != NO_REASON and code not in REASON_NAMES:
        raise ValueError(f"{code} is no reason")
    return RevokedEntry(REASON_NAMES.get(code), date_of(packed[1:].hex()), bool(packed[0] & _UNKNOWN_CRITICAL))


def date_of(digits: str) -> datetime:
    """Return the moment YYYYMMDDHHMMSS, which are digits. ValueError when it is not in the calendar."""
    if digits[8:10] > "23":  # Python from 3.14 on takes 24 for the next midnight
        raise ValueError("the hour is not in 0..23")
    return datetime.fromisoformat(f"{digits[:8]}T{digits[8:]}Z")
