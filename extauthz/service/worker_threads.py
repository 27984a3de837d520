"""The threads of the event loop, and an end of the process that does not wait for one that hangs.

A file on a network that went away can hang a load for ever, and Python waits for its threads before it ends.
"""

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class WorkerThreads(ThreadPoolExecutor):
    """An executor that knows what still runs."""

    def __init__(self) -> None:
        super().__init__(thread_name_prefix="worker")
        self._running: set[Future[Any]] = set()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run ``fn`` in a thread."""
        future = super().submit(fn, *args, **kwargs)
        self._running.add(future)
        future.add_done_callback(self._running.discard)
        return future

    def end_process_if_hanging(self, status: int, *, patience: float) -> None:
        """Return once everything has come to its end; if that takes longer than ``patience`` seconds, exit at once.

        Nothing is flushed then: do that before.
        """
        if wait(tuple(self._running), patience).not_done:
            os._exit(status)
