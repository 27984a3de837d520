"""What a load generator needs of HTTP/2 (RFC 9113) and HPACK (RFC 7541): fixed requests out, few kinds of frames in.

A general library would cost the generator as much for each request as the fastest server pays. So requests are bytes
made beforehand with only the stream's number put in, and header blocks of answers, of which there are few different
ones, are decoded once each: ``SETTINGS_HEADER_TABLE_SIZE`` 0 makes a block mean the same wherever it stands.
"""

import struct
from collections.abc import Mapping, Sequence
from typing import Final

import hpack

PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
FRAME_HEAD: Final = struct.Struct(">IBI")
"""Length and type in one number, flags, stream: RFC 9113 §4.1, nine octets."""
STREAM: Final = struct.Struct(">I")
END_STREAM: Final = 0x1
ACK: Final = 0x1
END_HEADERS: Final = 0x4
PADDED: Final = 0x8
DEFAULT_WINDOW: Final = 65_535
DEFAULT_TABLE: Final = 4_096
LARGEST_WINDOW: Final = (1 << 31) - 1
LARGEST_FRAME: Final = 16_384
"""Octets that every peer takes in one frame (RFC 9113 §4.2)."""
STREAM_WINDOW: Final = 1 << 24
_FIRST_DYNAMIC: Final = 62
"""RFC 7541 §2.3.3: the newest entry of the dynamic table."""
_ENTRY_OVERHEAD: Final = 32
"""RFC 7541 §4.1."""


# Frame types (RFC 9113 §6). Plain numbers: they are compared several times for each answer.
DATA: Final = 0
HEADERS: Final = 1
RST_STREAM: Final = 3
SETTINGS: Final = 4
PING: Final = 6
GOAWAY: Final = 7
WINDOW_UPDATE: Final = 8

# Settings (RFC 9113 §6.5.2).
HEADER_TABLE_SIZE: Final = 1
ENABLE_PUSH: Final = 2
MAX_CONCURRENT_STREAMS: Final = 3
INITIAL_WINDOW_SIZE: Final = 4

Headers = Sequence[tuple[bytes, bytes]]


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """Return one frame."""
    return FRAME_HEAD.pack(len(payload) << 8 | kind, flags, stream) + payload


def opening() -> bytes:
    """Return what a client says first: the preface, its settings, and room for all answers."""
    settings = {HEADER_TABLE_SIZE: 0, ENABLE_PUSH: 0, INITIAL_WINDOW_SIZE: STREAM_WINDOW}
    payload = b"".join(struct.pack(">HI", *pair) for pair in settings.items())
    return PREFACE + frame(SETTINGS, 0, 0, payload) + more_room(LARGEST_WINDOW - DEFAULT_WINDOW)


def more_room(octets: int) -> bytes:
    """Return a WINDOW_UPDATE for the connection."""
    return frame(WINDOW_UPDATE, 0, 0, STREAM.pack(octets))


def read_settings(payload: bytes) -> Mapping[int, int]:
    """Return the settings of a SETTINGS frame."""
    return dict(struct.iter_unpack(">HI", payload))


def decode_block(block: bytes) -> Mapping[bytes, bytes]:
    """Decode a header block that refers to no dynamic table. Raises ``hpack.HPACKError`` for any other."""
    decoder = hpack.Decoder()
    decoder.max_allowed_table_size = 0
    decoder.header_table_size = 0
    return {bytes(name): bytes(value) for name, value in decoder.decode(block, raw=True)}


class RequestHead:
    """The header block of a request that is sent again and again.

    The first one on a connection fills the server's table, the others refer to it, as a real proxy's do.
    """

    def __init__(self, headers: Headers) -> None:
        self._filling = b"".join(b"\x40" + _string(name) + _string(value) for name, value in headers)
        last = _FIRST_DYNAMIC + len(headers) - 1
        self._referring = b"".join(_integer(last - number, 7, 0x80) for number in range(len(headers)))
        # A table of size 0 is announced first; what follows is a literal each time.
        self._plain = b"\x20" + b"".join(b"\x00" + _string(name) + _string(value) for name, value in headers)
        self._table = sum(len(name) + len(value) + _ENTRY_OVERHEAD for name, value in headers)

    def blocks(self, table_size: int) -> tuple[bytes, bytes]:
        """Return the first block on a connection and every other, for a server with a table of this size."""
        return (self._filling, self._referring) if table_size >= self._table else (self._plain, self._plain)


def head_of_frame(kind: int, flags: int, length: int) -> bytes:
    """Return the head of a frame without the stream's number, which follows it."""
    return FRAME_HEAD.pack(length << 8 | kind, flags, 0)[:5]


def _string(text: bytes) -> bytes:
    return _integer(len(text), 7, 0) + text


def _integer(value: int, bits: int, first: int) -> bytes:
    """Encode an integer with a prefix of so many bits (RFC 7541 §5.1)."""
    limit = (1 << bits) - 1
    if value < limit:
        return bytes((first | value,))
    octets = [first | limit]
    value -= limit
    while value >= 1 << 7:
        octets.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*octets, value))
