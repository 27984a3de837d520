"""A bounded queue and one thread behind it, so that a blocked pipe or a slow disk never holds up a decision."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

GATHER_SECONDS = 0.05
"""How long the thread waits for company after the first item: under load it wakes 20 times a second, and costs the
deciding thread a wake-up call as seldom. The price is that a line appears this much later."""
BATCH_ITEMS = 32
"""Items handed over at once. Writing releases the interpreter, so a small batch keeps this thread's turns short."""

Item = TypeVar("Item")


class BackgroundWriter(Generic[Item]):
    """``put`` appends and returns; ``write`` is called with batches, in order, in a thread of its own.

    ``write`` must not raise: it is the outermost code of its thread and handles its own failures.
    """

    def __init__(
        self, name: str, write: Callable[[Sequence[Item]], None], *, limit: int, weight_limit: int = 0
    ) -> None:
        """Start the thread. ``limit`` bounds the items that wait, ``weight_limit`` the sum of their weights."""
        self._write = write
        self.limit = limit
        self._weight_limit = weight_limit
        self._weight = 0
        self._weighing = threading.Lock()  # items are put by many threads, and += is more than one step
        self._items: deque[tuple[int, Item]] = deque()
        self._awake = threading.Event()
        self._closing = threading.Event()
        # A daemon: one that hangs in a write to a blocked pipe must not keep the process from ending.
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def put(self, item: Item, weight: int = 0) -> bool:
        """Queue an item; False when it was not taken because the queue is full or closed. Never waits long."""
        if len(self._items) >= self.limit or self._closing.is_set():
            return False
        if weight:
            with self._weighing:
                if self._weight + weight > self._weight_limit:
                    return False
                self._weight += weight
        self._items.append((weight, item))
        if not self._awake.is_set():
            self._awake.set()
        return True

    def close(self, timeout: float) -> int:
        """Take no more items, wait at most ``timeout`` seconds for the rest; return how many stayed unwritten."""
        self._closing.set()
        self._awake.set()
        self._thread.join(timeout)
        return len(self._items)

    def _run(self) -> None:
        while not self._closing.is_set():
            self._awake.wait()
            self._closing.wait(GATHER_SECONDS)
            # Cleared before the queue is emptied: what is put from now on wakes the thread again.
            self._awake.clear()
            self._empty()
        self._empty()

    def _empty(self) -> None:
        while self._items:
            batch = [self._items[at][1] for at in range(min(BATCH_ITEMS, len(self._items)))]
            self._write(batch)
            # Removed once written: what a hanging write leaves behind still counts as unwritten.
            weight = sum(self._items.popleft()[0] for _ in batch)
            with self._weighing:
                self._weight -= weight
