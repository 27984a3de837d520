"""``grpc.health.v1``: one truth for every service name, whichever transport tells it."""

from collections.abc import Callable

from grpc_health.v1 import health_pb2

SERVICE_NAME: str = health_pb2.DESCRIPTOR.services_by_name["Health"].full_name

_Response = health_pb2.HealthCheckResponse


class HealthState:
    """The status of a fixed set of services, which are all ready or all not. Not ready at first.

    To be used in the event loop only. No listener may wait: each is called in turn.
    """

    def __init__(self, services: tuple[str, ...]) -> None:
        self.services = services
        self.ended = False
        """Whether every Watch is to end once it has told the last news."""
        self._serving = False
        self._listeners: dict[Callable[[], None], None] = {}

    def set_serving(self, serving: bool) -> None:  # noqa: FBT001  (a setter of one flag)
        """Tell everyone from now on."""
        self._serving = serving
        self._notify()

    def end_watches(self) -> None:
        """End every Watch once it has told the last news: an endless call would hold up a graceful stop."""
        self.ended = True
        self._notify()

    def status(self) -> health_pb2.HealthCheckResponse:
        """Return the status of every known service."""
        return _Response(status=_Response.SERVING if self._serving else _Response.NOT_SERVING)

    def watched_status(self, service: str) -> health_pb2.HealthCheckResponse:
        """Return what a Watch tells: an unknown service is SERVICE_UNKNOWN, as the protocol wants."""
        return self.status() if service in self.services else _Response(status=_Response.SERVICE_UNKNOWN)

    def list(self) -> health_pb2.HealthListResponse:
        """Return the status of all services."""
        return health_pb2.HealthListResponse(statuses={service: self.status() for service in self.services})

    def listen(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` at each change."""
        self._listeners[listener] = None

    def forget(self, listener: Callable[[], None]) -> None:
        """Call it no more."""
        self._listeners.pop(listener, None)

    def _notify(self) -> None:
        for listener in tuple(self._listeners):
            listener()
