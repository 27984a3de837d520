"""The gRPC listener that the configuration asks for."""

from collections.abc import Callable
from typing import Protocol

from extauthz.config.schema.listen import Grpc
from extauthz.observe.metrics import Metrics
from extauthz.observe.transport_metrics import TransportMetrics
from extauthz.service.callers import Callers
from extauthz.service.checker import Checker
from extauthz.service.grpc_listener import GrpcListener
from extauthz.service.health import HealthState
from extauthz.service.native_listener import NativeListener
from extauthz.service.shared_address import SharedAddress
from extauthz.service.tls import TlsInUse
from extauthz.transport.room import Room


class Listener(Protocol):
    """A gRPC server on one address, bound and not yet started."""

    @property
    def address(self) -> str:
        """Where it listens, with the port that was given for port 0."""

    async def start(self) -> None:
        """Begin to accept."""

    async def stop(self, grace: float) -> None:
        """Accept nothing more, send GOAWAY, give calls in flight ``grace`` seconds, cut off what is left."""


def grpc_listener(
    settings: Grpc,
    *,
    checker: Checker[bytes, bytes],
    callers: Callers,
    health: HealthState,
    metrics: Metrics,
    transport_metrics: Callable[[], TransportMetrics],
    tls: TlsInUse | None,
    room: Room,
    shared: SharedAddress | None = None,
) -> Listener:
    """Bind. ``transport_metrics()`` gives those of the transport of our own, where that is asked for; ``room`` is its.

    ``shared``: other processes listen there too, as they were meant to. Raises ListenError.
    """
    if settings.transport == "native":
        return NativeListener(
            settings,
            checker=checker,
            callers=callers,
            health=health,
            metrics=metrics.rpc,
            transport_metrics=transport_metrics(),
            tls=tls,
            room=room,
            listening=None if shared is None else shared.listening_sockets(settings.address),
        )
    return GrpcListener(
        settings,
        checker=checker,
        callers=callers,
        health=health,
        metrics=metrics.rpc,
        tls=tls,
        shares_port=shared is not None,
    )
