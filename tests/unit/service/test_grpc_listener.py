"""The gRPC listener on its own: bytes in, bytes out, health beside it, and nothing shared with another process."""

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
from extauthz.service.callers import Callers
from extauthz.service.checker import Checker
from extauthz.service.grpc_listener import AUTHORIZATION, GrpcListener, _options
from extauthz.service.health import HealthState
from extauthz.service.listen_address import ListenError

RPC = {"grpc_type": "unary", "grpc_service": AUTHORIZATION, "grpc_method": "Check"}


class Echo:
    """A checker that answers with the question."""

    def check(self, raw: bytes, admit: Callable[[], Outcome] | None) -> bytes:
        assert admit is None
        return raw


def listener_at(address: str, metrics: Metrics) -> GrpcListener:
    return GrpcListener(
        Grpc(address=address),
        checker=cast("Checker", Echo()),
        callers=Callers(lambda: None),
        health=HealthState(("", AUTHORIZATION)),
        metrics=metrics.rpc,
        tls=None,
    )


@asynccontextmanager
async def running(address: str, metrics: Metrics) -> AsyncIterator[grpc.aio.Channel]:
    listener = listener_at(address, metrics)
    await listener.start()
    async with grpc.aio.insecure_channel(listener.address) as channel:
        yield channel
    await listener.stop(0)


async def ask(channel: grpc.aio.Channel, raw: bytes) -> bytes:
    check: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(f"/{AUTHORIZATION}/Check")
    return await check(raw, timeout=20, wait_for_ready=True)


@pytest.mark.parametrize("raw", [b"", b"question", b"\xff" * 100_000])
async def test_bytes_pass_unchanged(raw: bytes) -> None:
    async with running("127.0.0.1:0", Metrics(version="1")) as channel:
        assert await ask(channel, raw) == raw


async def test_each_check_is_counted_as_an_rpc() -> None:
    metrics = Metrics(version="1")
    async with running("127.0.0.1:0", metrics) as channel:
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


async def test_a_count_that_fails_does_not_lose_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object) -> None:
        raise RuntimeError

    async with running("127.0.0.1:0", Metrics(version="1")) as channel:
        for name in ("started", "handled"):
            monkeypatch.setattr(f"extauthz.observe.rpc_metrics.MethodMetrics.{name}", broken)
        assert await ask(channel, b"x") == b"x"


async def test_health_is_beside_it_and_not_serving_by_itself() -> None:
    async with running("127.0.0.1:0", Metrics(version="1")) as channel:
        answer = await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(service=AUTHORIZATION))
    assert answer.status == health_pb2.HealthCheckResponse.NOT_SERVING


async def test_other_methods_are_unimplemented() -> None:
    async with running("127.0.0.1:0", Metrics(version="1")) as channel:
        other: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(f"/{AUTHORIZATION}/Other")
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await other(b"", timeout=20, wait_for_ready=True)
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


async def test_a_port_is_not_shared() -> None:
    metrics = Metrics(version="1")
    first = listener_at("127.0.0.1:0", metrics)
    await first.start()
    with pytest.raises(ListenError, match=f"^cannot listen on {first.address}: address already in use$"):
        listener_at(first.address, Metrics(version="1"))
    await first.stop(0)


async def test_a_unix_socket_is_removed_at_the_end_and_only_then(tmp_path: Path) -> None:
    path = tmp_path / "s"
    async with running(f"unix:{path}", Metrics(version="1")) as channel:
        assert await ask(channel, b"x") == b"x"
        assert path.stat().st_mode & 0o777 == 0o660
        with pytest.raises(ListenError, match="another process listens"):
            listener_at(f"unix:{path}", Metrics(version="1"))
    assert not path.exists()


@pytest.mark.parametrize(("own", "transport"), [(1 << 20, 64 << 20), (16 << 20, 64 << 20), (32 << 20, 128 << 20)])
def test_the_transport_takes_far_more_than_is_answered_with_a_decision(own: int, transport: int) -> None:
    assert dict(_options(Grpc(max_message_bytes=own)))["grpc.max_receive_message_length"] == transport


def test_the_settings_reach_grpc() -> None:
    settings = Grpc(max_concurrent_streams=7)
    assert dict(_options(settings)) == {
        "grpc.so_reuseport": 0,
        "grpc.max_receive_message_length": 64 << 20,
        "grpc.max_metadata_size": 16 << 20,
        "grpc.absolute_max_metadata_size": 16 << 20,
        "grpc.max_concurrent_streams": 7,
        "grpc.max_connection_age_ms": 300_000,
        "grpc.max_connection_age_grace_ms": 30_000,
        "grpc.keepalive_time_ms": 60_000,
        "grpc.keepalive_timeout_ms": 20_000,
        "grpc.keepalive_permit_without_calls": 1,
        "grpc.http2.min_recv_ping_interval_without_data_ms": 10_000,
    }
