"""``grpc.health.v1`` on grpcio.

The servicer of grpcio-health-checking holds a lock while it writes to a watcher, so one watcher that stops reading
would hold up the news of a shutdown for everybody (and the shutdown with it); here no watcher waits for another.
"""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from extauthz.observe.rpc_metrics import (
    STATUS_CANCELLED,
    STATUS_NOT_FOUND,
    STATUS_OK,
    STATUS_UNKNOWN,
    MethodMetrics,
    RpcMetrics,
    RpcType,
)
from extauthz.service.health import SERVICE_NAME, HealthState


class HealthServicer(health_pb2_grpc.HealthServicer):  # type: ignore[misc]  # published without types
    """Check, List and Watch, as the state has it."""

    def __init__(self, state: HealthState, metrics: RpcMetrics) -> None:
        self._state = state
        self._check_metrics = metrics.method(SERVICE_NAME, "Check", RpcType.UNARY)
        self._list_metrics = metrics.method(SERVICE_NAME, "List", RpcType.UNARY)
        self._watch_metrics = metrics.method(SERVICE_NAME, "Watch", RpcType.SERVER_STREAM)

    async def Check(  # noqa: N802  (the name in the protocol)
        self,
        request: health_pb2.HealthCheckRequest,
        context: grpc.aio.ServicerContext[health_pb2.HealthCheckRequest, health_pb2.HealthCheckResponse],
    ) -> health_pb2.HealthCheckResponse:
        """Answer for one service; an unknown one is NOT_FOUND, as the protocol wants."""
        with _counted(self._check_metrics):
            if request.service not in self._state.services:
                await context.abort(grpc.StatusCode.NOT_FOUND)
            return self._state.status()

    async def List(  # noqa: N802  (the same)
        self,
        request: health_pb2.HealthListRequest,  # noqa: ARG002  (empty, and part of the signature)
        _context: grpc.aio.ServicerContext[health_pb2.HealthListRequest, health_pb2.HealthListResponse],
    ) -> health_pb2.HealthListResponse:
        """Answer for all services."""
        with _counted(self._list_metrics):
            return self._state.list()

    async def Watch(  # noqa: N802  (the same)
        self,
        request: health_pb2.HealthCheckRequest,
        context: grpc.aio.ServicerContext[health_pb2.HealthCheckRequest, health_pb2.HealthCheckResponse],
    ) -> None:
        """Send the status now and at each change; an unknown service is SERVICE_UNKNOWN, as the protocol wants."""
        with _counted(self._watch_metrics):
            changed = asyncio.Event()
            self._state.listen(changed.set)
            try:
                await self._tell(request.service, context, changed)
            finally:
                self._state.forget(changed.set)

    async def _tell(
        self,
        service: str,
        context: grpc.aio.ServicerContext[health_pb2.HealthCheckRequest, health_pb2.HealthCheckResponse],
        changed: asyncio.Event,
    ) -> None:
        told = None
        while True:
            changed.clear()
            status = self._state.watched_status(service)
            if status != told:
                await context.write(status)
                told = status
            elif self._state.ended:
                return
            else:
                await changed.wait()


@contextmanager
def _counted(metrics: MethodMetrics) -> Iterator[None]:
    begun = time.perf_counter()
    metrics.started()
    status = STATUS_UNKNOWN
    try:
        yield
        status = STATUS_OK
    except asyncio.CancelledError:
        status = STATUS_CANCELLED
        raise
    except grpc.aio.AbortError:
        status = STATUS_NOT_FOUND  # the only thing that is aborted for here
        raise
    finally:
        metrics.handled(status, time.perf_counter() - begun)
