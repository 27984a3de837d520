"""Reads requests out of a client's bytes. The parser is llhttp, that of Node.js, in its strict mode."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Final, NamedTuple, NoReturn

import httptools

from extauthz.transport.cause import Cause
from extauthz.transport.http1.limits import BODY_BYTES, HEAD_BYTES, HEADER_COUNT
from extauthz.transport.http1.pieces import Pieces
from extauthz.transport.http1.request_line import RequestLine

_VERSIONS: Final = ("1.0", "1.1")
"""The parser also takes HTTP/0.9, which has no headers."""


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
        self,
        *,
        begin: Callable[[], None],
        head: Callable[[Request], None],
        take: Callable[[Request, bool, bool], None],
        expect: Callable[[], None],
    ) -> None:
        """``begin()`` is told that a request begins, ``head(request)`` of one whose body is still to come.

        ``take(request, keep_alive, is_1_0)`` is told that one is whole, ``expect()`` of one that awaits a go-ahead.
        """
        self._begin = begin
        self._head = head
        self._take = take
        self._expect = expect
        self._parser = httptools.HttpRequestParser(self)
        self._refusal: RefusedRequestError | None = None
        self._pieces = Pieces()
        self._line = RequestLine()
        self._target = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._lines = 0
        self._head_bytes = 0
        self._after_head = 0
        self._body_bytes = 0
        self._body_to_come = 0
        """Of a body whose length is known."""
        self._in_body = False
        self._ended_in_piece = False
        self.inside = False
        """Whether a request has begun and not ended."""
        self.in_head = True
        """Whether what comes next belongs to the head of a request."""

    def feed(self, data: bytes) -> None:
        """Read on. Raises RefusedRequestError."""
        at = 0
        while at < len(data):
            end = self._pieces.end(data, at, body=self._body_to_come)
            piece = data[at:end]
            at = end
            if self.in_head:
                self._line.feed(piece)
                self.inside = self.inside or not piece.isspace()  # an empty line is no beginning (RFC 9112 §2.2)
                self._head_bytes += len(piece)
                beside = self._head_bytes
            else:  # chunk sizes, their extensions and trailers: what is neither head nor body is bounded like a head
                self._after_head += len(piece)
                beside = self._after_head - self._body_bytes
            if beside - len(piece) > HEAD_BYTES:
                raise RefusedRequestError(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, Cause.HEADERS_TOO_LARGE)
            self._ended_in_piece = False
            try:
                self._parser.feed_data(piece)
            except httptools.HttpParserUpgrade:
                return  # the request was taken as the last one: what follows is another protocol, and of no interest
            except httptools.HttpParserError as error:
                raise self._refusal or RefusedRequestError(HTTPStatus.BAD_REQUEST, Cause.PROTOCOL_ERROR) from error
            if not self.in_head and not self._in_body:
                self._begin_body()

    # The parser's events.

    def on_message_begin(self) -> None:
        """Begin a request."""
        if self._ended_in_piece:  # its line was not looked at: not where the parser is as strict as it says
            self._refuse(HTTPStatus.BAD_REQUEST, Cause.PROTOCOL_ERROR)
        self.inside = self.in_head = True
        self._target = b""
        self._headers = []
        self._lines = self._after_head = self._body_bytes = self._body_to_come = 0
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
        """End the head."""
        self.in_head = False
        if not self._line.is_http or self._parser.get_http_version() not in _VERSIONS:
            self._refuse(HTTPStatus.BAD_REQUEST, Cause.PROTOCOL_ERROR)

    def on_body(self, body: bytes) -> None:
        """Throw it away."""
        self._body_bytes += len(body)
        self._body_to_come = max(0, self._body_to_come - len(body))
        if self._body_bytes > BODY_BYTES:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, Cause.REQUEST_BYTES)

    def on_message_complete(self) -> None:
        """Hand the request on."""
        self.inside = False
        self.in_head = self._ended_in_piece = True
        self._head_bytes = self._body_to_come = 0
        self._in_body = False
        self._line.begin()
        parser = self._parser
        self._take(
            Request(parser.get_method(), self._target, self._headers),
            parser.should_keep_alive() and not parser.should_upgrade(),
            parser.get_http_version() == "1.0",
        )

    def _begin_body(self) -> None:
        """See what is known of a body that is still to come, as each one is: a piece ends with the head before it."""
        self._in_body = True
        headers = dict(self._headers)
        length = headers.get(b"content-length", b"0").strip(b" \t")  # the parser takes no second one
        if not length.isdigit():
            self._refuse(HTTPStatus.BAD_REQUEST, Cause.PROTOCOL_ERROR)
        self._body_to_come = int(
            length.lstrip(b"0") or b"0"
        )  # `int` takes no more than 4,300 digits, zeros in front included
        self._head(Request(self._parser.get_method(), self._target, self._headers))
        if self._parser.get_http_version() == "1.1" and any(
            name == b"expect" and value.strip(b" \t").lower() == b"100-continue" for name, value in self._headers
        ):
            self._expect()

    def _refuse(self, status: HTTPStatus, cause: Cause) -> NoReturn:
        """End the parsing; ``feed`` then raises this."""
        self._refusal = RefusedRequestError(status, cause)
        raise self._refusal
