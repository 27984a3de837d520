"""Connections of the HTTP listener: kept, bounded, ended in order, and none feels another's end."""

import signal
from contextlib import ExitStack, suppress

import pytest

from extauthz.transport.cause import Cause
from extauthz.transport.http1.limits import HEAD_BYTES
from support.http_proxy import ORIGINAL, HttpProxy, certificate_of, http_listener, nothing_else_logged
from support.service import RealService, eventually
from support.service_site import Site, StartService

FILES = 300
"""Of which 128 are spared for other things than connections."""


def counted(service: RealService, cause: Cause) -> bool | None:
    return True if service.metric("extauthz_transport_closed_total", cause=cause) else None


def test_a_connection_is_kept_for_many_questions(start: StartService, site: Site) -> None:
    service = start(listen=http_listener())
    certificate = certificate_of(site, "alice")
    with HttpProxy(service.http_address) as proxy:
        assert [proxy.ask(*certificate).status for _ in range(50)] == [200] * 50
        assert service.metric("extauthz_transport_connections") == 1


def test_questions_may_follow_one_another_without_waiting(start: StartService, site: Site) -> None:
    service = start(listen=http_listener())
    lines = [f"{name}: {value}" for name, value in (*ORIGINAL, *certificate_of(site, "alice"))]
    head = "\r\n".join(["GET /check HTTP/1.1", *lines, "", ""])
    with HttpProxy(service.http_address) as proxy:
        proxy.say(head.encode() * 20)
        assert [proxy.answer().status for _ in range(20)] == [200] * 20


SMUGGLED = b"POST /check HTTP/1.1\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"


@pytest.mark.parametrize(
    ("said", "status", "cause"),
    [
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, Cause.PROTOCOL_ERROR),
        (b"GET /check RTSP/1.0\r\nx-original-uri: /\r\n\r\n", 400, Cause.PROTOCOL_ERROR),
        (SMUGGLED + b"GET /check HTTP/1.1\r\n\r\n", 400, Cause.PROTOCOL_ERROR),
        (b"GET /check HTTP/1.1\r\nx: " + b"y" * (HEAD_BYTES + (1 << 16)), 431, Cause.HEADERS_TOO_LARGE),
    ],
    ids=["http/2", "rtsp", "smuggled", "large head"],
)
def test_what_is_no_request_ends_its_connection_and_no_other(
    said: bytes, status: int, cause: Cause, start: StartService, site: Site
) -> None:
    service = start(listen=http_listener())
    certificate = certificate_of(site, "alice")
    with HttpProxy(service.http_address) as good, HttpProxy(service.http_address) as bad:
        assert good.ask(*certificate).status == 200
        bad.say(said)
        rest = bad.rest()
        assert rest.startswith(b"HTTP/1.1 %d " % status)
        assert rest.count(b"HTTP/1.1 ") == 1, "whatever came behind it is answered by nobody"
        assert good.ask(*certificate).status == 200
    eventually(lambda: counted(service, cause), f"{cause} being counted")
    assert nothing_else_logged(service, site, 2)


def test_an_endless_trailer_is_ended_and_stalls_nobody(start: StartService, site: Site) -> None:
    service = start(listen=http_listener())
    certificate = certificate_of(site, "alice")
    with HttpProxy(service.http_address) as good, HttpProxy(service.http_address) as bad:
        assert good.ask(*certificate).status == 200
        bad.say(b"POST /check HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n0\r\nx: ")
        with suppress(ConnectionError):
            for _ in range(512):  # 32 MiB, which took half a minute to read when nothing bounded it
                bad.say(b"a" * (1 << 16))
        assert good.ask(*certificate).status == 200
        eventually(lambda: counted(service, Cause.HEADERS_TOO_LARGE), "the trailer being counted")


