"""The end of a request line, which names the protocol.

The parser also takes RTSP and ICE, and gives their version without saying of what.
"""

from typing import Final

_ENDS: Final = (b" HTTP/1.1\r", b" HTTP/1.0\r")
_KEPT: Final = len(_ENDS[0])


class RequestLine:
    """The last bytes of one, whatever its length and the pieces that it comes in."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Forget the one before."""
        self._end = b""
        self._whole = False

    def feed(self, piece: bytes) -> None:
        """Take bytes of a head, in order and from its beginning; empty lines may come before (RFC 9112 §2.2)."""
        if self._whole:
            return
        if not self._end:
            piece = piece.lstrip(b"\r\n")
        at = piece.find(b"\n")
        self._whole = at >= 0
        stop = at if at >= 0 else len(piece)
        if stop >= _KEPT:
            self._end = piece[stop - _KEPT : stop]
        else:
            self._end = (self._end + piece[:stop])[-_KEPT:]

    @property
    def is_http(self) -> bool:
        """Whether it ends with HTTP/1.0 or HTTP/1.1."""
        return self._whole and self._end in _ENDS
