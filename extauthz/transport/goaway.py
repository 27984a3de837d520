"""GOAWAY frames written by hand (RFC 9113, section 6.8), for when libnghttp2 cannot, or knows too much.

It cannot once an error was fatal to its session. And told of a shutdown notice, it takes a connection without streams
for finished, while a request may be on its way. What it writes ends with whole frames, so one more can follow.
"""

from struct import Struct

HIGHEST_STREAM_ID = (1 << 31) - 1
_GOAWAY = 0x07
_frame = Struct(">BHBBIII").pack


def goaway(error_code: int, *, last_stream_id: int = HIGHEST_STREAM_ID, debug_data: bytes = b"") -> bytes:
    """Return one GOAWAY frame. With the highest stream id and no error it is the notice of a shutdown to come."""
    length = 8 + len(debug_data)
    return _frame(length >> 16, length & 0xFFFF, _GOAWAY, 0, 0, last_stream_id, error_code) + debug_data
