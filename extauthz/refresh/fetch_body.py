"""The body of a response on its way to a file: decompressed, bounded before and after, checked for its end.

The decompression is the standard library's, driven here and not in urllib3: that one takes a gzip stream which stops
in the middle for a whole one, ignores garbage behind it, and reads any encoding that it does not know as deflate.
"""

import zlib
from typing import BinaryIO, Final

from extauthz.model.quoted import quoted
from extauthz.refresh.fetch_result import FetchError, FetchResult

_WINDOWS: Final = {"gzip": 31, "x-gzip": 31, "deflate": 15}
"""What zlib calls the format: 16 + 15 is gzip (RFC 1952), 15 is zlib, which is what HTTP calls deflate (RFC 9110)."""
_STEP: Final = 64 * 1024
"""Bytes of decompressed data at once, whatever the data would like to become."""


class BodyWriter:
    """Takes the content as it is on the wire (after the transfer coding) and writes what it means."""

    def __init__(self, into: BinaryIO, encoding: str | None, max_bytes: int) -> None:
        coding = (encoding or "identity").strip().lower()
        if coding != "identity" and coding not in _WINDOWS:
            # Among them lists of codings: applied twice, a small bomb becomes a big one.
            raise FetchError(FetchResult.ENCODING_REFUSED, f"Content-Encoding {quoted(coding)} is not read here")
        self._into = into
        self._coding = coding
        self._inflater = zlib.decompressobj(_WINDOWS[coding]) if coding in _WINDOWS else None
        self._max_bytes = max_bytes
        self._received = 0
        self._written = 0

    def write(self, data: bytes) -> None:
        """Take a piece. ``FetchError`` says why not."""
        self._received += len(data)
        self._bound(self._received, "the body")
        if self._inflater is None:
            self._store(data)
            return
        while data:
            if self._inflater.eof:
                raise FetchError(FetchResult.MALFORMED, f"there is data after the end of the {self._coding} stream")
            try:
                plain = self._inflater.decompress(data, _STEP)
            except zlib.error as error:
                raise FetchError(FetchResult.MALFORMED, f"the body is no {self._coding}: {error}") from None
            self._store(plain)
            data = self._inflater.unconsumed_tail or self._inflater.unused_data

    def finish(self) -> None:
        """Say that there is no more. ``FetchError`` when that cannot be the end."""
        if self._received == 0:
            raise FetchError(FetchResult.EMPTY, "the body is empty")
        if self._inflater is not None and not self._inflater.eof:
            raise FetchError(FetchResult.TRUNCATED, f"the {self._coding} stream ends before its end")
        if self._written == 0:
            raise FetchError(FetchResult.EMPTY, f"the body is empty after {self._coding}")

    def _store(self, plain: bytes) -> None:
        self._written += len(plain)
        self._bound(self._written, f"the body, unpacked from {self._coding},")
        try:
            self._into.write(plain)
        except OSError as error:
            raise FetchError(FetchResult.STORAGE, f"writing what was fetched failed: {error}") from None

    def _bound(self, size: int, what: str) -> None:
        if size > self._max_bytes:
            raise FetchError(FetchResult.TOO_LARGE, f"{what} is longer than {self._max_bytes} bytes")
