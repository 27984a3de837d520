"""The ``grpc_server_*`` metrics that gRPC dashboards already know, with the labels of go-grpc-prometheus.

Counted by the thread of the event loop alone (``lock_free``).
"""

from bisect import bisect_left
from enum import StrEnum

from prometheus_client import CollectorRegistry

from extauthz.observe.buckets import LATENCY_SECONDS
from extauthz.observe.lock_free import Count, Distribution, LockFreeCounter, LockFreeHistogram

STATUS_NAMES = (
    "OK",
    "Canceled",
    "Unknown",
    "InvalidArgument",
    "DeadlineExceeded",
    "NotFound",
    "AlreadyExists",
    "PermissionDenied",
    "ResourceExhausted",
    "FailedPrecondition",
    "Aborted",
    "OutOfRange",
    "Unimplemented",
    "Internal",
    "Unavailable",
    "DataLoss",
    "Unauthenticated",
)
"""The spelling of Go's ``codes.Code.String()``, at the index that is the code's number."""
STATUS_OK = 0
STATUS_CANCELLED = 1
STATUS_UNKNOWN = 2
STATUS_NOT_FOUND = 5


class RpcType(StrEnum):
    """How many messages go each way."""

    UNARY = "unary"
    SERVER_STREAM = "server_stream"
    BIDI_STREAM = "bidi_stream"


class RpcMetrics:
    """The three metrics, and the bound series of each method."""

    def __init__(self, registry: CollectorRegistry) -> None:
        labels = ("grpc_type", "grpc_service", "grpc_method")
        self._started = LockFreeCounter(
            "grpc_server_started_total", "RPCs started on the server.", labels, registry=registry
        )
        self._handled = LockFreeCounter(
            "grpc_server_handled_total",
            "RPCs completed on the server, whatever their status.",
            (*labels, "grpc_code"),
            registry=registry,
        )
        self._handling = LockFreeHistogram(
            "grpc_server_handling_seconds",
            "Time from the start of an RPC to its end, in the server.",
            labels,
            buckets=LATENCY_SECONDS,
            registry=registry,
        )

    def method(self, service: str, method: str, rpc_type: RpcType) -> "MethodMetrics":
        """Create every series of one method, at 0."""
        labels = (rpc_type.value, service, method)
        return MethodMetrics(
            self._started.labels(*labels),
            tuple(self._handled.labels(*labels, name) for name in STATUS_NAMES),
            self._handling.labels(*labels),
        )


class MethodMetrics:
    """The series of one method, bound."""

    __slots__ = ("_handled", "_handling", "_started")

    def __init__(self, started: Count, handled: tuple[Count, ...], handling: Distribution) -> None:
        self._started = started
        self._handled = handled
        self._handling = handling

    def started(self) -> None:
        """Count an RPC that begins."""
        self._started.value += 1

    def answered(self, seconds: float) -> None:
        """Count an RPC that began and ended with OK."""
        self._started.value += 1
        self._handled[STATUS_OK].value += 1
        handling = self._handling
        handling.counts[bisect_left(LATENCY_SECONDS, seconds)] += 1
        handling.sum += seconds

    def handled(self, status: int, seconds: float) -> None:
        """Count an RPC that ended with this status code."""
        self._handled[status].value += 1
        self._handling.observe(seconds)
