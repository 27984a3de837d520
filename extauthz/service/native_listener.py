"""The gRPC listener on the transport of our own: Envoy's Check, health and, where asked for, reflection."""

import socket
import time
from collections.abc import Callable, Sequence

from extauthz.config.schema.listen import Grpc
from extauthz.model.outcome import Fail, Outcome
from extauthz.model.reason import Reason
from extauthz.observe.rpc_metrics import RpcMetrics, RpcType
from extauthz.observe.transport_metrics import TransportMetrics
from extauthz.service.authorization import AUTHORIZATION, largest_message_bytes
from extauthz.service.caller_proof import CallerProof, outdated
from extauthz.service.callers import Callers
from extauthz.service.checker import Checker
from extauthz.service.health import SERVICE_NAME as HEALTH
from extauthz.service.health import HealthState
from extauthz.service.native_health import health_methods
from extauthz.service.native_reflection import reflection_methods
from extauthz.service.native_tls import tls_at
from extauthz.service.proxy_sockets import ProxySockets
from extauthz.service.refused_handshakes import RefusedHandshakes
from extauthz.service.stack_reports import StackReports
from extauthz.service.tls import TlsInUse
from extauthz.transport.connection import Connection
from extauthz.transport.limits import Limits
from extauthz.transport.methods import Method, UnaryMethod
from extauthz.transport.room import Room
from extauthz.transport.server import Server
from extauthz.transport.sessions import ALPN, Sessions


class NativeListener:
    """One gRPC server on one address."""

    def __init__(
        self,
        settings: Grpc,
        *,
        checker: Checker[bytes, bytes],
        callers: Callers,
        health: HealthState,
        metrics: RpcMetrics,
        transport_metrics: TransportMetrics,
        tls: TlsInUse | None,
        room: Room,
        listening: Sequence[socket.socket] | None = None,
    ) -> None:
        """Bind, unless sockets are given that listen at the address already, and are not this one's alone.

        Raises ListenError.
        """
        self._health = health
        self._callers = callers
        self._checker = checker
        check = UnaryMethod(checker.check, metrics.method(AUTHORIZATION, "Check", RpcType.UNARY), self._overloaded)
        methods: dict[bytes, Method] = {
            f"/{AUTHORIZATION}/Check".encode(): check,
            **health_methods(health, metrics),
            **(reflection_methods((AUTHORIZATION, HEALTH), metrics) if settings.reflection else {}),
        }
        self._sockets = ProxySockets(settings.address, listening)
        self.address = self._sockets.address
        """Where it listens, with the port that was given for port 0."""
        report = StackReports().report
        limits = _limits(settings)
        sessions = Sessions(
            limits,
            methods,
            caller=self._admission,
            asked=_asked,
            count=transport_metrics.closed,
            report=report,
            clock=time.monotonic,
        )
        self._tls = tls_at(self.address, tls, ALPN)
        self._server = Server(
            self._sockets.sockets,
            sessions,
            room=room,
            protocols=(ALPN,),
            tls=self._tls,
            may_come=lambda _accepted: True,
            count=transport_metrics.closed,
            report=report,
            refused=RefusedHandshakes().note,
            clock=time.monotonic,
        )
        if self._tls is not None:
            self._tls.on_other_authorities(lambda: self._server.dismiss(limits.age_grace))
        transport_metrics.show_connections(lambda: self._server.connections)

    async def start(self) -> None:
        """Begin to accept."""
        await self._server.start()

    async def stop(self, grace: float) -> None:
        """Accept nothing more, send GOAWAY, give calls in flight ``grace`` seconds, cut off what is left."""
        self._health.end_watches()
        await self._server.stop(grace)
        self._sockets.remove_file()

    def _admission(self, connection: Connection) -> Callable[[], Outcome] | None:
        """Return what says whether the caller on a connection may ask; None: there is nothing to ask about."""
        tls = connection.tls
        if tls is None or self._tls is None:
            return None
        der = tls.getpeercert(binary_form=True)
        shown = () if der is None else (der,)
        stands = connection.stands = CallerProof(self._tls, tls).stands

        def admission() -> Outcome:
            return self._callers.admit(lambda: shown) if stands() else outdated()

        if der is not None:
            _asked(connection, admission)
        return admission

    def _overloaded(self, _raw: bytes, _caller: object) -> bytes:
        """Deny in words what is too much to keep or to decompress: an error could let it through."""
        detail = "too many bytes of unfinished requests, or of this one when decompressed"
        return self._checker.check(b"", lambda: Fail(Reason.REQUEST_TOO_LARGE, detail))


def _asked(connection: Connection, admission: Callable[[], Outcome] | None) -> bool:
    """Take a caller that may ask for a stranger no more; say whether it may."""
    if admission is not None and isinstance(admission(), Fail):
        return False  # it may once a reload says so
    connection.admitted()
    return True


def _limits(settings: Grpc) -> Limits:
    return Limits(
        message_bytes=largest_message_bytes(settings),
        expanded_bytes=settings.max_message_bytes,
        streams=settings.max_concurrent_streams,
        age=settings.max_connection_age.total_seconds(),
        age_grace=settings.max_connection_age_grace.total_seconds(),
        keepalive=settings.keepalive_time.total_seconds(),
        keepalive_timeout=settings.keepalive_timeout.total_seconds(),
    )
