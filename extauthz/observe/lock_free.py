"""Counters and histograms for what happens with every check: plain additions, read when somebody scrapes.

The library's own take a lock for each addition, which makes nine of them cost as much as all the rest of a check. Here
one thread adds, that of the event loop, so no lock is needed; a scrape in another thread may see a check half counted.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString


class Count:
    """One series of a counter. Add to ``value``; it must never go back."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value = 0

    def inc(self, amount: int = 1) -> None:
        """Add."""
        self.value += amount


class Distribution:
    """One series of a histogram."""

    __slots__ = ("bounds", "counts", "sum")

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = bounds
        """Upper bounds of the buckets, inclusive and ascending; a last one without end comes after them."""
        self.counts = [0] * (len(bounds) + 1)
        """Observations in each bucket, those of lower buckets left out."""
        self.sum = 0.0

    def observe(self, value: float) -> None:
        """Add one observation."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.sum += value


class LockFreeCounter(Collector):
    """A counter with labels, all of whose additions come from one thread."""

    def __init__(self, name: str, documentation: str, labels: Sequence[str], *, registry: CollectorRegistry) -> None:
        """``name`` ends in ``_total``."""
        self._name = name.removesuffix("_total")
        self._documentation = documentation
        self._label_names = tuple(labels)
        self._series: dict[tuple[str, ...], Count] = {}
        registry.register(self)

    def labels(self, *values: str) -> Count:
        """Return the series with these label values; it exists from now on."""
        return self._series.setdefault(values, Count())

    def describe(self) -> Iterable[Metric]:
        """Say the name, for the registry."""
        yield CounterMetricFamily(self._name, self._documentation, labels=self._label_names)

    def collect(self) -> Iterable[Metric]:
        """Yield the family."""
        family = CounterMetricFamily(self._name, self._documentation, labels=self._label_names)
        for values, series in tuple(self._series.items()):
            family.add_metric(values, series.value)
        yield family


class LockFreeHistogram(Collector):
    """A histogram with labels, all of whose observations come from one thread."""

    def __init__(
        self,
        name: str,
        documentation: str,
        labels: Sequence[str],
        *,
        buckets: Sequence[float],
        registry: CollectorRegistry,
    ) -> None:
        self._name = name
        self._documentation = documentation
        self._label_names = tuple(labels)
        self._bounds = tuple(buckets)
        self._texts = (*map(floatToGoString, self._bounds), "+Inf")
        self._series: dict[tuple[str, ...], Distribution] = {}
        registry.register(self)

    def labels(self, *values: str) -> Distribution:
        """Return the series with these label values; it exists from now on."""
        return self._series.setdefault(values, Distribution(self._bounds))

    def describe(self) -> Iterable[Metric]:
        """Say the name, for the registry."""
        yield HistogramMetricFamily(self._name, self._documentation, labels=self._label_names)

    def collect(self) -> Iterable[Metric]:
        """Yield the family."""
        family = HistogramMetricFamily(self._name, self._documentation, labels=self._label_names)
        for values, series in tuple(self._series.items()):
            total = 0
            buckets = []
            for text, count in zip(self._texts, tuple(series.counts), strict=True):
                total += count
                buckets.append((text, total))
            family.add_metric(values, buckets, series.sum)
        yield family
