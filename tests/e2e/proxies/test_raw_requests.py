"""What is no sound HTTP: whatever a proxy makes of it, the upstream gets nothing that nobody decided on."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from extauthz.headers import DEFAULT_PREFIX
from support import frames
from support.proxies import raw_http2
from support.proxies.cast import Cast
from support.proxies.forgeries import FORGED
from support.proxies.raw import RawClient
from support.proxies.site import Site
from support.upstream import Arrived

FORGERY = f"{DEFAULT_PREFIX}upn: {FORGED}".encode()


def request(*lines: bytes, target: bytes = b"/", method: bytes = b"GET", body: bytes = b"") -> bytes:
    return b"\r\n".join((method + b" " + target + b" HTTP/1.1", *lines, b"", body))


HOST = b"Host: localhost"
CLOSE = b"Connection: close"
SMUGGLED = b"GET /ops/x HTTP/1.1\r\nHost: localhost\r\nX-Request-Number: smuggled\r\n\r\n"
CHUNKED = b"0\r\n\r\n" + SMUGGLED
CHUNKS = b"Transfer-Encoding: chunked"
LAST_CHUNK = b"0\r\n" + FORGERY + b"\r\n\r\n"
REQUESTS = {
    "two hosts": request(HOST, b"Host: pay.example", CLOSE),
    "two hosts, the other way round": request(b"Host: pay.example", HOST, CLOSE),
    "two hosts in one header, the other way round": request(b"Host: pay.example, localhost", CLOSE),
    "two hosts in one header": request(b"Host: localhost, pay.example", CLOSE),
    "a host with user information": request(b"Host: localhost@pay.example", CLOSE),
    "a host with a path": request(b"Host: localhost/ops/x", CLOSE),
    "a host with a port that is none": request(b"Host: pay.example:x", CLOSE),
    "no host": request(CLOSE),
    "an empty host": request(b"Host:", CLOSE),
    "HTTP/1.0 without a host": b"GET / HTTP/1.0\r\n\r\n",
    "a space before the colon": request(HOST, FORGERY.replace(b":", b" :"), CLOSE),
    "a folded header": request(HOST, b"X-Folded: a", b" " + FORGERY, CLOSE),
    "a header folded with a tab": request(HOST, b"X-Folded: a", b"\t" + FORGERY, CLOSE),
    "a bare line feed": request(HOST, b"X-Line: a\n" + FORGERY, CLOSE),
    "a bare carriage return": request(HOST, b"X-Line: a\r" + FORGERY, CLOSE),
    "a NUL in a value": request(HOST, b"X-Nul: a\x00b", CLOSE),
    "a NUL in a name": request(HOST, b"X-Client-Cert\x00-Upn: " + FORGED.encode(), CLOSE),
    "a header without a name": request(HOST, b": " + FORGED.encode(), CLOSE),
    "a space in the target": request(HOST, CLOSE, target=b"/ops /x"),
    "a fragment": request(HOST, CLOSE, target=b"/x#/../ops"),
    "an encoded NUL": request(HOST, CLOSE, target=b"/ops%00/x"),
    "an encoded line feed": request(HOST, CLOSE, target=b"/x%0d%0aX-Client-Cert-Upn:%20mallory"),
    "a raw byte": request(HOST, CLOSE, target=b"/\xc3\xa9"),
    "bytes that are no UTF-8": request(HOST, CLOSE, target=b"/%ff%fe"),
    "a target without a slash": request(HOST, CLOSE, target=b"ops/x"),
    "an asterisk": request(HOST, CLOSE, method=b"OPTIONS", target=b"*"),
    "CONNECT": request(HOST, CLOSE, method=b"CONNECT", target=b"localhost:80"),
    "TRACE": request(HOST, CLOSE, method=b"TRACE"),
    "a method in lower case": request(HOST, CLOSE, method=b"delete"),
    "length and chunks": request(
        HOST, b"Content-Length: 4", b"Transfer-Encoding: chunked", method=b"POST", body=CHUNKED
    ),
    "chunks by another name": request(
        HOST, b"Content-Length: %d" % len(CHUNKED), b"Transfer-Encoding : chunked", method=b"POST", body=CHUNKED
    ),
    "chunks that are not the last coding": request(
        HOST, b"Transfer-Encoding: chunked, identity", method=b"POST", body=CHUNKED
    ),
    "trailers": request(HOST, CHUNKS, CLOSE, method=b"POST", body=b"1\r\na\r\n" + LAST_CHUNK),
    "trailers that were announced": request(
        *(HOST, CHUNKS, b"TE: trailers", b"Connection: TE, close", b"Trailer: X-Client-Cert-Upn"),
        method=b"POST",
        body=b"1\r\na\r\n" + LAST_CHUNK,
    ),
    "trailers without a body": request(HOST, CHUNKS, CLOSE, method=b"POST", body=LAST_CHUNK),
    "trailers of a GET": request(HOST, CHUNKS, CLOSE, body=b"1\r\na\r\n" + LAST_CHUNK),
    "trailers and a length": request(
        HOST, b"Content-Length: 1", CHUNKS, CLOSE, method=b"POST", body=b"1\r\na\r\n" + LAST_CHUNK
    ),
    "two lengths": request(
        HOST, b"Content-Length: 0", b"Content-Length: %d" % len(SMUGGLED), method=b"POST", body=SMUGGLED
    ),
    "a length with a sign": request(HOST, b"Content-Length: +0", method=b"POST", body=SMUGGLED),
    "GET with a body that looks like a request": request(HOST, b"Content-Length: 0", body=SMUGGLED),
    "a target of forty kilobytes": request(HOST, CLOSE, target=b"/" + b"a" * 40_000),
    "a header of forty kilobytes": request(HOST, b"X-Large: " + b"a" * 40_000, CLOSE),
    "ninety headers": request(HOST, *(b"X-Many-%d: a" % number for number in range(90)), CLOSE),
    "a thousand headers": request(HOST, *(b"X-Many-%d: a" % number for number in range(1000)), CLOSE),
}


Frames = tuple[Callable[[int], bytes], ...]
TRAILERS = frames.block([(f"{DEFAULT_PREFIX}upn".encode(), FORGED.encode())])


def body(stream: int) -> bytes:
    return frames.data(stream, b"a")


def no_body(stream: int) -> bytes:
    return frames.data(stream, b"")


def trailers(stream: int) -> bytes:
    return frames.headers(stream, TRAILERS, end=True)


LENGTH = (b"content-length", b"1")
ANNOUNCED = ((b"te", b"trailers"), (b"trailer", f"{DEFAULT_PREFIX}upn".encode()))
OVER_HTTP2: dict[str, tuple[bytes, raw_http2.Fields, Frames]] = {
    "trailers": (b"POST", (), (body, trailers)),
    "trailers that were announced": (b"POST", ANNOUNCED, (body, trailers)),
    "trailers without a body": (b"POST", (), (trailers,)),
    "trailers after an empty body": (b"POST", (), (no_body, trailers)),
    "trailers of a GET": (b"GET", (), (body, trailers)),
    "trailers of a GET without a body": (b"GET", (), (trailers,)),
    "trailers and a length": (b"POST", (LENGTH,), (body, trailers)),
    "announced trailers and a length": (b"POST", (LENGTH, *ANNOUNCED), (body, trailers)),
    "trailers and a length of zero": (b"POST", ((b"content-length", b"0"),), (trailers,)),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_the_upstream_gets_only_what_was_decided_on(site: Site, cast: Cast, name: str) -> None:
    decided_before, arrived_before = len(site.decisions()), len(site.upstream.all)
    credentials = cast.clients["alice"].credentials
    client = RawClient(site.proxy.port, server_ca=cast.pki.directory / "root.pem", credentials=credentials)
    status = client.send(REQUESTS[name])
    only_what_was_decided_on_arrived(site, status, decided_before, arrived_before)


@pytest.mark.parametrize("name", OVER_HTTP2)
def test_the_upstream_gets_only_what_was_decided_on_over_http2(site: Site, cast: Cast, name: str) -> None:
    decided_before, arrived_before = len(site.decisions()), len(site.upstream.all)
    method, fields, rest = OVER_HTTP2[name]
    server_ca, credentials = cast.pki.directory / "root.pem", cast.clients["alice"].credentials
    status = raw_http2.send(site.proxy.port, fields, *rest, server_ca=server_ca, credentials=credentials, method=method)
    only_what_was_decided_on_arrived(site, status, decided_before, arrived_before)


def only_what_was_decided_on_arrived(site: Site, status: int | None, decided_before: int, arrived_before: int) -> None:
    arrived = site.upstream.all[arrived_before:]
    decided = site.decisions()[decided_before:]
    allowed = [(one["method"], one["path"], one["host"].lower()) for one in decided if one["decision"] == "allow"]
    assert status is None or status == 200 or not arrived
    for one in arrived:
        (host,) = [value for key, value in one.headers if key.lower() == "host"]
        asked = (one.method, path_of(one), host.lower())
        assert asked in allowed, (asked, allowed)
        allowed.remove(asked)
        assert not [value for key, value in one.headers if FORGED in value and key.lower().startswith(DEFAULT_PREFIX)]
        assert not [value for _, value in one.trailers if FORGED in value]
        assert not one.target.startswith("/ops")


def path_of(arrived: Arrived) -> str:
    """Return what the decision log calls the path: UTF-8, without the query; for CONNECT, which has none, a slash."""
    return "/" if arrived.method == "CONNECT" else urlsplit(arrived.target.encode("latin-1").decode()).path
