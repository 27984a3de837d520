"""Signals while the demo runs: every polite way to end it must end its child processes too."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

Handler = Callable[[int, FrameType | None], None]
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def ending_signals_interrupt() -> Iterator[None]:
    """Make SIGTERM and SIGHUP do what Ctrl-C does (KeyboardInterrupt) within the block. Main thread only."""
    with _handled_by(_interrupt):
        yield


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Hold those signals back until the end of the block, and deliver them then.

    Without it a signal that comes while a child process is being started raises before anybody knows its id.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread is ever interrupted
        return
    arrived: list[int] = []
    with _handled_by(lambda number, _frame: arrived.append(number)):
        yield
    for number in arrived:
        signal.raise_signal(number)


def ignore_interrupts() -> None:
    """Ignore those signals from here to the end of ``ending_signals_interrupt``."""
    for one in _ENDING:
        signal.signal(one, signal.SIG_IGN)


@contextmanager
def _handled_by(handler: Handler) -> Iterator[None]:
    before = {one: signal.getsignal(one) for one in _ENDING}
    # What is ignored stays ignored: that is how `nohup` works.
    changed = {one: old for one, old in before.items() if old is not signal.SIG_IGN}
    for one in changed:
        signal.signal(one, handler)
    try:
        yield
    finally:
        for one, old in changed.items():
            signal.signal(one, old)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
