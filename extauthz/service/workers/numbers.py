"""The metrics of supervisor and workers as one: asked for at each scrape, and never going backwards.

A worker answers a scrape from a thread of its own. What it said last counts for one that does not answer in time, and
what an ended one had counted by then is kept. What it counted after that is lost with it.
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from extauthz.observe.merged_metrics import counted, merged

ANSWER_SECONDS = 1.0
"""For all workers together. A scrape has ten seconds as a rule, and late numbers are better than none."""


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
        self._answer_seconds = answer_seconds
        self._answers = threading.Condition()
        self._sources: dict[Source, tuple[int, tuple[Metric, ...]]] = {}
        """Of each worker the number of its last answer, and the answer."""
        self._ended: tuple[Metric, ...] = ()
        self._number = 0
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
        with self._answers:
            self._sources[source] = (0, ())

    def remove(self, source: Source) -> None:
        """Ask it no more; what it has counted stays."""
        with self._answers:
            _, last = self._sources.pop(source, (0, ()))
            self._ended = tuple(merged(self._ended, [counted(last)]))
            self._answers.notify_all()

    def restarted(self) -> None:
        """Count a worker that was started in the place of one that had ended."""
        with self._answers:
            self._restarts += 1

    def answered(self, source: Source, number: int, families: tuple[Metric, ...]) -> None:
        """Take an answer, or numbers that a worker gives at its end."""
        with self._answers:
            if source in self._sources and number >= self._sources[source][0]:
                self._sources[source] = (number, families)
                self._answers.notify_all()

    def collect(self) -> Iterable[Metric]:
        """Ask every worker, and yield the families of the whole."""
        with self._answers:
            self._number = number = self._number + 1
            asked = tuple(self._sources)
        for source in asked:
            source.ask_for_metrics(number)
        deadline = time.monotonic() + self._answer_seconds
        with self._answers:
            while missing := [one for one in asked if one in self._sources and self._sources[one][0] < number]:
                if not self._answers.wait(deadline - time.monotonic()) and time.monotonic() >= deadline:
                    self._late += len(missing)
                    break
            others = [self._ended, *(families for _, families in self._sources.values())]
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
