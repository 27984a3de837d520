"""The forms that nearly all entries have: without extensions, with a reason code, and with an invalidity date too.

They are told by one regular expression, which reads a thousand in the time in which Python code reads a hundred. It
describes exactly the sound entries of these forms, in DER (RFC 5280 §5.3.1, §5.3.2), with dates of this half of the
century; what it does not match is not wrong, only unusual.
"""

import re
from collections.abc import Iterable
from typing import Final

from extauthz.trust.crl.revoked_entry import NO_REASON, REASON_NAMES

PACKED_HEADS: Final = {
    b"": bytes((NO_REASON, 0x20)),
    **{bytes((code,)): bytes((code, 0x20)) for code in REASON_NAMES if REASON_NAMES[code] != "removeFromCRL"},
}
"""Reason code as matched -> how the packed entry begins: the reason, and the century of the years 2000 to 2049."""

_LENGTHS: Final = (16, 17, 20, 19, 18, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1)
"""Octets that serial numbers may have (RFC 5280 §4.1.2.2), the usual ones first, as they are tried in this order."""
_TIME: Final = len("\x17\x0dYYMMDDHHMMSSZ")
_REASON: Final = bytes.fromhex("300a0603551d1504030a01")
"""reasonCode, not critical: an ENUMERATED of one octet, which follows."""
_INVALIDITY: Final = bytes.fromhex("30180603551d180411180f")
"""invalidityDate, not critical: a GeneralizedTime, which follows. It changes nothing."""
_REASON_ALONE: Final = len(_REASON) + 1
_REASON_AND_DATE: Final = _REASON_ALONE + len(_INVALIDITY) + len("YYYYMMDDHHMMSSZ")
_SEQUENCE: Final = len("\x30\x0c")

_DAY: Final = rb"[0-4]\d(?:(?:0[1-9]|1[0-2])(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])(?:29|30)|(?:0[13578]|1[02])31)"
"""YYMMDD of the years 2000 to 2049, but for the 29th of February."""
_TIME_OF_DAY: Final = rb"(?:[01]\d|2[0-3])[0-5]\d[0-5]\d"


def _headers(after: int) -> bytes:
    """Match the headers of entry and serial number, when ``after`` octets follow the serial number."""
    return _one_of(bytes((2 + length + after, 0x02, length)) for length in _LENGTHS)


def _one_of(literals: Iterable[bytes]) -> bytes:
    return b"|".join(re.escape(one) for one in literals)


_SERIAL: Final = b"|".join(re.escape(bytes((length,))) + b".{%d}" % length for length in _LENGTHS)
_NOT_SHORTEST: Final = rb"[\x02-\x14](?:\x00[\x00-\x7f]|\xff[\x80-\xff])"
_EXTENSIONS: Final = rb"\x30(?(2)%b|%b)%b([%b])(?(2)%b\d{14}Z)" % (
    re.escape(bytes((_REASON_AND_DATE,))),
    re.escape(bytes((_REASON_ALONE,))),
    re.escape(_REASON),
    re.escape(b"".join(one for one in PACKED_HEADS if one)),
    re.escape(_INVALIDITY),
)
USUAL: Final = re.compile(
    rb"\x30(?:(?=%b)|(?=%b)()|(?=%b)())..(?!%b)(%b)\x17\x0d(%b)Z(?(1)|%b)|(.+)"
    % (
        _headers(_TIME + _SEQUENCE + _REASON_ALONE),
        _headers(_TIME),
        _headers(_TIME + _SEQUENCE + _REASON_AND_DATE),
        _NOT_SHORTEST,
        _SERIAL,
        _DAY + _TIME_OF_DAY,
        _EXTENSIONS,
    ),
    re.DOTALL,
)
"""One usual entry, or all that is left from where the entries are no longer usual.

Groups: two that are empty (1: without extensions, 2: with an invalidity date); serial number with its length;
YYMMDDHHMMSS; reason code, if any; what is left.
"""
