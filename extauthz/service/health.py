"""``grpc.health.v1``: one truth for every service name, told to those who ask and to those who watch.

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

SERVICE_NAME: str = health_pb2.DESCRIPTOR.services_by_name["Health"].full_name

_Status = health_pb2.HealthCheckResponse


class HealthServicer(health_pb2_grpc.HealthServicer):  # type: ignore[misc]  # published without types
    """Check, List and Watch for a fixed set of services, which are all ready or all not. Not ready at first."""

    def __init__(self, services: tuple[str, ...], metrics: RpcMetrics) -> None:
        self._services = services
        self._check_metrics = metrics.method(SERVICE_NAME, "Check", RpcType.UNARY)
        self._list_metrics = metrics.method(SERVICE_NAME, "List", RpcType.UNARY)
        self._watch_metrics = metrics.method(SERVICE_NAME, "Watch", RpcType.SERVER_STREAM)
        self._serving = False
        self._ended = False
        self._changed = asyncio.Event()

    def set_serving(self, serving: bool) -> None:  # noqa: FBT001  (a setter of one flag)
        """Tell everyone from now on. Call it in the event loop."""
        self._serving = serving
        self._notify()

    def end_watches(self) -> None:
        """End every Watch once it has told the last news: an endless call would hold up a graceful stop."""
        self._ended = True
        self._notify()

    async def Check(  # noqa: N802  (the name in the protocol)
        self,
        request: health_pb2.HealthCheckRequest,
        context: grpc.aio.ServicerContext[health_pb2.HealthCheckRequest, health_pb2.HealthCheckResponse],
    ) -> health_pb2.HealthCheckResponse:
        """Answer for one service; an unknown one is NOT_FOUND, as the protocol wants."""
        with _counted(self._check_metrics):
            if request.service not in self._services:
                await context.abort(grpc.StatusCode.NOT_FOUND)
            return _Status(status=self._status())

    async def List(  # noqa: N802  (the same)
        self,
        request: health_pb2.HealthListRequest,  # noqa: ARG002  (empty, and part of the signature)
        _context: grpc.aio.ServicerContext[health_pb2.HealthListRequest, health_pb2.HealthListResponse],
    ) -> health_pb2.HealthListResponse:
        """Answer for all services."""
        with _counted(self._list_metrics):
            statuses = {service: _Status(status=self._status()) for service in self._services}
            return health_pb2.HealthListResponse(statuses=statuses)

    async def Watch(  # noqa: N802  (the same)
        self,
        request: health_pb2.HealthCheckRequest,
        context: grpc.aio.ServicerContext[health_pb2.HealthCheckRequest, health_pb2.HealthCheckResponse],
    ) -> None:
        """Send the status now and at each change; an unknown service is SERVICE_UNKNOWN, as the protocol wants."""
        with _counted(self._watch_metrics):
            told = None
            while True:
                changed = self._changed
                status = self._status() if request.service in self._services else _Status.SERVICE_UNKNOWN
                if status != told:
                    await context.write(_Status(status=status))
                    told = status
                elif self._ended:
                    return
                else:
                    await changed.wait()

    def _status(self) -> health_pb2.HealthCheckResponse.ServingStatus:
        return _Status.SERVING if self._serving else _Status.NOT_SERVING

    def _notify(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


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
