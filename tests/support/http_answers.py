"""Ways to answer a request, right and wrong: what ``HttpServer.behave`` is given.

An answer is a function of an ``Exchange``; one keyword or function each kind of misbehaviour.
"""

import gzip
import hashlib
import itertools
import threading
import zlib
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from support.http_server import Exchange

Answer = Callable[["Exchange"], None]
"""Writes an answer to an exchange."""

DATE = "Mon, 02 Nov 2026 10:00:00 GMT"
"""A Last-Modified value."""


def head(code: int, headers: Iterable[tuple[str, str]] = ()) -> bytes:
    """Return a status line and headers, with the empty line that ends them."""
    lines = [f"HTTP/1.1 {code} Because", *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("latin-1")


def etag_of(body: bytes) -> str:
    """Return the ETag that ``content`` gives to bytes."""
    return f'"{hashlib.sha256(body).hexdigest()[:20]}"'


def content(
    body: bytes,
    *,
    etag: str | None = "",
    last_modified: str | None = None,
    encoding: str | None = None,
    chunk: int | None = None,
    headers: Iterable[tuple[str, str]] = (),
) -> Answer:
    """Answer 200 with these bytes as they are, or 304 to who has the ETag, or else the date.

    An empty ``etag`` is made of the body, None sends none. ``encoding`` only names one. ``chunk`` sends chunks of so
    many bytes instead of a Content-Length.
    """
    tag = etag_of(body) if etag == "" else etag
    fields = [("Content-Type", "application/pkix-crl"), *headers]
    if tag is not None:
        fields.append(("ETag", tag))
    if last_modified is not None:
        fields.append(("Last-Modified", last_modified))
    if encoding is not None:
        fields.append(("Content-Encoding", encoding))

    def answer(exchange: "Exchange") -> None:
        known_tag, known_date = exchange.request.header("if-none-match"), exchange.request.header("if-modified-since")
        if (tag is not None and known_tag == tag) or (
            known_tag is None and last_modified is not None and known_date == last_modified
        ):
            exchange.send(head(304, fields))
        elif chunk is None:
            exchange.send(head(200, [*fields, ("Content-Length", str(len(body)))]) + body)
        else:
            exchange.send(head(200, [*fields, ("Transfer-Encoding", "chunked")]))
            exchange.send(b"".join(map(one_chunk, pieces(body, chunk))) + one_chunk(b""))

    return answer


def status(code: int, headers: Sequence[tuple[str, str]] = (), body: bytes = b"no\n") -> Answer:
    """Answer with a status code, a few words and whatever headers."""
    if code == 304:  # it has no body (RFC 9110 §15.4.5)
        return lambda exchange: exchange.send(head(code, headers))
    return lambda exchange: exchange.send(head(code, [*headers, ("Content-Length", str(len(body)))]) + body)


def redirect(location: str, code: int = 302) -> Answer:
    """Answer with a redirect to anywhere."""
    return status(code, [("Location", location)])


def redirect_bytes(location: str, code: int = 302) -> bytes:
    """Return a redirect as it is on the wire."""
    return head(code, [("Location", location), ("Content-Length", "0")])


def in_turn(*answers: Answer) -> Answer:
    """Answer each request by the next one of these; the last one stays."""
    order, lock = itertools.chain(answers, itertools.repeat(answers[-1])), threading.Lock()

    def answer(exchange: "Exchange") -> None:
        with lock:
            chosen = next(order)
        chosen(exchange)

    return answer


def raw(data: bytes, *, close: bool = True) -> Answer:
    """Send these bytes for an answer, whatever they are, and close (or leave the connection open, saying no more)."""

    def answer(exchange: "Exchange") -> None:
        exchange.send(data)
        if close:
            exchange.close()

    return answer


def drip(data: bytes, *, step: int = 1, every: float = 0.05) -> Answer:
    """Send these bytes (head included) a few at a time, pausing before each."""

    def answer(exchange: "Exchange") -> None:
        for piece in pieces(data, step):
            exchange.pause(every)
            exchange.send(piece)

    return answer


def slowly(seconds: float, then: Answer) -> Answer:
    """Wait, then answer."""

    def answer(exchange: "Exchange") -> None:
        exchange.pause(seconds)
        then(exchange)

    return answer


def silent() -> Answer:
    """Read the request and never answer; the connection stays open."""
    return slowly(3600, status(503))


def reset(after: bytes = b"") -> Answer:
    """Send these bytes, then break the connection."""

    def answer(exchange: "Exchange") -> None:
        if after:
            exchange.send(after)
            exchange.pause(0.05)  # a reset drops what the client has not read yet
        exchange.reset()

    return answer


def cut_short(body: bytes, sent: int) -> Answer:
    """Promise the whole body by Content-Length, send ``sent`` bytes of it, and close."""
    return raw(head(200, [("Content-Length", str(len(body)))]) + body[:sent])


def zipped(body: bytes) -> Answer:
    """Answer 200 with gzip and a truthful Content-Encoding."""
    return content(gzip.compress(body), encoding="gzip")


def bomb(size: int, encoding: str = "gzip") -> Answer:
    """Answer with a small body that becomes ``size`` zero bytes when it is decompressed (gzip or deflate)."""
    wide = zlib.compressobj(9, zlib.DEFLATED, 31 if encoding == "gzip" else 15)
    block = bytes(1 << 20)
    packed = b"".join([wide.compress(block) for _ in range(size >> 20)] + [wide.flush()])
    return content(packed, encoding=encoding)


def endless(make: Callable[[], bytes]) -> Answer:
    """Send a head without a length, then pieces for as long as the client reads."""

    def answer(exchange: "Exchange") -> None:
        exchange.send(head(200, [("Connection", "close")]))
        while True:
            exchange.send(make())

    return answer


def pieces(data: bytes, size: int) -> Iterable[bytes]:
    """Cut bytes into pieces."""
    return (data[start : start + size] for start in range(0, len(data), size))


def one_chunk(data: bytes) -> bytes:
    """Return one chunk of the chunked transfer coding; of nothing, the last one."""
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"
