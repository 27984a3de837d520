"""What is given up is freed without anybody noticing: old engines bit by bit, and the garbage collector on a leash."""

import asyncio
import gc
from typing import Protocol

THRESHOLDS = (20_000, 20, 100)
"""Of Python's collector. It looks for cycles, of which a check makes none, by looking at everything: with the usual
(700, 10, 10) and ten thousand remembered clients it would stop all checks for 0.1 s every now and then."""
ENTRIES_AT_ONCE = 64
"""Kept results that are freed in one go: a millisecond, as each is some sixty objects."""
PAUSE_SECONDS = 0.002
"""Between one go and the next, for the checks that came meanwhile."""


class Retired(Protocol):
    """Something that keeps results."""

    def forget_some(self, entries: int) -> bool:
        """Let up to so many results go; return whether any are left."""
        ...


def tame_collector() -> None:
    """Keep the collector from what is there now, which will stay: modules, and what a load has built."""
    gc.set_threshold(*THRESHOLDS)
    gc.collect()
    gc.freeze()


class Retirement:
    """Frees what engines remember that are no longer in use."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def retire(self, memory: Retired) -> None:
        """Free what it keeps, in the background. Call it in the event loop, once nobody asks it any more."""
        task = asyncio.create_task(_freed(memory))
        self._tasks.add(task)  # the loop itself would forget it
        task.add_done_callback(self._tasks.discard)


async def _freed(memory: Retired) -> None:
    more = True
    while more:
        more = memory.forget_some(ENTRIES_AT_ONCE)
        await asyncio.sleep(PAUSE_SECONDS)
