"""What the transport of our own does to connections, as numbers."""

from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge


class TransportMetrics:
    """The metrics of one listener. Every series exists from the start, at 0."""

    def __init__(self, registry: CollectorRegistry, causes: Iterable[str]) -> None:
        closed = Counter(
            "extauthz_transport_closed_total",
            "Connections that the service ended, and calls that it ended before their time, by cause.",
            ("cause",),
            registry=registry,
        )
        self._closed = {cause: closed.labels(cause) for cause in causes}
        self._connections = Gauge(
            "extauthz_transport_connections", "Connections of clients to the gRPC listener.", registry=registry
        )

    def closed(self, cause: str) -> None:
        """Count one connection, or one call."""
        self._closed[cause].inc()

    def show_connections(self, number: Callable[[], int]) -> None:
        """Read the number of connections from here, at each scrape."""
        self._connections.set_function(number)
