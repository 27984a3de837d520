"""A server that is slow, broken or lying: each time one failure with its name, in time, in flat memory."""

import contextlib
import io
import socket
import tempfile
import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extauthz.refresh.fetch_connection import MAX_HEAD
from extauthz.refresh.http_fetch import Fetcher, FetchError, FetchLimits, FetchResult, Validators
from support import http_answers as answers
from support.http_answers import Answer
from support.http_server import Exchange, HttpServer

CRL = bytes(range(256)) * 40
CHUNKED = answers.head(200, [("Transfer-Encoding", "chunked")])
LIMITS = FetchLimits(timeout=10, connect_timeout=2, max_bytes=1 << 20)


def refused(server: HttpServer, answer: Answer, *, within: FetchLimits = LIMITS) -> tuple[FetchResult, str]:
    server.behave("/ca.crl", answer)
    with pytest.raises(FetchError) as caught:
        Fetcher(within).fetch(server.url("/ca.crl"), Validators(), io.BytesIO())
    return caught.value.result, caught.value.detail


# --- time -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "answer",
    [
        answers.silent(),
        answers.raw(b"HTTP/1.1 200", close=False),
        answers.raw(answers.head(200, [("Content-Length", "9")]) + b"a", close=False),
        answers.raw(CHUNKED, close=False),
        answers.drip(answers.head(200, [("X", "y" * 5000)]), every=0.02),
        answers.drip(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000, every=0.02),
        answers.drip(answers.head(200, [("Content-Length", "5000")]) + CRL, step=100, every=0.05),
        answers.drip(CHUNKED + b"1;" + b"x" * 5000, step=60, every=0.05),
        answers.drip(CHUNKED + b"1\r\na\r\n" * 2000, step=60, every=0.05),
        answers.drip(CHUNKED + b"1\r\na\r\n0\r\n" + b"a: b\r\n" * 2000, step=60, every=0.05),
        answers.drip(answers.redirect_bytes("/ca.crl"), every=0.05),
    ],
    ids=[
        "silent", "in the status line", "in the body", "before a chunk", "drip of headers", "drip of interim answers",
        "drip of a body", "drip of a chunk's head", "drip of chunks", "drip of trailers", "drip of redirects",
    ],
)  # fmt: skip
def test_nothing_holds_a_fetch_longer_than_its_time(server: HttpServer, answer: Answer) -> None:
    start = time.monotonic()
    result, detail = refused(server, answer, within=FetchLimits(timeout=0.4, max_bytes=1 << 20))
    assert result is FetchResult.TIMEOUT
    assert "0.4 s" in detail
    assert time.monotonic() - start < 3


def test_the_time_is_that_of_all_redirects_together(server: HttpServer) -> None:
    for hop in range(3):
        server.behave(f"/{hop}", answers.slowly(0.3, answers.redirect(f"/{hop + 1}")))
    server.serve("/3", CRL)
    with pytest.raises(FetchError) as caught:
        Fetcher(FetchLimits(timeout=0.7)).fetch(server.url("/0"), Validators(), io.BytesIO())
    assert caught.value.result is FetchResult.TIMEOUT


def test_a_slow_server_that_makes_it_in_time_is_served(server: HttpServer) -> None:
    body = b"x" * 20
    server.behave(
        "/ca.crl", answers.slowly(0.1, answers.drip(answers.head(200, [("Content-Length", "20")]) + body, every=0.002))
    )
    into = io.BytesIO()
    Fetcher(LIMITS).fetch(server.url("/ca.crl"), Validators(), into)
    assert into.getvalue() == body


def test_a_name_service_that_takes_all_the_time_is_named() -> None:
    def hang(host: str, port: int, timeout: float) -> tuple[str, ...]:
        raise TimeoutError(f"looking up {host} took longer than {timeout:.3g} s")

    with pytest.raises(FetchError) as caught:
        Fetcher(LIMITS, resolve_host=hang).fetch("http://crl.example.com/", Validators(), io.BytesIO())
    assert caught.value.result is FetchResult.NAME_RESOLUTION


