"""Reading the entries of a CRL, a million of them in about a second (RFC 5280 §5.1.2.6, §5.3).

The library reads entries one object at a time, and looks one up by walking them all. So the list is read here, once
and strictly, into plain values: any entry that is not exactly as the RFC has it makes the whole CRL unusable, because
an entry that is skipped is a revoked certificate that gets in.
"""

from collections.abc import Callable, Iterator
from datetime import date, time
from typing import Final

from extauthz.identity.der import OCTET_STRING, OID, SEQUENCE, element

NO_REASON: Final = 0xFF
"""Stands for "the entry gives no reason", beside the codes of RFC 5280 §5.3.1."""
REASON_NAMES: Final = {
    0: "unspecified",
    1: "keyCompromise",
    2: "cACompromise",
    3: "affiliationChanged",
    4: "superseded",
    5: "cessationOfOperation",
    6: "certificateHold",
    9: "privilegeWithdrawn",
    10: "aACompromise",
}
"""RFC 5280 §5.3.1. 7 is not used; 8 (removeFromCRL) is only for delta CRLs."""
SECONDS_PER_DAY: Final = 86_400

_BOOLEAN, _INTEGER, _ENUMERATED, _UTC_TIME, _GENERALIZED_TIME = 0x01, 0x02, 0x0A, 0x17, 0x18
_SIGN_BIT = _LONG_FORM = 0x80
_REMOVE_FROM_CRL = 8
_REASON_CODE = bytes.fromhex("551d15")  # 2.5.29.21
_CERTIFICATE_ISSUER = bytes.fromhex("551d1d")  # 2.5.29.29
_REASON_HEADER = bytes((_ENUMERATED, 1))
_TIME_LENGTH = len("HHMMSSZ")
_DAY_LENGTHS = {
    bytes((_UTC_TIME, len("YYMMDDHHMMSSZ"))): len("YYMMDD"),
    bytes((_GENERALIZED_TIME, len("YYYYMMDDHHMMSSZ"))): len("YYYYMMDD"),
}
"""Header of a Time -> how much of it is the day."""
_SHORTEST_ENTRY = len("\2\1s") + len("\x17\x0dYYMMDDHHMMSSZ")
_PIVOT_YEAR = 50
"""RFC 5280 §4.1.2.5.1: a two-digit year from here on is in the 1900s."""
_MAX_SERIAL_OCTETS = 127
"""RFC 5280 §4.1.2.2 allows 20. Longer ones occur; up to here the length has one octet."""
_REMEMBERED = 100_000
"""Different days, times of day (there are 86,400) and extension blocks that are kept while one CRL is read."""


RawEntry = tuple[bytes, int, int]
"""One revoked certificate, as a plain tuple because there are so many:

- serial number: content of the DER INTEGER (two's complement, big-endian, as short as can be);
- reason: code of RFC 5280 §5.3.1, or ``NO_REASON``;
- revocation date: seconds since the first day of year 1 (the day that ``date.toordinal`` numbers 1).
"""


def read_entries(data: bytes, tbs_start: int, tbs_end: int) -> Iterator[RawEntry]:
    """Yield the entries of the TBSCertList whose content is ``data[tbs_start:tbs_end]``, in order.

    ValueError at the first one that is malformed, or that only an indirect or delta CRL may hold. An unknown entry
    extension, critical or not, takes nothing away: the certificate is listed (RFC 5280 §5.3).
    """
    at, end = _find_entries(data, tbs_start, tbs_end)
    # Written out in one loop, since calls are what would take the time.
    days, times, reasons = _WorkedOut(_day), _WorkedOut(_time_of_day), _WorkedOut(_read_reason)
    while at < end:
        if end - at > _SHORTEST_ENTRY and data[at] == SEQUENCE and data[at + 1] < _LONG_FORM:
            start = at + 2
            at = start + data[start - 1]
        else:
            start, at = expect(SEQUENCE, data, at, end)
        if at > end or at - start < _SHORTEST_ENTRY:
            raise ValueError("an entry is cut off, or too short for a serial number and a date")

        date_at = start + 2 + data[start + 1]
        serial = data[start + 2 : date_at]
        if data[start] != _INTEGER or not 1 <= len(serial) <= _MAX_SERIAL_OCTETS:
            raise ValueError("an entry has no usable serial number")
        if len(serial) > 1 and serial[0] == (0xFF if serial[1] & _SIGN_BIT else 0):
            raise ValueError("a serial number is not in its shortest form")

        time_at = date_at + 2 + _DAY_LENGTHS.get(data[date_at : date_at + 2], at)
        block_at = time_at + _TIME_LENGTH
        if block_at > at:
            raise ValueError("an entry has no usable revocation date")
        second = days[data[date_at + 2 : time_at]] + times[data[time_at:block_at]]
        yield serial, reasons[data[block_at:at]], second


