"""What the transport of our own does to connections, as numbers."""

from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge


class TransportMetrics:
    """The metrics of the listeners, together. Every series exists from the start, at 0."""

    def __init__(self, registry: CollectorRegistry, causes: Iterable[str]) -> None:
        closed = Counter(
            "extauthz_transport_closed_total",
            "Connections that the service ended, and calls that it ended before their time, by cause.",
            ("cause",),
            registry=registry,
        )
        self._closed = {cause: closed.labels(cause) for cause in causes}
        self._numbers: list[Callable[[], int]] = []
        connections = Gauge(
            "extauthz_transport_connections", "Connections of proxies to the listeners.", registry=registry
        )
        connections.set_function(lambda: sum(number() for number in self._numbers))

    def closed(self, cause: str) -> None:
        """Count one connection, or one call."""
        self._closed[cause].inc()

    def show_connections(self, number: Callable[[], int]) -> None:
        """Read a number of connections from here too, at each scrape."""
        self._numbers.append(number)
