"""The workers there are at the moment, and waiting for them to come to something."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from extauthz.service.workers.process import State, WorkerProcess

WAITING = "waiting"
"""The state of a place whose worker ended and is not started again yet."""


class Roster:
    """Its methods belong to the event loop, but for ``states``."""

    def __init__(self, count: int, on_missing: Callable[[bool], None]) -> None:
        """``count``: how many there should be. ``on_missing(missing)`` is told whether fewer serve, at each change."""
        self.count = count
        self._on_missing = on_missing
        self._ends: dict[WorkerProcess, asyncio.Future[int]] = {}
        self._changed = asyncio.Event()

    def __iter__(self) -> Iterator[WorkerProcess]:
        return iter(tuple(self._ends))

    @property
    def is_empty(self) -> bool:
        """Whether no process is left."""
        return not self._ends

    @property
    def serving(self) -> list[WorkerProcess]:
        """Those that answer checks and are not about to stop."""
        return [one for one in self if one.state is State.SERVING]

    def add(self, worker: WorkerProcess) -> asyncio.Future[int]:
        """Enter a worker; the result is its exit status once it has ended."""
        end = self._ends[worker] = asyncio.get_running_loop().create_future()
        return end

    def remove(self, worker: WorkerProcess, status: int) -> None:
        """Strike a worker that has ended."""
        end = self._ends.pop(worker)
        if not end.done():
            end.set_result(status)
        self.changed()

    def changed(self) -> None:
        """Have everybody who waits look again."""
        self._on_missing(len(self.serving) < self.count)
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Return as soon as something holds of the workers."""
        while not holds():
            await self._changed.wait()

    def states(self) -> Mapping[str, int]:
        """Count the workers by what they do. Safe to call from any thread."""
        counts = Counter(one.state.value for one in self)
        there = {state.value: counts[state.value] for state in State}
        return {**there, WAITING: max(0, self.count - sum(there.values()))}
