"""Length-prefixed messages (gRPC over HTTP/2): put together from any number of pieces, decompressed, bounded."""

import zlib
from collections.abc import Iterator
from struct import Struct

from extauthz.transport.status import CallError, Status

PREFIX_BYTES = 5
"""One of flags, four of length."""
IDENTITY = b"identity"
WINDOW_BITS = {b"gzip": 16 + zlib.MAX_WBITS, b"deflate": zlib.MAX_WBITS}
"""The encodings that are read, as zlib knows them. gRPC's ``deflate`` is the zlib format (RFC 1950)."""

_unpack_prefix = Struct(">BI").unpack_from


class ExpandedError(CallError):
    """A compressed message holds more than is decompressed."""


class MessageReader:
    """Takes the bytes of one request as they come. Nothing past a limit is kept or decompressed."""

    def __init__(self, limit: int, expanded_limit: int, encoding: bytes = IDENTITY) -> None:
        self._limit = limit
        self._expanded_limit = expanded_limit
        self._encoding = encoding
        self._buffer = bytearray()

    @property
    def held(self) -> int:
        """Bytes that wait for the rest of their message."""
        return len(self._buffer)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take some bytes and give the messages that they complete.

        Raises CallError, early for one too long; ExpandedError for one that is too long when decompressed.
        """
        buffer = self._buffer
        buffer += data
        while len(buffer) >= PREFIX_BYTES:
            flags, length = _unpack_prefix(buffer)
            if length > self._limit:
                raise CallError(
                    Status.RESOURCE_EXHAUSTED, f"a message of {length} bytes or more; at most {self._limit}"
                )
            if flags > 1:
                raise CallError(Status.INTERNAL, f"the flags {flags} before a message are not known")
            end = PREFIX_BYTES + length
            if len(buffer) < end:
                return
            message = bytes(memoryview(buffer)[PREFIX_BYTES:end])
            del buffer[:end]
            yield self._decompressed(message) if flags else message

    def _decompressed(self, message: bytes) -> bytes:
        """Decompress one message, and not a byte more than the limit (gRPC: Compression)."""
        bits = WINDOW_BITS.get(self._encoding)
        if bits is None:
            raise CallError(Status.INTERNAL, "a message is marked as compressed, and no encoding was named")
        stream = zlib.decompressobj(bits)
        try:
            plain = stream.decompress(message, self._expanded_limit + 1)
        except zlib.error:
            raise CallError(Status.INTERNAL, "a message cannot be decompressed") from None
        if len(plain) > self._expanded_limit:
            detail = f"a compressed message of more than {self._expanded_limit} bytes"
            raise ExpandedError(Status.RESOURCE_EXHAUSTED, detail)
        if not stream.eof or stream.unused_data:
            raise CallError(Status.INTERNAL, "a compressed message does not end where it says")
        return plain
