"""Measuring one cell of the table once: load, the server's own CPU, and its memory afterwards."""

import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from types import TracebackType
from typing import Final, Self

from h2load import run_h2load
from load import Load, LoadError, LoadResult, run_load
from load_connection import Question
from machine import cpu_seconds
from matrix import Cell, Reload
from memory import resident
from targets import Side, Target

RELOAD_SECONDS: Final = 1.0
MICRO: Final = 1e6
FOUND_AT_MOST: Final = 0.01
"""Share of ever-new certificates that may be in the service's cache: none should be."""
KEEPS_UP: Final = 0.97
"""Share of the offered load that must be answered in time to say that a server keeps up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One round. Times in microseconds, memory in MiB; None where it was not to be had."""

    checks_per_second: float
    cpu: float | None
    """Of the process that answers, for each check."""
    envoy_cpu: float | None = None
    p50: float | None = None
    p99: float | None = None
    p999: float | None = None
    resident: float | None = None
    generator_cpu: float | None = None
    found: float | None = None
    """Share of the certificates that the service had in its cache."""
    reloads: int | None = None
    unanswered: int = 0
    """Requests that were due and had no answer when the round ended."""

    def plain(self) -> dict[str, float | int | None]:
        """Return them for JSON."""
        return asdict(self)


@dataclass(slots=True)
class _Cpu:
    """CPU of processes between the two marks of a load."""

    pids: tuple[int | None, ...]
    used: tuple[float, ...] = ()

    def mark(self, begins: bool) -> None:  # noqa: FBT001  (a callback's form)
        now = tuple(0.0 if pid is None else cpu_seconds(pid) for pid in self.pids)
        self.used = tuple(-one for one in now) if begins else tuple(a + b for a, b in zip(self.used, now, strict=True))

    def each(self, number: int, answers: int) -> float | None:
        return None if self.pids[number] is None else self.used[number] / answers * MICRO


def measure(
    cell: Cell, target: Target, questions: Iterator[Question], seconds: float, *, first: bool = True
) -> Figures:
    """Measure one cell once, for so many seconds; ``first``: nothing was asked there before.

    Raises LoadError when an answer is wrong.
    """
    row = cell.row
    cpu = _Cpu((target.pid, target.envoy_pid))
    before = target.cache_lookups() if target.admin is not None else None
    if row.by_h2load:
        rate = run_h2load(
            target.address,
            next(questions).body,
            connections=row.connections,
            streams=row.streams,
            seconds=seconds,
            on_window=cpu.mark,
        )
        return Figures(checks_per_second=rate.per_second, cpu=cpu.each(0, rate.answers), resident=_resident(target))
    with _Reloads(target, row.reload) as reloads:
        result = run_load(_load(cell, target, questions, seconds, first=first), cpu.mark)
    found = None
    if before is not None:
        after = target.cache_lookups()
        hits, misses = after[0] - before[0], after[1] - before[1]
        found = hits / (hits + misses) if hits + misses else None
    if row.never_cached and found is not None and found > FOUND_AT_MOST:
        raise LoadError(f"{found:.0%} of the certificates that should be new were known")
    return _figures(result, target, cpu, found=found, reloads=reloads.done)


def measure_rate(target: Target, questions: Iterator[Question], rate: float, seconds: float) -> Figures:
    """Measure the latency while so many requests a second are offered."""
    cpu = _Cpu((target.pid, target.envoy_pid))
    load = Load(host=target.host, port=target.port, questions=questions, rate=rate, seconds=seconds)
    return _figures(run_load(load, cpu.mark), target, cpu)


def _figures(
    result: LoadResult, target: Target, cpu: _Cpu, *, found: float | None = None, reloads: int | None = None
) -> Figures:
    return Figures(
        checks_per_second=result.rate,
        cpu=cpu.each(0, result.answers),
        envoy_cpu=cpu.each(1, result.answers),
        p50=result.quantile(0.5) * MICRO,
        p99=result.quantile(0.99) * MICRO,
        p999=result.quantile(0.999) * MICRO,
        resident=_resident(target),
        generator_cpu=result.generator_cpu / result.answers * MICRO,
        found=found,
        reloads=reloads,
        unanswered=result.unanswered,
    )


def _load(cell: Cell, target: Target, questions: Iterator[Question], seconds: float, *, first: bool) -> Load:
    row = cell.row
    return Load(
        host=target.host,
        port=target.port,
        questions=questions,
        connections=row.connections,
        streams=row.streams,
        rate=row.rate,
        seconds=seconds,
        priming=row.priming if first else 1,
        head=target.head,
        is_grpc=target.is_grpc,
        tls=target.tls,
        verdicts_known=cell.side is not Side.PEER,
    )


def _resident(target: Target) -> float | None:
    return None if target.pid is None else resident(target.pid)


class _Reloads:
    """Reloads a target every second within the block, if that is wanted."""

    def __init__(self, target: Target, wanted: Reload | None) -> None:
        self._target = target
        self._changed = wanted is Reload.CHANGED
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._keep_reloading, daemon=True) if wanted else None
        self.done: int | None = 0 if wanted else None

    def __enter__(self) -> Self:
        if self._thread is not None:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _keep_reloading(self) -> None:
        while not self._stop.wait(RELOAD_SECONDS):
            self._target.reload(changed=self._changed)
            self.done = (self.done or 0) + 1
