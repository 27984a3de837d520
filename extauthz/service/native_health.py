"""``grpc.health.v1`` on the transport of our own."""

from google.protobuf.message import DecodeError
from grpc_health.v1 import health_pb2

from extauthz.observe.rpc_metrics import RpcMetrics, RpcType
from extauthz.service.health import SERVICE_NAME, HealthState
from extauthz.transport.methods import Caller, Method, Outgoing, StreamingMethod, UnaryMethod
from extauthz.transport.status import CallError, Status


def health_methods(state: HealthState, metrics: RpcMetrics) -> dict[bytes, Method]:
    """Return Check, List and Watch by path."""

    def check(raw: bytes, _caller: Caller) -> bytes:
        if _asked(raw) not in state.services:
            raise CallError(Status.NOT_FOUND, "")
        return bytes(state.status().SerializeToString())

    def list_all(_raw: bytes, _caller: Caller) -> bytes:
        return bytes(state.list().SerializeToString())

    def path(method: str) -> bytes:
        return f"/{SERVICE_NAME}/{method}".encode()

    return {
        path("Check"): UnaryMethod(check, metrics.method(SERVICE_NAME, "Check", RpcType.UNARY)),
        path("List"): UnaryMethod(list_all, metrics.method(SERVICE_NAME, "List", RpcType.UNARY)),
        path("Watch"): StreamingMethod(
            lambda outgoing: _Watch(state, outgoing),
            metrics.method(SERVICE_NAME, "Watch", RpcType.SERVER_STREAM),
            several=False,
        ),
    }


class _Watch:
    """One watcher: told the status now and at each change."""

    def __init__(self, state: HealthState, outgoing: Outgoing) -> None:
        self._state = state
        self._outgoing = outgoing
        self._service = ""
        self._told: health_pb2.HealthCheckResponse | None = None

    def message(self, raw: bytes) -> None:
        """Begin to tell."""
        self._service = _asked(raw)
        self._state.listen(self._tell)
        self._tell()

    def no_more(self) -> None:
        """Nothing: a client says all it has to say at once."""

    def ended(self) -> None:
        """Stop."""
        self._state.forget(self._tell)

    def _tell(self) -> None:
        status = self._state.watched_status(self._service)
        if status != self._told:
            self._told = status
            self._outgoing.send(status.SerializeToString())
        if self._state.ended:
            self._outgoing.finish()


def _asked(raw: bytes) -> str:
    try:
        return str(health_pb2.HealthCheckRequest.FromString(raw).service)
    except DecodeError:
        raise CallError(Status.INTERNAL, "the message is no HealthCheckRequest") from None
