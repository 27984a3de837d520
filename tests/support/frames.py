"""HTTP/2 frames as bytes (RFC 9113), valid or not, and the frames that some bytes hold."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

HEAD_BYTES: Final = 9
"""Before the payload of each frame."""

DATA: Final = 0
HEADERS: Final = 1
PRIORITY: Final = 2
RST_STREAM: Final = 3
SETTINGS: Final = 4
PUSH_PROMISE: Final = 5
PING: Final = 6
GOAWAY: Final = 7
WINDOW_UPDATE: Final = 8
CONTINUATION: Final = 9

END_STREAM: Final = 0x1
ACK: Final = 0x1
END_HEADERS: Final = 0x4
PADDED: Final = 0x8

Fields = Iterable[tuple[bytes, bytes]]


class Frame(NamedTuple):
    """One frame."""

    type: int
    flags: int
    stream_id: int
    payload: bytes


def frame(type_: int, flags: int, stream_id: int, payload: bytes = b"") -> bytes:
    """Return any frame, with the length that its payload has."""
    return len(payload).to_bytes(3, "big") + bytes((type_, flags)) + stream_id.to_bytes(4, "big") + payload


def split(data: bytes) -> list[Frame]:
    """Take whole frames apart. Fails when there is more or less."""
    found = []
    while data:
        length = int.from_bytes(data[:3], "big")
        end = HEAD_BYTES + length
        assert len(data) >= end, "not a whole frame"
        found.append(Frame(data[3], data[4], int.from_bytes(data[5:HEAD_BYTES], "big"), data[HEAD_BYTES:end]))
        data = data[end:]
    return found


def whole(data: bytes) -> int:
    """Return how many bytes at the beginning are whole frames."""
    end = 0
    while len(data) - end >= HEAD_BYTES:
        following = end + HEAD_BYTES + int.from_bytes(data[end : end + 3], "big")
        if following > len(data):
            break
        end = following
    return end


def settings(values: Mapping[int, int] | None = None) -> bytes:
    """Return a SETTINGS frame."""
    pairs = (values or {}).items()
    return frame(SETTINGS, 0, 0, b"".join(key.to_bytes(2, "big") + value.to_bytes(4, "big") for key, value in pairs))


def settings_ack() -> bytes:
    """Return the acknowledgement of a SETTINGS frame."""
    return frame(SETTINGS, ACK, 0)


def data(stream_id: int, content: bytes, *, end: bool = False, padding: int | None = None) -> bytes:
    """Return a DATA frame, padded with so many bytes if any."""
    return frame(DATA, end * END_STREAM | _padded(padding), stream_id, _pad(content, padding))


def headers(
    stream_id: int, block: bytes, *, end: bool = False, whole: bool = True, padding: int | None = None
) -> bytes:
    """Return a HEADERS frame with some header block; ``whole``: no CONTINUATION follows."""
    flags = end * END_STREAM | whole * END_HEADERS | _padded(padding)
    return frame(HEADERS, flags, stream_id, _pad(block, padding))


def continuation(stream_id: int, block: bytes, *, whole: bool) -> bytes:
    """Return a CONTINUATION frame."""
    return frame(CONTINUATION, whole * END_HEADERS, stream_id, block)


def rst_stream(stream_id: int, code: int = 8) -> bytes:
    """Return an RST_STREAM frame, with CANCEL unless told otherwise."""
    return frame(RST_STREAM, 0, stream_id, code.to_bytes(4, "big"))


def ping(content: bytes = bytes(8), *, ack: bool = False) -> bytes:
    """Return a PING frame."""
    return frame(PING, ack * ACK, 0, content)


def goaway(code: int = 0, *, last_stream_id: int = 0, debug: bytes = b"") -> bytes:
    """Return a GOAWAY frame."""
    return frame(GOAWAY, 0, 0, last_stream_id.to_bytes(4, "big") + code.to_bytes(4, "big") + debug)


def window_update(stream_id: int, increment: int) -> bytes:
    """Return a WINDOW_UPDATE frame."""
    return frame(WINDOW_UPDATE, 0, stream_id, increment.to_bytes(4, "big"))


def block(fields: Fields) -> bytes:
    """Return a header block that needs no table: literal fields without indexing or Huffman code (RFC 7541, 6.2.2)."""
    return b"".join(b"\0" + _text(name) + _text(value) for name, value in fields)


def indexed_literal(name: bytes, value: bytes) -> bytes:
    """Return a field that goes into the dynamic table (RFC 7541, 6.2.1)."""
    return b"\x40" + _text(name) + _text(value)


def table_size(size: int) -> bytes:
    """Return an update of the dynamic table's size (RFC 7541, 6.3)."""
    encoded = _integer(size, 5)
    return bytes((encoded[0] | 0x20,)) + encoded[1:]


def message(content: bytes, *, flags: int = 0) -> bytes:
    """Return one length-prefixed message of gRPC."""
    return bytes((flags,)) + len(content).to_bytes(4, "big") + content


def _text(content: bytes) -> bytes:
    return _integer(len(content), 7) + content


def _integer(value: int, prefix_bits: int) -> bytes:
    """Encode an integer (RFC 7541, section 5.1); the bits before the prefix are 0."""
    most = (1 << prefix_bits) - 1
    if value < most:
        return bytes((value,))
    encoded = bytearray((most,))
    value -= most
    while value >= 128:
        encoded.append(value % 128 + 128)
        value //= 128
    return bytes((*encoded, value))


def _padded(padding: int | None) -> int:
    return 0 if padding is None else PADDED


def _pad(content: bytes, padding: int | None) -> bytes:
    return content if padding is None else bytes((padding,)) + content + bytes(padding)
