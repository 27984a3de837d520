"""The gRPC listener: Envoy's Check, health and, where asked for, reflection.

Check passes bytes in and bytes out, so that not even a message that does not parse can become an RPC error.
"""

import time
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import grpc
from grpc_health.v1 import health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from extauthz.config.schema.listen import Grpc
from extauthz.observe.rpc_metrics import STATUS_OK, RpcMetrics, RpcType
from extauthz.service.authorization import AUTHORIZATION, largest_message_bytes
from extauthz.service.callers import Callers
from extauthz.service.checker import Checker
from extauthz.service.grpc_health import HealthServicer
from extauthz.service.grpc_tls import GrpcTls
from extauthz.service.health import SERVICE_NAME as HEALTH
from extauthz.service.health import HealthState
from extauthz.service.listen_address import ListenError, explained, unix_path, why_not_bindable, with_port
from extauthz.service.tls import TlsInUse
from extauthz.service.unix_socket import OwnSocketFile, SocketPathTakenError, binding

TRANSPORT_METADATA_BYTES = 16 << 20
"""What the transport accepts as metadata. Envoy copies headers that the client chooses into the call (``tracestate``,
``baggage``), of up to 8 MiB. Past gRPC's defaults (at random from 8 KiB, always from 16 KiB) the call ends with an
error before any handler runs, which a proxy that fails open lets through. Nothing here reads metadata."""
MIN_PING_INTERVAL_SECONDS = 10
"""Proxies that ping a silent connection more often than this are told to go away; gRPC's own default is 5 minutes,
which breaks Envoy's ``connection_keepalive``."""

_PEER_CERTIFICATE = "x509_pem_cert"
"""The property of gRPC's authentication context that holds the peer's own certificate."""

_Context = grpc.aio.ServicerContext[bytes, bytes]


class GrpcListener:
    """One gRPC server on one address."""

    def __init__(
        self,
        settings: Grpc,
        *,
        checker: Checker[bytes, bytes],
        callers: Callers,
        health: HealthState,
        metrics: RpcMetrics,
        tls: TlsInUse | None,
        shares_port: bool = False,
    ) -> None:
        """Bind. ``shares_port``: other processes listen there too, as they were meant to. Raises ListenError."""
        self._checker = checker
        self._callers = callers if tls is not None else None
        self._health = health
        self._check_metrics = metrics.method(AUTHORIZATION, "Check", RpcType.UNARY)
        self._server = grpc.aio.server(options=_options(settings, shares_port=shares_port))
        check: grpc.RpcMethodHandler[bytes, bytes] = grpc.unary_unary_rpc_method_handler(self._check)
        self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(AUTHORIZATION, {"Check": check}),))
        health_pb2_grpc.add_HealthServicer_to_server(HealthServicer(health, metrics), self._server)
        if settings.reflection:
            names = (AUTHORIZATION, HEALTH, reflection.SERVICE_NAME)
            reflection.enable_server_reflection(names, self._server)
        path = unix_path(settings.address)
        self.address = self._bind(settings.address, path, tls)
        """Where it listens, with the port that was given for port 0."""
        self._file = OwnSocketFile(path)

    async def start(self) -> None:
        """Begin to accept."""
        await self._server.start()

    async def stop(self, grace: float) -> None:
        """Accept nothing more, send GOAWAY, give calls in flight ``grace`` seconds, cut off what is left."""
        self._health.end_watches()
        await self._server.stop(grace)
        self._file.remove()

    async def _check(self, raw: bytes, context: _Context) -> bytes:
        begun = time.perf_counter()
        with suppress(Exception):  # a count never changes an answer
            self._check_metrics.started()
        callers = self._callers
        answer = self._checker.check(raw, None if callers is None else lambda: callers.admit(lambda: _shown(context)))
        with suppress(Exception):  # the same
            self._check_metrics.handled(STATUS_OK, time.perf_counter() - begun)
        return answer

    def _bind(self, address: str, path: Path | None, tls: TlsInUse | None) -> str:
        if path is not None:
            try:
                with binding(path):
                    self._add_port(address, tls)
            except (RuntimeError, OSError, SocketPathTakenError) as error:
                raise ListenError(address, explained(error)) from None
            return address
        try:
            return with_port(address, self._add_port(address, tls))
        except RuntimeError:
            raise ListenError(address, why_not_bindable(address)) from None

    def _add_port(self, address: str, tls: TlsInUse | None) -> int:
        if tls is None:
            return self._server.add_insecure_port(address)
        return self._server.add_secure_port(address, GrpcTls(tls).credentials)


def _shown(context: _Context) -> Iterable[bytes]:
    """Return the certificate that the caller shows, as PEM."""
    return context.auth_context().get(_PEER_CERTIFICATE, ())


def _options(settings: Grpc, *, shares_port: bool = False) -> tuple[tuple[str, int], ...]:
    return (
        # A second process on the same port that nobody meant to share would silently take a share of the requests.
        ("grpc.so_reuseport", int(shares_port)),
        ("grpc.max_receive_message_length", largest_message_bytes(settings)),
        # Both: between the first and the second of them gRPC refuses at random.
        ("grpc.max_metadata_size", TRANSPORT_METADATA_BYTES),
        ("grpc.absolute_max_metadata_size", TRANSPORT_METADATA_BYTES),
        ("grpc.max_concurrent_streams", settings.max_concurrent_streams),
        ("grpc.max_connection_age_ms", _milliseconds(settings.max_connection_age)),
        ("grpc.max_connection_age_grace_ms", _milliseconds(settings.max_connection_age_grace)),
        ("grpc.keepalive_time_ms", _milliseconds(settings.keepalive_time)),
        ("grpc.keepalive_timeout_ms", _milliseconds(settings.keepalive_timeout)),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.min_recv_ping_interval_without_data_ms", MIN_PING_INTERVAL_SECONDS * 1000),
    )


def _milliseconds(duration: timedelta) -> int:
    return duration // timedelta(milliseconds=1)
