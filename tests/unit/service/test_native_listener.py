"""What only the native listener has: its limits, its metrics, and a deny for what it cannot keep."""

import asyncio
import ssl
from collections.abc import Callable
from typing import cast

import pytest

from extauthz.config.schema.listen import Grpc
from extauthz.config.typed_san import typed_san_rule
from extauthz.identity.certificate import Certificate, parse_certificate
from extauthz.model.outcome import Fail, Outcome
from extauthz.model.reason import Reason
from extauthz.observe.metrics import Metrics
from extauthz.observe.transport_metrics import TransportMetrics
from extauthz.policy.rules.base import Rule
from extauthz.service.authorization import AUTHORIZATION
from extauthz.service.callers import Callers
from extauthz.service.checker import Checker
from extauthz.service.health import HealthState
from extauthz.service.native_listener import NativeListener, _asked, _limits
from extauthz.service.native_tls import Authorities, NativeTls
from extauthz.transport.cause import Cause
from extauthz.transport.connection import Connection
from extauthz.transport.room import Room
from support import pki

GATEWAY = "spiffe://cluster.local/ns/gateways/sa/edge"


class Admitting:
    """A checker that answers with what it was told about the caller."""

    def check(self, raw: bytes, admit: Callable[[], Outcome] | None) -> bytes:
        outcome = None if admit is None else admit()
        return raw + (f"{outcome.reason}: {outcome.detail}" if isinstance(outcome, Fail) else "admitted").encode()


class FakeTls:
    context = cast("ssl.SSLContext", object())

    def __init__(self, certificate: bytes | None) -> None:
        self._certificate = certificate

    def getpeercert(self, *, binary_form: bool) -> bytes | None:
        assert binary_form
        return self._certificate


class FakeConnection:
    def __init__(self, tls: FakeTls | None) -> None:
        self.tls = tls
        self.stands: Callable[[], bool] = lambda: True
        self.known = False

    def admitted(self) -> None:
        self.known = True


class FakeNativeTls:
    """Asks for certificates of some CAs."""

    def __init__(self, *authorities: Certificate) -> None:
        self.authorities = authorities
        self._first = authorities

    def authorities_of(self, context: ssl.SSLContext) -> Authorities:
        assert context is FakeTls.context
        return self._first


def listener(metrics: Metrics, rule: Callable[[], Rule | None] = lambda: None) -> NativeListener:
    return NativeListener(
        Grpc(address="127.0.0.1:0"),
        checker=cast("Checker[bytes, bytes]", Admitting()),
        callers=Callers(rule),
        health=HealthState(("", AUTHORIZATION)),
        metrics=metrics.rpc,
        transport_metrics=TransportMetrics(metrics.registry, Cause),
        tls=None,
        room=Room(1),
    )


def admission(
    one: NativeListener, tls: FakeTls | None, connection: FakeConnection | None = None
) -> Callable[[], Outcome] | None:
    return one._admission(cast("Connection", connection or FakeConnection(tls)))


async def end(one: NativeListener) -> None:
    """Close the socket, which is bound from the beginning."""
    await one.start()
    await one.stop(0)


async def test_every_cause_has_a_series_from_the_start() -> None:
    metrics = Metrics(version="1")
    one = listener(metrics)
    for cause in Cause:
        assert metrics.registry.get_sample_value("extauthz_transport_closed_total", {"cause": cause.value}) == 0
    assert metrics.registry.get_sample_value("extauthz_transport_connections") == 0
    await end(one)


async def test_connections_are_counted() -> None:
    metrics = Metrics(version="1")
    one = listener(metrics)
    await one.start()
    host, _, port = one.address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    await reader.read(9)
    assert metrics.registry.get_sample_value("extauthz_transport_connections") == 1
    writer.close()
    await one.stop(0)
    assert metrics.registry.get_sample_value("extauthz_transport_connections") == 0