def test_strangers_leave_room_for_those_who_may_ask(site: Site) -> None:
    """The service may open so few files that 200 connections are more than it has room for."""
    site.write(listen=http_listener(callers={"addresses": ["127.0.0.1"]}))
    service = RealService(site.path)
    service.command = ("/bin/sh", "-c", f'ulimit -n {FILES}; exec "$@"', "sh", *service.command)
    certificate = certificate_of(site, "alice")
    with service, ExitStack() as strangers:
        for _ in range(200):
            strangers.enter_context(HttpProxy(service.http_address, source="127.0.0.2"))

        def let_in() -> bool | None:
            with suppress(OSError, AssertionError), HttpProxy(service.http_address) as proxy:
                return True if proxy.ask(*certificate).status == 200 else None
            return None  # while the last strangers are being sent away

        eventually(let_in, "room for a proxy")
        eventually(lambda: counted(service, Cause.TOO_MANY_CONNECTIONS), "strangers being counted")


def test_an_old_connection_is_told_to_end(start: StartService, site: Site) -> None:
    service = start(listen=http_listener(max_connection_age="1s"))
    certificate = certificate_of(site, "alice")
    with HttpProxy(service.http_address) as proxy:

        def told() -> bool | None:
            answer = proxy.ask(*certificate)
            assert answer.status == 200
            return True if answer.headers.get("connection") == "close" else None

        eventually(told, "`connection: close`")
        assert proxy.rest() == b""


def test_a_silent_connection_ends(start: StartService) -> None:
    service = start(listen=http_listener(idle_timeout="1s"))
    with HttpProxy(service.http_address) as proxy:
        assert proxy.rest() == b""
    eventually(lambda: counted(service, Cause.IDLE), "an idle connection being counted")


def test_the_end_of_the_service_is_the_end_of_idle_connections(start: StartService, site: Site) -> None:
    service = start(listen=http_listener())
    with HttpProxy(service.http_address) as idle:
        assert idle.ask(*certificate_of(site, "alice")).status == 200
        service.signal(signal.SIGTERM)
        assert idle.rest() == b""
        assert service.wait() == 0


def test_a_question_on_its_way_is_answered_before_the_end(start: StartService, site: Site) -> None:
    service = start(listen=http_listener())
    with HttpProxy(service.http_address) as proxy:
        proxy.say(b"GET /check HTTP/1.1\r\n")
        eventually(lambda: service.metric("extauthz_transport_connections") or None, "the connection")
        service.signal(signal.SIGTERM)
        service.event("draining")
        lines = [f"{name}: {value}" for name, value in (*ORIGINAL, *certificate_of(site, "alice"))]
        proxy.say("\r\n".join([*lines, "", ""]).encode())
        last = proxy.answer()
    assert (last.status, last.headers["connection"]) == (200, "close")
    assert service.wait() == 0


def test_proxies_are_sent_away_before_the_end(start: StartService, site: Site) -> None:
    service = start(listen=http_listener(), shutdown={"drain_delay": "1s", "grace": "5s"})
    certificate = certificate_of(site, "alice")
    with HttpProxy(service.http_address) as proxy:
        assert "connection" not in proxy.ask(*certificate).headers
        service.signal(signal.SIGTERM)
        service.event("draining")
        last = proxy.ask(*certificate)
        assert (last.status, last.headers["connection"]) == (200, "close")
    with HttpProxy(service.http_address) as late:
        assert late.ask(*certificate).status == 200
    assert service.wait() == 0


def test_several_workers_share_the_address(start: StartService, site: Site) -> None:
    service = start(listen=http_listener(), workers=2)
    certificate = certificate_of(site, "alice")
    for _ in range(20):
        with HttpProxy(service.http_address) as proxy:
            assert proxy.ask(*certificate).status == 200
    labels = {"decision": "allow", "reason": "allowed", "policy": "everybody", "api": "http"}
    assert service.metric("extauthz_checks_total", **labels) == 20


def test_several_workers_share_a_unix_socket(start: StartService, site: Site) -> None:
    service = start(listen=http_listener(address=f"unix:{site.folder}/http.sock"), workers=2)
    with HttpProxy(service.http_address) as proxy:
        assert proxy.ask(*certificate_of(site, "alice")).status == 200