# --- connecting -------------------------------------------------------------------------------------------------------
def test_a_port_where_nobody_listens_is_a_failed_connection() -> None:
    with HttpServer() as gone:
        url = gone.url("/ca.crl")
    with pytest.raises(FetchError) as caught:
        Fetcher(LIMITS).fetch(url, Validators(), io.BytesIO())
    assert caught.value.result is FetchResult.CONNECT_FAILED
    assert "127.0.0.1" in caught.value.detail


def test_the_next_address_is_tried_when_one_does_not_answer(server: HttpServer) -> None:
    server.serve("/ca.crl", CRL)
    into = io.BytesIO()
    fetcher = Fetcher(LIMITS, resolve_host=lambda *_: ("127.0.0.2", "::1", "127.0.0.1"))
    fetcher.fetch(server.url("/ca.crl", host="crl.example.com"), Validators(), into)
    assert into.getvalue() == CRL


def test_a_host_that_never_accepts_is_given_up_in_connect_time() -> None:
    """A listener whose queue is full drops what else arrives, as a packet filter does."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        waiting = []
        for _ in range(4):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex(("127.0.0.1", port))
            waiting.append(client)
        start = time.monotonic()
        with pytest.raises(FetchError) as caught:
            Fetcher(FetchLimits(timeout=20, connect_timeout=0.2)).fetch(
                f"http://127.0.0.1:{port}/", Validators(), io.BytesIO()
            )
        assert caught.value.result is FetchResult.CONNECT_FAILED
        assert time.monotonic() - start < 5
        for client in waiting:
            client.close()


# --- broken connections and HTTP --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("answer", "result"),
    [
        (answers.reset(), FetchResult.NETWORK),
        (answers.reset(answers.head(200, [("Content-Length", "9")]) + b"a"), FetchResult.NETWORK),
        (answers.raw(b""), FetchResult.NETWORK),
        (answers.cut_short(CRL, 0), FetchResult.TRUNCATED),
        (answers.cut_short(CRL, len(CRL) - 1), FetchResult.TRUNCATED),
        (answers.raw(CHUNKED + b"5\r\nab"), FetchResult.TRUNCATED),
        (answers.raw(CHUNKED + b"2\r\nab"), FetchResult.TRUNCATED),
        (answers.raw(CHUNKED + b"2\r\nab\r\n"), FetchResult.TRUNCATED),
        (answers.raw(CHUNKED), FetchResult.TRUNCATED),
        (answers.raw(CHUNKED + b"-1\r\nabc\r\n0\r\n\r\n"), FetchResult.TRUNCATED),
        (answers.raw(CHUNKED + b"-5\r\nabc\r\n0\r\n\r\n"), FetchResult.MALFORMED),
        (answers.raw(CHUNKED + b"zz\r\nabc\r\n0\r\n\r\n"), FetchResult.MALFORMED),
        (answers.raw(CHUNKED + b"1\r\naxxxyz\r\n0\r\n\r\n"), FetchResult.MALFORMED),
        (answers.raw(CHUNKED + b"1;" + b"x" * 70_000 + b"\r\na\r\n0\r\n\r\n"), FetchResult.MALFORMED),
        (answers.raw(b"SSH-2.0-OpenSSH\r\n"), FetchResult.MALFORMED),
        (answers.raw(b"HTTP/1.1 abc OK\r\n\r\n"), FetchResult.MALFORMED),
        (answers.raw(b"HTTP/2.0 200 OK\r\n\r\n"), FetchResult.MALFORMED),
        (answers.raw(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n"), FetchResult.MALFORMED),
        (answers.raw(b"HTTP/1.1 200 OK\r\nno header\r\nContent-Length: 3\r\n\r\nabc"), FetchResult.MALFORMED),
        (answers.raw(answers.head(200, [("Content-Length", "many")]) + CRL), FetchResult.MALFORMED),
        (answers.raw(answers.head(200, [("Content-Length", "-1")]) + CRL), FetchResult.MALFORMED),
        (answers.raw(answers.head(200, [("Content-Length", "9" * 5000)]) + CRL), FetchResult.MALFORMED),
        (answers.content(CRL, headers=[("Content-Length", "5")]), FetchResult.MALFORMED),
        (
            answers.raw(answers.head(200, [("Transfer-Encoding", "gzip, chunked")]) + b"0\r\n\r\n"),
            FetchResult.MALFORMED,
        ),
        (answers.content(CRL, encoding="gzip"), FetchResult.MALFORMED),
        (answers.content(CRL, encoding="br"), FetchResult.ENCODING_REFUSED),
        (answers.content(CRL, encoding="gzip, gzip"), FetchResult.ENCODING_REFUSED),
        (answers.content(b""), FetchResult.EMPTY),
        (answers.content(b"", chunk=1), FetchResult.EMPTY),
        (answers.raw(answers.head(200)), FetchResult.EMPTY),
    ],
)
def test_each_way_to_fail_has_its_name(server: HttpServer, answer: Answer, result: FetchResult) -> None:
    found, detail = refused(server, answer)
    assert found is result
    assert detail
    assert detail.isprintable()
    assert len(detail) < 400


# --- size -------------------------------------------------------------------------------------------------------------
def test_a_body_at_the_limit_passes(server: HttpServer) -> None:
    server.serve("/ca.crl", CRL)
    into = io.BytesIO()
    Fetcher(FetchLimits(max_bytes=len(CRL))).fetch(server.url("/ca.crl"), Validators(), into)
    assert into.getvalue() == CRL


@pytest.mark.parametrize(
    "answer",
    [
        answers.content(CRL),
        answers.content(CRL, chunk=1000),
        answers.raw(answers.head(200) + CRL),
        answers.zipped(CRL),
        answers.bomb(8 << 20),
        answers.bomb(8 << 20, "deflate"),
        answers.endless(lambda: CRL),
    ],
    ids=["declared", "chunked", "until the end", "gzip", "gzip bomb", "deflate bomb", "endless"],
)
def test_a_body_over_the_limit_is_too_large(server: HttpServer, answer: Answer) -> None:
    result, detail = refused(server, answer, within=FetchLimits(max_bytes=len(CRL) - 1))
    assert result is FetchResult.TOO_LARGE
    assert str(len(CRL) - 1) in detail


def test_a_declared_length_over_the_limit_is_refused_without_reading(server: HttpServer) -> None:
    into = io.BytesIO()
    server.behave("/ca.crl", answers.raw(answers.head(200, [("Content-Length", "1000001")]) + CRL, close=False))
    with pytest.raises(FetchError) as caught:
        Fetcher(FetchLimits(max_bytes=1_000_000)).fetch(server.url("/ca.crl"), Validators(), into)
    assert caught.value.result is FetchResult.TOO_LARGE
    assert into.getvalue() == b""


def test_chunks_of_a_few_bytes_end_long_before_the_limit(server: HttpServer) -> None:
    result, detail = refused(server, answers.content(bytes(300_000), chunk=2), within=FetchLimits())
    assert (result, detail) == (FetchResult.MALFORMED, "the chunks are too small: 200002 bytes in 100001 of them")


def test_framing_counts_as_well(server: HttpServer) -> None:
    """One byte in each chunk: six times the body on the wire."""
    body = bytes(200_000)
    result, _ = refused(server, answers.content(body, chunk=1), within=FetchLimits(max_bytes=len(body)))
    assert result is FetchResult.TOO_LARGE


@pytest.mark.parametrize(
    "data",
    [
        answers.head(200, [(f"X-{number}", "y" * 3000) for number in range(3 * MAX_HEAD // 3000)]),
        b"HTTP/1.1 200 OK\r\n" + b"X" * (MAX_HEAD + 70_000),
        b"HTTP/1.1 100 Continue\r\n\r\n" * (MAX_HEAD // 20),
    ],
    ids=["headers", "one header", "interim answers"],
)
def test_a_head_without_end_is_refused(server: HttpServer, data: bytes) -> None:
    result, _ = refused(server, answers.raw(data, close=False))
    assert result in {FetchResult.TOO_LARGE, FetchResult.MALFORMED}


def test_a_hundred_and_one_headers_are_refused(server: HttpServer) -> None:
    result, _ = refused(server, answers.status(200, [(f"X-{number}", "y") for number in range(101)]))
    assert result is FetchResult.MALFORMED


def test_32_mb_pass_through_a_file_in_flat_memory(server: HttpServer) -> None:
    block, blocks = bytes(range(256)) * 256, 512

    def answer(exchange: Exchange) -> None:
        exchange.send(answers.head(200, [("Content-Length", str(len(block) * blocks))]))
        for _ in range(blocks):
            exchange.send(block)

    server.behave("/ca.crl", answer)
    with tempfile.TemporaryFile() as into:
        tracemalloc.start()
        try:
            Fetcher(FetchLimits()).fetch(server.url("/ca.crl"), Validators(), into)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert into.tell() == len(block) * blocks
    assert peak < 2 << 20


def test_a_bomb_is_unpacked_in_flat_memory(server: HttpServer) -> None:
    server.behave("/ca.crl", answers.bomb(64 << 20))
    with tempfile.TemporaryFile() as into:
        tracemalloc.start()
        try:
            with pytest.raises(FetchError):
                Fetcher(FetchLimits(max_bytes=32 << 20)).fetch(server.url("/ca.crl"), Validators(), into)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 2 << 20


# --- this side --------------------------------------------------------------------------------------------------------
def test_a_full_disk_has_its_own_name(server: HttpServer) -> None:
    server.serve("/ca.crl", CRL)
    with Path("/dev/full").open("wb", buffering=0) as full, pytest.raises(FetchError) as caught:
        Fetcher(LIMITS).fetch(server.url("/ca.crl"), Validators(), full)
    assert caught.value.result is FetchResult.STORAGE


def test_every_connection_is_closed_in_the_end(server: HttpServer) -> None:
    """Pytest turns a socket that is left open (ResourceWarning) into a failure; this looks from the other side."""
    for answer in (answers.content(CRL), answers.status(503), answers.redirect("ftp://x/"), answers.raw(b"x\r\n\r\n")):
        server.behave("/ca.crl", answer)
        with contextlib.suppress(FetchError):
            Fetcher(LIMITS).fetch(server.url("/ca.crl"), Validators(), io.BytesIO())
    server.wait_for("/ca.crl", 4)
    server.wait_until_idle()


LINES = [
    b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.1 302 Found\r\n",
    b"HTTP/1.1 100 Continue\r\n",
    b"HTTP/1.0 200\r\n",
    b"Content-Length: 3\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Content-Encoding: gzip\r\n",
    b"Content-Type: multipart/mixed\r\n",
    b"Location: /\r\n",
    b"Location: //\xff\r\n",
    b'ETag: "\xe9"\r\n',
    b" folded\r\n",
    b"\x00: \x00\r\n",
    b"\r\n",
    b"3\r\nabc\r\n",
    b"-3\r\n",
    b"0\r\n\r\n",
    b"abc",
]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200) | st.lists(st.sampled_from(LINES), max_size=8).map(b"".join))
def test_whatever_a_server_says_a_fetch_succeeds_or_raises_its_one_error(server: HttpServer, data: bytes) -> None:
    server.behave("/ca.crl", answers.raw(data))
    server.behave("/", answers.raw(data))
    detail = ""
    try:
        Fetcher(LIMITS).fetch(server.url("/ca.crl"), Validators('"x"'), io.BytesIO())
    except FetchError as error:
        detail = error.detail
    assert detail.isprintable()