@pytest.mark.parametrize(("own", "transport"), [(1 << 20, 64 << 20), (16 << 20, 64 << 20), (32 << 20, 128 << 20)])
def test_the_transport_takes_far_more_than_is_answered_with_a_decision(own: int, transport: int) -> None:
    assert _limits(Grpc(max_message_bytes=own)).message_bytes == transport


def test_the_settings_reach_the_transport() -> None:
    limits = _limits(Grpc(max_concurrent_streams=7))
    assert (limits.streams, limits.age, limits.age_grace) == (7, 300.0, 30.0)
    assert (limits.keepalive, limits.keepalive_timeout) == (60.0, 20.0)
    assert _limits(Grpc(max_message_bytes=1 << 20)).expanded_bytes == 1 << 20


async def test_a_request_that_could_not_be_kept_is_denied_in_words() -> None:
    one = listener(Metrics(version="1"))
    answer = one._overloaded(b"", None)
    assert answer.decode() == (
        f"{Reason.REQUEST_TOO_LARGE}: too many bytes of unfinished requests, or of this one when decompressed"
    )
    await end(one)


async def test_without_tls_there_is_nothing_to_ask_about_the_caller() -> None:
    one = listener(Metrics(version="1"))
    assert admission(one, None) is None
    await end(one)


async def test_the_certificate_of_the_connection_decides() -> None:
    one = listener(Metrics(version="1"), lambda: typed_san_rule(f"uri:{GATEWAY}"))
    one._tls = cast("NativeTls", FakeNativeTls())
    admitted = admission(one, FakeTls(pki.make_ca().issue("edge", uris=[GATEWAY]).der))
    refused = admission(one, FakeTls(None))
    assert admitted is not None
    assert refused is not None
    assert not isinstance(admitted(), Fail)
    outcome = refused()
    assert isinstance(outcome, Fail)
    assert outcome.detail == "the caller shows no certificate"
    await end(one)


async def test_a_caller_that_may_ask_is_no_stranger_once_its_handshake_is_over() -> None:
    one = listener(Metrics(version="1"), lambda: typed_san_rule(f"uri:{GATEWAY}"))
    one._tls = cast("NativeTls", FakeNativeTls())
    ca = pki.make_ca()
    shown = (ca.issue("edge", uris=[GATEWAY]).der, ca.issue("other", uris=[GATEWAY + "-other"]).der, None)
    for der, known in zip(shown, (True, False, False), strict=True):
        connection = FakeConnection(FakeTls(der))
        admitting = admission(one, None, connection)
        assert connection.known is known
        assert _asked(cast("Connection", connection), admitting) is known
        assert connection.known is known
    plain = FakeConnection(None)
    assert _asked(cast("Connection", plain), admission(one, None, plain))
    assert plain.known
    await end(one)


async def test_a_caller_that_a_reload_admits_is_no_stranger_from_its_next_question_on() -> None:
    wanted = GATEWAY + "-other"
    one = listener(Metrics(version="1"), lambda: typed_san_rule(f"uri:{wanted}"))
    one._tls = cast("NativeTls", FakeNativeTls())
    connection = FakeConnection(FakeTls(pki.make_ca().issue("edge", uris=[GATEWAY]).der))
    admitting = admission(one, None, connection)
    assert not _asked(cast("Connection", connection), admitting)
    wanted = GATEWAY
    assert _asked(cast("Connection", connection), admitting)
    assert connection.known
    await end(one)


async def test_a_caller_whose_ca_is_gone_is_refused_whatever_its_name() -> None:
    one = listener(Metrics(version="1"), lambda: typed_san_rule(f"uri:{GATEWAY}"))
    ca, other = pki.make_ca(), pki.make_ca("Other")
    tls = FakeNativeTls(parse_certificate(ca.der))
    one._tls = cast("NativeTls", tls)
    admitting = admission(one, FakeTls(ca.issue("edge", uris=[GATEWAY]).der))
    assert admitting is not None
    assert not isinstance(admitting(), Fail)
    tls.authorities = (parse_certificate(other.der),)
    outcome = admitting()
    assert isinstance(outcome, Fail)
    assert outcome.reason is Reason.CALLER_NOT_ALLOWED
    await end(one)
