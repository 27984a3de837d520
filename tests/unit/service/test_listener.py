"""The gRPC listener on each transport: bytes in, bytes out, health beside it, nothing shared with another process."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from extauthz.config.schema.listen import Grpc
from extauthz.model.outcome import Outcome
from extauthz.observe.metrics import Metrics
from extauthz.observe.transport_metrics import TransportMetrics
from extauthz.service.authorization import AUTHORIZATION
from extauthz.service.callers import Callers
from extauthz.service.checker import Checker
from extauthz.service.health import HealthState
from extauthz.service.listen_address import ListenError
from extauthz.service.listener import Listener, grpc_listener
from extauthz.transport.cause import Cause
from extauthz.transport.room import Room

At = Callable[[str], Grpc]
RPC = {"grpc_type": "unary", "grpc_service": AUTHORIZATION, "grpc_method": "Check"}


class Echo:
    """A checker that answers with the question."""

    def check(self, raw: bytes, admit: Callable[[], Outcome] | None) -> bytes:
        assert admit is None
        return raw


@pytest.fixture(params=["native", "grpcio"])
def at(request: pytest.FixtureRequest) -> At:
    """Return settings of a listener at an address, on each transport."""
    return lambda address: Grpc(address=address, transport=request.param)


def listener_at(settings: Grpc, metrics: Metrics) -> Listener:
    return grpc_listener(
        settings,
        checker=cast("Checker[bytes, bytes]", Echo()),
        callers=Callers(lambda: None),
        health=HealthState(("", AUTHORIZATION)),
        metrics=metrics,
        transport_metrics=lambda: TransportMetrics(metrics.registry, Cause),
        tls=None,
        room=Room(1),
    )


@asynccontextmanager
async def running(settings: Grpc, metrics: Metrics) -> AsyncIterator[grpc.aio.Channel]:
    listener = listener_at(settings, metrics)
    await listener.start()
    async with grpc.aio.insecure_channel(listener.address) as channel:
        yield channel
    await listener.stop(0)


async def ask(channel: grpc.aio.Channel, raw: bytes) -> bytes:
    check: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(f"/{AUTHORIZATION}/Check")
    return await check(raw, timeout=20, wait_for_ready=True)


@pytest.mark.parametrize("raw", [b"", b"question", b"\xff" * 100_000])
async def test_bytes_pass_unchanged(at: At, raw: bytes) -> None:
    async with running(at("127.0.0.1:0"), Metrics(version="1")) as channel:
        assert await ask(channel, raw) == raw


async def test_each_check_is_counted_as_an_rpc(at: At) -> None:
    metrics = Metrics(version="1")
    async with running(at("127.0.0.1:0"), metrics) as channel:
        await ask(channel, b"x")
    counted = [
        metrics.registry.get_sample_value(name, labels)
        for name, labels in (
            ("grpc_server_started_total", RPC),
            ("grpc_server_handled_total", {**RPC, "grpc_code": "OK"}),
            ("grpc_server_handling_seconds_count", RPC),
        )
    ]
    assert counted == [1.0, 1.0, 1.0]


async def test_a_count_that_fails_does_not_lose_the_answer(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object) -> None:
        raise RuntimeError

    async with running(at("127.0.0.1:0"), Metrics(version="1")) as channel:
        for name in ("started", "handled"):
            monkeypatch.setattr(f"extauthz.observe.rpc_metrics.MethodMetrics.{name}", broken)
        assert await ask(channel, b"x") == b"x"


async def test_health_is_beside_it_and_not_serving_by_itself(at: At) -> None:
    async with running(at("127.0.0.1:0"), Metrics(version="1")) as channel:
        answer = await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(service=AUTHORIZATION))
    assert answer.status == health_pb2.HealthCheckResponse.NOT_SERVING


async def test_other_methods_are_unimplemented(at: At) -> None:
    async with running(at("127.0.0.1:0"), Metrics(version="1")) as channel:
        other: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(f"/{AUTHORIZATION}/Other")
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await other(b"", timeout=20, wait_for_ready=True)
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


async def test_a_port_is_not_shared(at: At) -> None:
    metrics = Metrics(version="1")
    first = listener_at(at("127.0.0.1:0"), metrics)
    await first.start()
    with pytest.raises(ListenError, match=f"^cannot listen on {first.address}: address already in use$"):
        listener_at(at(first.address), Metrics(version="1"))
    await first.stop(0)


async def test_a_unix_socket_is_removed_at_the_end_and_only_then(at: At, tmp_path: Path) -> None:
    path = tmp_path / "s"
    async with running(at(f"unix:{path}"), Metrics(version="1")) as channel:
        assert await ask(channel, b"x") == b"x"
        assert path.stat().st_mode & 0o777 == 0o660
        with pytest.raises(ListenError, match="another process listens"):
            listener_at(at(f"unix:{path}"), Metrics(version="1"))
    assert not path.exists()
