"""A bounded cache without a lock: two generations, of which the older goes when the younger is full.

What is asked for is moved to the younger generation, so what is in use stays and what is not goes. Every change is one
operation of a built-in dict. Threads that meet may lose an entry or make a generation a little larger than asked for;
neither can make an answer wrong.

A generation is not dropped whole: to free ten thousand entries at once takes Python tens of milliseconds, in which
nobody gets an answer. Each entry that comes lets two of the departing ones go, and twice as much as it costs.
"""

from collections.abc import Hashable
from typing import Generic, TypeVar

_Value = TypeVar("_Value")
_Entries = dict[Hashable, tuple[_Value, int]]

FREED_AT_ONCE = 2
"""Departing entries that are freed for each one that comes: more than come, so that they never pile up."""


class TwoGenerationCache(Generic[_Value]):
    """Holds at most ``max_entries`` entries of at most ``max_cost`` altogether; 0 entries means no cache.

    Beside these, up to half as many that are on their way out.
    """

    __slots__ = ("_cost", "_departing", "_max_cost", "_max_entries", "_old", "_young")

    def __init__(self, max_entries: int, max_cost: int) -> None:
        """Take the bounds. ``cost`` is whatever the caller counts in, such as bytes."""
        self._max_entries = max_entries // 2
        self._max_cost = max_cost // 2
        self._young: _Entries[_Value] = {}
        self._old: _Entries[_Value] = {}
        self._departing: _Entries[_Value] = {}
        self._cost = 0

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def get(self, key: Hashable) -> _Value | None:
        """Return what was put under this key, if it is still there."""
        if (found := self._young.get(key)) is not None:
            return found[0]
        if (found := self._old.pop(key, None)) is None:
            return None
        self.put(key, *found)
        return found[0]

    def put(self, key: Hashable, value: _Value, cost: int) -> None:
        """Keep a value, unless it alone is more than a generation may hold."""
        if cost > self._max_cost or not self._max_entries:
            return
        if len(self._young) >= self._max_entries or self._cost + cost > self._max_cost:
            self._rotate()
        self._free(2 * cost)
        if (replaced := self._young.get(key)) is not None:
            self._cost -= replaced[1]
        self._young[key] = (value, cost)
        self._cost += cost

    def clear_some(self, entries: int) -> bool:
        """Let up to so many entries go, for who gives the whole cache up; return whether any are left."""
        for generation in (self._departing, self._old, self._young):
            while generation and entries:
                _popped(generation)
                entries -= 1
        return bool(self._departing or self._old or self._young)

    def _free(self, cost: int) -> None:
        """Let departing entries go: twice as much as comes, in entries and in cost, so that none is left to rotate."""
        freed, entries = 0, 0
        while self._departing and (entries < FREED_AT_ONCE or freed < cost):
            freed += _popped(self._departing)
            entries += 1

    def _rotate(self) -> None:
        self._departing = self._old  # none departs from there any more, see _free
        self._old, self._young, self._cost = self._young, {}, 0


def _popped(entries: _Entries[_Value]) -> int:
    """Take one entry out and return its cost; nothing when another thread took the last."""
    try:
        _, (_, cost) = entries.popitem()
    except KeyError:
        return 0
    return cost
