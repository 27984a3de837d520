"""A bounded cache without a lock: two generations, of which the older is dropped whole when the younger is full.

What is asked for is moved to the younger generation, so what is in use stays and what is not goes. Every change is one
operation of a built-in dict. Threads that meet may lose an entry or make a generation a little larger than asked for;
neither can make an answer wrong.
"""

from collections.abc import Hashable
from typing import Generic, TypeVar

_Value = TypeVar("_Value")


class TwoGenerationCache(Generic[_Value]):
    """Holds at most ``max_entries`` entries of at most ``max_cost`` altogether; 0 entries means no cache."""

    __slots__ = ("_cost", "_max_cost", "_max_entries", "_old", "_young")

    def __init__(self, max_entries: int, max_cost: int) -> None:
        """Take the bounds. ``cost`` is whatever the caller counts in, such as bytes."""
        self._max_entries = max_entries // 2
        self._max_cost = max_cost // 2
        self._young: dict[Hashable, tuple[_Value, int]] = {}
        self._old: dict[Hashable, tuple[_Value, int]] = {}
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
            self._old, self._young, self._cost = self._young, {}, 0
        self._young[key] = (value, cost)
        self._cost += cost
