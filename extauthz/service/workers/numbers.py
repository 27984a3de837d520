"""The metrics of supervisor and workers as one: asked for at each scrape, and never going backwards.

A worker answers a scrape from a thread of its own. What it said last counts for one that does not answer in time, and
what an ended one had counted by then is kept. What it counted after that is lost with it.
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from extauthz.observe.merged_metrics import counted, merged
from extauthz.service.workers.inquiry import ANSWER_SECONDS, Inquiry


class Source(Protocol):
    """A worker, as far as it is asked for numbers."""

    def ask_for_metrics(self, number: int) -> None:
        """Ask; ``WorkerNumbers.answered`` is called with the answer. Returns at once."""
        ...


class WorkerNumbers(Collector):
    """Collects the families of the whole. Safe to call from any thread."""

    def __init__(
        self,
        own: CollectorRegistry,
        states: Callable[[], Mapping[str, int]],
        *,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        """``own``: the supervisor's registry. ``states()``: how many workers are in each state."""
        self._own = own
        self._states = states
        self._inquiry: Inquiry[Source, tuple[Metric, ...]] = Inquiry(
            lambda source, number: source.ask_for_metrics(number), (), answer_seconds=answer_seconds
        )
        self._counting = threading.Lock()
        """Held while a worker's numbers become those of an ended one, so that no scrape sees neither or both."""
        self._ended: tuple[Metric, ...] = ()
        self._late = 0
        self._restarts = 0

    @property
    def registry(self) -> CollectorRegistry:
        """A registry that has all of it."""
        registry = CollectorRegistry()
        registry.register(self)
        return registry

    def add(self, source: Source) -> None:
        """Ask this worker as well from now on."""
        self._inquiry.add(source)

    def remove(self, source: Source) -> None:
        """Ask it no more; what it has counted stays."""
        with self._counting:
            self._ended = tuple(merged(self._ended, [counted(self._inquiry.remove(source))]))

    def restarted(self) -> None:
        """Count a worker that was started in the place of one that had ended."""
        with self._counting:
            self._restarts += 1

    def answered(self, source: Source, number: int, families: tuple[Metric, ...]) -> None:
        """Take an answer, or numbers that a worker gives at its end."""
        self._inquiry.answered(source, number, families)

    def collect(self) -> Iterable[Metric]:
        """Ask every worker, and yield the families of the whole."""
        missing = self._inquiry.ask_all()
        with self._counting:
            self._late += missing
            others = [self._ended, *self._inquiry.last()]
            restarts, late = self._restarts, self._late
        return merged((*self._own.collect(), *self._about_workers(restarts, late)), others)

    def _about_workers(self, restarts: int, late: int) -> Iterable[Metric]:
        workers = GaugeMetricFamily("extauthz_workers", "Serving processes by what they do.", labels=("state",))
        for state, count in self._states().items():
            workers.add_metric((state,), count)
        yield workers
        yield CounterMetricFamily(
            "extauthz_worker_restarts", "Workers started in the place of one that had ended.", value=restarts
        )
        yield CounterMetricFamily(
            "extauthz_worker_scrapes_late",
            "Workers that gave no numbers in time, so that a scrape has their last ones.",
            value=late,
        )
