"""Reads requests out of a client's bytes. The parser is llhttp, that of Node.js, in its strict mode."""

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Final, NamedTuple

import httptools

from extauthz.transport.cause import Cause
from extauthz.transport.http1.limits import BODY_BYTES, HEAD_BYTES, HEADER_COUNT

_VERSIONS: Final = ("1.0", "1.1")
"""The parser also takes HTTP/0.9, which has no headers."""
_OTHER_PROTOCOLS: Final = (b" RTSP/", b" ICE/")
"""What the parser takes for HTTP as well, and gives a version of without saying of what."""


class Request(NamedTuple):
    """One request, its body read and thrown away."""

    method: bytes
    target: bytes
    """As it was sent: usually path and query, undecoded."""
    headers: list[tuple[bytes, bytes]]
    """In order; names lower case."""


class RefusedRequestError(Exception):
    """No request that is taken. The connection ends with this status, as nobody knows where the next one begins."""

    def __init__(self, status: HTTPStatus, cause: Cause) -> None:
        super().__init__(status.phrase)
        self.status = status
        self.cause = cause


class RequestReader:
    """The parser's events, and the bounds on what they may add up to."""

    def __init__(
        self, begin: Callable[[], None], take: Callable[[Request, bool, bool], None], expect: Callable[[], None]
    ) -> None:
        """``begin()`` is told that a request begins, ``take(request, keep_alive, is_1_0)`` that it is whole.

        ``expect()`` is told of one that awaits a go-ahead.
        """
        self._begin = begin
        self._take = take
        self._expect = expect
        self._parser = httptools.HttpRequestParser(self)
        self._refusal: RefusedRequestError | None = None
        self._target = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._lines = 0
        self._raw: bytes | bytearray = b""
        """All that the request that comes in may stand in."""
        self._raw_begins_it = False
        """It stands at the very beginning of that."""
        self._head_bytes = 0
        self._after_head = 0
        self._body_bytes = 0
        self.inside = False
        """Whether a request has begun and not ended."""
        self.in_head = True
        """Whether what comes next belongs to the head of a request."""

    def feed(self, data: bytes) -> None:
        """Read on. Raises RefusedRequestError."""
        if self.inside and self.in_head:
            self._raw = bytearray(self._raw) if isinstance(self._raw, bytes) else self._raw
            self._raw += data
        else:
            self._raw = data
            self._raw_begins_it = not self.inside
        if self.in_head:
            self._head_bytes += len(data)
            if self._head_bytes - len(data) > HEAD_BYTES:
                raise RefusedRequestError(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, Cause.HEADERS_TOO_LARGE)
            self.inside = True
        else:
            self._after_head += len(data)
            if self._after_head - len(data) - self._body_bytes > HEAD_BYTES:
                # Chunk sizes, their extensions and trailers: what is neither head nor body is bounded like a head.
                raise RefusedRequestError(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, Cause.HEADERS_TOO_LARGE)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            pass  # the request was taken as the last one: what follows is another protocol, and of no interest
        except httptools.HttpParserError as error:
            raise self._refusal or RefusedRequestError(HTTPStatus.BAD_REQUEST, Cause.PROTOCOL_ERROR) from error
        if not self.inside:
            self._raw = b""  # a connection that waits holds on to nothing

    # The parser's events.

    def on_message_begin(self) -> None:
        """Begin a request."""
        self.inside = self.in_head = True
        self._target = b""
        self._headers = []
        self._lines = self._after_head = self._body_bytes = 0
        self._begin()

    def on_url(self, url: bytes) -> None:
        """Take a piece of the target."""
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take one header line; a trailer is counted and no more (RFC 9110 §6.5.1: it is never one of the headers)."""
        self._lines += 1
        if self.in_head:
            self._headers.append((name.lower(), value))
        if self._lines > HEADER_COUNT:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, Cause.HEADERS_TOO_LARGE)

    def on_headers_complete(self) -> None:
        """Begin the body."""
        self.in_head = False
        version = self._parser.get_http_version()
        if version not in _VERSIONS or self._is_of_another_protocol():
            self._refuse(HTTPStatus.BAD_REQUEST, Cause.PROTOCOL_ERROR)
        if version == "1.1" and any(
            name == b"expect" and value.lower() == b"100-continue" for name, value in self._headers
        ):
            self._expect()

    def on_body(self, body: bytes) -> None:
        """Throw it away."""
        self._body_bytes += len(body)
        if self._body_bytes > BODY_BYTES:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, Cause.REQUEST_BYTES)

    def on_message_complete(self) -> None:
        """Hand the request on."""
        self.inside = self._raw_begins_it = False
        self.in_head = True
        self._head_bytes = 0
        parser = self._parser
        self._take(
            Request(parser.get_method(), self._target, self._headers),
            parser.should_keep_alive() and not parser.should_upgrade(),
            parser.get_http_version() == "1.0",
        )

    def _is_of_another_protocol(self) -> bool:
        """Look at the request line itself.

        The parser does not tell where a request begins that others come before in the same read. There a request line
        of another protocol is looked for in all of it, so a header that repeats such a line is taken for it.
        """
        raw = self._raw
        if self._raw_begins_it and raw.startswith(b" HTTP/", raw.find(b" ") + 1 + len(self._target)):
            return False
        if not any(protocol in raw for protocol in _OTHER_PROTOCOLS):
            return False
        pattern = rb"%b +%b +(?:RTSP|ICE)/" % (re.escape(self._parser.get_method()), re.escape(self._target))
        return re.search(pattern, raw) is not None

    def _refuse(self, status: HTTPStatus, cause: Cause) -> None:
        """End the parsing; ``feed`` then raises this."""
        self._refusal = RefusedRequestError(status, cause)
        raise self._refusal
