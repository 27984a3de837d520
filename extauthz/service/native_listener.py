"""The gRPC listener on the transport of our own: Envoy's Check, health and, where asked for, reflection."""

import socket
import time

from extauthz.config.schema.listen import Grpc
from extauthz.observe.metrics import Metrics
from extauthz.observe.rpc_metrics import RpcType
from extauthz.service.callers import Callers
from extauthz.service.checker import Checker
from extauthz.service.grpc_listener import AUTHORIZATION, TRANSPORT_HEADROOM, TRANSPORT_LEAST_BYTES
from extauthz.service.health import HealthState
from extauthz.service.listen_address import listening_socket, unix_path, with_port
from extauthz.service.native_health import health_methods
from extauthz.service.stack_reports import StackReports
from extauthz.service.tls import TlsCredentials
from extauthz.service.unix_socket import remove_own
from extauthz.transport.limits import Limits
from extauthz.transport.methods import Method, UnaryMethod
from extauthz.transport.server import Server


class NativeListener:
    """One gRPC server on one address."""

    def __init__(
        self,
        settings: Grpc,
        *,
        checker: Checker,
        callers: Callers,
        health: HealthState,
        metrics: Metrics,
        tls: TlsCredentials | None,
        listening: socket.socket | None = None,
    ) -> None:
        """Bind, unless a socket is given that listens at the address already, and is not this one's alone.

        Raises ListenError.
        """
        self._health = health
        check = metrics.rpc.method(AUTHORIZATION, "Check", RpcType.UNARY)
        methods: dict[bytes, Method] = {
            f"/{AUTHORIZATION}/Check".encode(): UnaryMethod(checker.check, check),
            **health_methods(health, metrics.rpc),
        }
        path = unix_path(settings.address)
        self._path = path if listening is None else None  # what others listen on is theirs to remove
        listening = listening_socket(settings.address) if listening is None else listening
        self._inode = self._path.stat().st_ino if self._path is not None else 0
        self.address = settings.address if path is not None else with_port(settings.address, listening.getsockname()[1])
        """Where it listens, with the port that was given for port 0."""
        self._server = Server(
            listening,
            _limits(settings),
            methods,
            caller=lambda _connection: None,
            count=lambda _cause: None,
            report=StackReports().report,
            clock=time.perf_counter,
        )

    async def start(self) -> None:
        """Begin to accept."""
        await self._server.start()

    async def stop(self, grace: float) -> None:
        """Accept nothing more, send GOAWAY, give calls in flight ``grace`` seconds, cut off what is left."""
        self._health.end_watches()
        await self._server.stop(grace)
        if self._path is not None:
            remove_own(self._path, self._inode)


def _limits(settings: Grpc) -> Limits:
    return Limits(
        message_bytes=max(settings.max_message_bytes * TRANSPORT_HEADROOM, TRANSPORT_LEAST_BYTES),
        streams=settings.max_concurrent_streams,
        age=settings.max_connection_age.total_seconds(),
        age_grace=settings.max_connection_age_grace.total_seconds(),
        keepalive=settings.keepalive_time.total_seconds(),
        keepalive_timeout=settings.keepalive_timeout.total_seconds(),
    )
