"""Answers as HTTP/1.1 has them on the wire (RFC 9112)."""

from http import HTTPStatus
from typing import Final, NamedTuple

CLOSE: Final = b"connection: close\r\n"
KEPT: Final = b"connection: keep-alive\r\n"
"""For a client of HTTP/1.0 that asked for it; to others it goes without saying."""
CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"

_LINES: Final = {int(one): f"HTTP/1.1 {one} {one.phrase}\r\n".encode() for one in HTTPStatus}


class Reply(NamedTuple):
    """What is answered to one request."""

    status: int
    fields: bytes
    """Header lines, each with its end (CRLF); without ``content-length`` and ``connection``."""
    body: bytes
    stays: bool = False
    """Whoever asked may ask: the connection is kept. Else it ends with this answer."""


def reply_bytes(reply: Reply, connection: bytes, *, bodiless: bool) -> bytes:
    """Serialise a reply. ``connection`` is its ``connection`` line or nothing; ``bodiless``: it answers a HEAD."""
    status, fields, body, _ = reply
    length = b"content-length: %d\r\n\r\n" % len(body)
    return b"".join((_LINES[status], fields, connection, length, b"" if bodiless else body))


def bare_reply(status: HTTPStatus) -> Reply:
    """Return what whoever cannot be answered gets: the status in words, and no more."""
    return Reply(int(status), b"content-type: text/plain; charset=utf-8\r\n", status.phrase.lower().encode() + b"\n")
