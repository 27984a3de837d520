"""Cuts a client's bytes so that no request begins inside a piece: the parser does not tell where one begins.

A head ends with an empty line, and so does a body in chunks, after its trailers (RFC 9112 §2.1, §7.1); the parser takes
no other ends of lines than CR LF. A body of known length ends where its length says. A cut too many does no harm.
"""

from typing import Final

EMPTY_LINE: Final = b"\r\n\r\n"
_OVERLAP: Final = len(EMPTY_LINE) - 1


class Pieces:
    """Finds the ends of the pieces of one connection, each byte looked at once, or nearly so."""

    def __init__(self) -> None:
        self._tail = b""
        """The end of the last piece, if that may be the beginning of an empty line."""

    def end(self, data: bytes, begin: int, *, body: int) -> int:
        """Return where the piece of ``data`` ends that begins at ``begin``.

        ``body``: bytes that are still to come of a body of known length; 0 outside of one.
        """
        tail, self._tail = self._tail, b""
        if body:
            return min(len(data), begin + body)
        if tail and (at := (tail + data[begin : begin + _OVERLAP]).find(EMPTY_LINE)) >= 0:
            return begin + at + len(EMPTY_LINE) - len(tail)
        at = data.find(EMPTY_LINE, begin)
        if at >= 0:
            return at + len(EMPTY_LINE)
        self._tail = (tail + data[max(begin, len(data) - _OVERLAP) :])[-_OVERLAP:]
        return len(data)
