"""Health is one truth for all services, told to askers and watchers; nobody's silence holds up anybody else."""

import asyncio
from typing import Any, cast

import grpc
import pytest
from grpc_health.v1 import health_pb2

from extauthz.observe.metrics import Metrics
from extauthz.service.grpc_health import HealthServicer
from extauthz.service.health import HealthState

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
UNKNOWN = health_pb2.HealthCheckResponse.SERVICE_UNKNOWN


class Context:
    """One call: what was written, or how it was aborted."""

    def __init__(self, *, stalled: bool = False) -> None:
        self.told: asyncio.Queue[int] = asyncio.Queue()
        self._stalled = stalled

    async def write(self, message: health_pb2.HealthCheckResponse) -> None:
        if self._stalled:
            await asyncio.Event().wait()
        await self.told.put(message.status)

    async def abort(self, code: grpc.StatusCode) -> None:
        self.code = code
        raise grpc.aio.AbortError

    async def next(self) -> int:
        async with asyncio.timeout(10):
            return await self.told.get()

    @property
    def real(self) -> Any:  # noqa: ANN401  (stands in for gRPC's own class)
        return self


class Health:
    """A servicer and its metrics."""

    def __init__(self) -> None:
        self.metrics = Metrics(version="1")
        self.state = HealthState(("", "some.Service"))
        self.servicer = HealthServicer(self.state, self.metrics.rpc)

    def handled(self, method: str, rpc_type: str, code: str) -> float | None:
        labels = {"grpc_service": "grpc.health.v1.Health", "grpc_method": method, "grpc_type": rpc_type}
        return self.metrics.registry.get_sample_value("grpc_server_handled_total", {**labels, "grpc_code": code})

    def watch(self, service: str, context: Context) -> asyncio.Task[None]:
        request = health_pb2.HealthCheckRequest(service=service)
        return asyncio.create_task(self.servicer.Watch(request, context.real))


@pytest.fixture
def health() -> Health:
    return Health()


async def check(health: Health, service: str, context: Context | None = None) -> int:
    request = health_pb2.HealthCheckRequest(service=service)
    answer = await health.servicer.Check(request, (context or Context()).real)
    return cast("int", answer.status)


@pytest.mark.parametrize("service", ["", "some.Service"])
async def test_nothing_serves_until_it_is_said_to(health: Health, service: str) -> None:
    assert await check(health, service) == NOT_SERVING
    health.state.set_serving(True)
    assert await check(health, service) == SERVING
    health.state.set_serving(False)
    assert await check(health, service) == NOT_SERVING


async def test_an_unknown_service_is_not_found(health: Health) -> None:
    context = Context()
    with pytest.raises(grpc.aio.AbortError):
        await check(health, "other.Service", context)
    assert context.code is grpc.StatusCode.NOT_FOUND
    assert health.handled("Check", "unary", "NotFound") == 1.0


async def test_a_list_has_every_service(health: Health) -> None:
    health.state.set_serving(True)
    answer = await health.servicer.List(health_pb2.HealthListRequest(), Context().real)
    assert {name: one.status for name, one in answer.statuses.items()} == {"": SERVING, "some.Service": SERVING}


async def test_a_watcher_hears_the_state_and_each_change(health: Health) -> None:
    context = Context()
    watching = health.watch("some.Service", context)
    assert await context.next() == NOT_SERVING
    health.state.set_serving(True)
    assert await context.next() == SERVING
    health.state.set_serving(False)
    assert await context.next() == NOT_SERVING
    health.state.end_watches()
    await asyncio.wait_for(watching, 10)
    assert context.told.empty()


async def test_a_watcher_hears_no_change_that_is_none(health: Health) -> None:
    context = Context()
    watching = health.watch("", context)
    assert await context.next() == NOT_SERVING
    health.state.set_serving(False)
    health.state.set_serving(True)
    assert await context.next() == SERVING
    watching.cancel()


async def test_a_watcher_of_an_unknown_service_is_told_so_and_may_wait(health: Health) -> None:
    context = Context()
    watching = health.watch("other.Service", context)
    assert await context.next() == UNKNOWN
    health.state.set_serving(True)
    await asyncio.sleep(0)
    assert context.told.empty()
    assert not watching.done()
    watching.cancel()


async def test_the_last_news_is_told_before_a_watch_ends(health: Health) -> None:
    health.state.set_serving(True)
    context = Context()
    watching = health.watch("", context)
    assert await context.next() == SERVING
    health.state.set_serving(False)
    health.state.end_watches()
    assert await context.next() == NOT_SERVING
    await asyncio.wait_for(watching, 10)
    assert health.handled("Watch", "server_stream", "OK") == 1.0


async def test_a_watch_that_begins_after_the_end_is_told_and_ends(health: Health) -> None:
    health.state.end_watches()
    context = Context()
    await asyncio.wait_for(health.watch("", context), 10)
    assert await context.next() == NOT_SERVING


async def test_a_watcher_that_stops_reading_holds_up_nobody(health: Health) -> None:
    stalled, attentive = Context(stalled=True), Context()
    stuck = health.watch("", stalled)
    watching = health.watch("", attentive)
    assert await attentive.next() == NOT_SERVING
    health.state.set_serving(True)
    assert await attentive.next() == SERVING
    assert await check(health, "") == SERVING
    stuck.cancel()
    watching.cancel()


async def test_a_watch_that_the_client_ends_is_counted_as_cancelled(health: Health) -> None:
    context = Context()
    watching = health.watch("", context)
    await context.next()
    watching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await watching
    assert health.handled("Watch", "server_stream", "Canceled") == 1.0


async def test_a_call_that_breaks_is_counted_as_such(health: Health, monkeypatch: pytest.MonkeyPatch) -> None:
    context = Context()

    async def broken(_message: object) -> None:
        raise OSError

    monkeypatch.setattr(context, "write", broken)
    with pytest.raises(OSError):  # noqa: PT011  (the one that was just made)
        await health.watch("", context)
    assert health.handled("Watch", "server_stream", "Unknown") == 1.0
