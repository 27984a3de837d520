"""Asking every worker the same question, from any thread, and waiting for the answers for a while.

Workers answer from a thread of their own, so one that is busy deciding answers all the same. What a worker said last
counts for one that does not answer in time.
"""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

ANSWER_SECONDS = 1.0
"""For all workers together. A scrape has ten seconds as a rule, and late answers are better than none."""

Who = TypeVar("Who")
Answer = TypeVar("Answer")


class Inquiry(Generic[Who, Answer]):
    """One question and the last answer of each worker. Safe to call from any thread."""

    def __init__(
        self, ask: Callable[[Who, int], None], nothing: Answer, *, answer_seconds: float = ANSWER_SECONDS
    ) -> None:
        """``ask(who, number)`` asks and returns at once. With the answer, ``answered`` is called with that number.

        ``nothing``: what counts for a worker that has not said anything yet.
        """
        self._ask = ask
        self._nothing = nothing
        self._answer_seconds = answer_seconds
        self._changed = threading.Condition()
        self._last: dict[Who, tuple[int, Answer]] = {}
        self._number = 0

    def add(self, who: Who) -> None:
        """Ask this worker as well from now on."""
        with self._changed:
            self._last[who] = (0, self._nothing)

    def remove(self, who: Who) -> Answer:
        """Ask it no more; return what it said last."""
        with self._changed:
            _, last = self._last.pop(who, (0, self._nothing))
            self._changed.notify_all()
        return last

    def answered(self, who: Who, number: int, answer: Answer) -> None:
        """Take an answer. One to an earlier question than the last that was answered counts no more."""
        with self._changed:
            if who in self._last and number >= self._last[who][0]:
                self._last[who] = (number, answer)
                self._changed.notify_all()

    def ask_all(self) -> int:
        """Ask every worker and wait; return how many have not answered in time. Workers that end are not waited for."""
        with self._changed:
            self._number = number = self._number + 1
            asked = tuple(self._last)
        for who in asked:
            self._ask(who, number)
        deadline = time.monotonic() + self._answer_seconds
        with self._changed:
            while missing := [one for one in asked if one in self._last and self._last[one][0] < number]:
                if not self._changed.wait(deadline - time.monotonic()) and time.monotonic() >= deadline:
                    break
            return len(missing)

    def last(self) -> tuple[Answer, ...]:
        """Return what each worker said last."""
        with self._changed:
            return tuple(answer for _, answer in self._last.values())
