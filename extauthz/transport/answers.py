"""What goes back to a client: header blocks, and the messages' prefix."""

from struct import Struct

from extauthz.transport.status import CallError, Status

Headers = tuple[tuple[bytes, bytes], ...]

CONTENT_TYPE = (b"content-type", b"application/grpc")
ACCEPTED_ENCODINGS = (b"grpc-accept-encoding", b"identity, deflate, gzip")
RESPONSE_HEAD: Headers = ((b":status", b"200"), CONTENT_TYPE)
"""The headers before the first message of any answer. Constant, so that HPACK makes two bytes of them."""
OK_TRAILERS: Headers = ((b"grpc-status", b"0"),)
LARGEST_STATUS_MESSAGE = 512
"""Characters of ``grpc-message`` that are sent: enough for any sentence from here."""

pack_prefix = Struct(">BI").pack
"""``pack_prefix(compressed, length)``: the five bytes before each message."""


def trailers(error: CallError) -> Headers:
    """Return the trailers that end a call with an error after its headers were sent."""
    return (
        (b"grpc-status", str(int(error.status)).encode()),
        (b"grpc-message", percent_encoded(error.message)),
    )


def trailers_only(error: CallError) -> Headers:
    """Return headers and trailers in one block, for a call that fails before any message (gRPC: Trailers-Only)."""
    extra = (ACCEPTED_ENCODINGS,) if error.status is Status.UNIMPLEMENTED else ()
    return (*RESPONSE_HEAD, *extra, *trailers(error))


def http_error(status: int, *more: tuple[bytes, bytes]) -> Headers:
    """Return the headers of an answer to what is not gRPC at all."""
    return ((b":status", str(status).encode()), (b"content-length", b"0"), *more)


def percent_encoded(message: str) -> bytes:
    """Encode ``grpc-message``: bytes outside of 0x20-0x7E and the percent sign become ``%XX`` (gRPC over HTTP/2)."""
    raw = message[:LARGEST_STATUS_MESSAGE].encode(errors="replace")
    return b"".join(b"%c" % byte if _LEAST <= byte <= _MOST and byte != _PERCENT else b"%%%02X" % byte for byte in raw)


_LEAST, _MOST, _PERCENT = 0x20, 0x7E, 0x25