class _WorkedOut(dict[bytes, int]):
    """What bytes stand for: days, times of day and extensions recur, so each is worked out once."""

    def __init__(self, work_out: Callable[[bytes], int]) -> None:
        super().__init__()
        self._work_out = work_out

    def __missing__(self, key: bytes) -> int:
        value = self._work_out(key)
        if len(self) < _REMEMBERED:
            self[key] = value
        return value


def expect(tag: int, data: bytes, at: int, end: int) -> tuple[int, int]:
    """Read the header of an element that must have this tag: where its content starts, and where it stops."""
    found, start, stop = element(data, at, end)
    if found != tag:
        raise ValueError(f"tag 0x{found:02x} where 0x{tag:02x} belongs")
    return start, stop


def _find_entries(data: bytes, at: int, end: int) -> tuple[int, int]:
    """Find ``revokedCertificates``: the first sequence after version (optional), algorithm and issuer, if there is one.

    Between them stand only times; after it, only the extensions, with a tag of their own (RFC 5280 §5.1).
    """
    tag, _, at = element(data, at, end)
    if tag == _INTEGER:
        _, at = expect(SEQUENCE, data, at, end)
    _, at = expect(SEQUENCE, data, at, end)  # issuer
    while at < end:
        tag, start, at = element(data, at, end)
        if tag == SEQUENCE:
            return start, at
    return end, end


def _day(text: bytes) -> int:
    if not text.isdigit():
        raise ValueError("a revocation date is not made of digits")
    year, month, day = int(text[:-4]), int(text[-4:-2]), int(text[-2:])
    if len(text) == len("YYMMDD"):
        year += 1900 if year >= _PIVOT_YEAR else 2000
    try:
        return date(year, month, day).toordinal() * SECONDS_PER_DAY
    except ValueError as error:
        raise ValueError(f"a revocation date is not in the calendar: {error}") from error


def _time_of_day(text: bytes) -> int:
    if not text[:6].isdigit() or text[6:] != b"Z":
        raise ValueError("a revocation time is not of the form HHMMSSZ")
    hour, minute, second = int(text[:2]), int(text[2:4]), int(text[4:6])
    try:
        time(hour, minute, second)
    except ValueError as error:
        raise ValueError(f"a revocation time is not a time of day: {error}") from error
    return (hour * 60 + minute) * 60 + second


def _read_reason(block: bytes) -> int:
    """Read the crlEntryExtensions of one entry (the whole element, or nothing) and return its reason code."""
    if not block:
        return NO_REASON
    at, end = expect(SEQUENCE, block, 0, len(block))
    if end != len(block) or at == end:
        raise ValueError("an entry has something other than extensions after its date")
    seen: dict[bytes, bytes] = {}
    while at < end:
        start, stop = expect(SEQUENCE, block, at, end)
        oid, value = _read_extension(block, start, stop)
        if oid in seen:
            raise ValueError("an entry has the same extension twice")
        seen[oid] = value
        at = stop
    if _CERTIFICATE_ISSUER in seen:
        raise ValueError("an entry names another certificate issuer, which only an indirect CRL may do")
    return _reason_code(seen[_REASON_CODE]) if _REASON_CODE in seen else NO_REASON


def _read_extension(block: bytes, start: int, stop: int) -> tuple[bytes, bytes]:
    """Return OID and value. Whether it is critical changes nothing: the certificate is listed either way."""
    oid_start, oid_stop = expect(OID, block, start, stop)
    tag, value_start, value_stop = element(block, oid_stop, stop)
    if tag == _BOOLEAN:
        tag, value_start, value_stop = element(block, value_stop, stop)
    if tag != OCTET_STRING or value_stop != stop:
        raise ValueError("an entry extension has no value")
    return block[oid_start:oid_stop], block[value_start:value_stop]


def _reason_code(value: bytes) -> int:
    if len(value) != len(_REASON_HEADER) + 1 or not value.startswith(_REASON_HEADER):
        raise ValueError("an entry has a malformed reason code")
    code = value[-1]
    if code == _REMOVE_FROM_CRL:
        raise ValueError("an entry has the reason removeFromCRL, which only a delta CRL may hold")
    if code not in REASON_NAMES:
        raise ValueError(f"an entry has the reason code {code}, which RFC 5280 does not know")
    return code
