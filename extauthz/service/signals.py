"""The signals of a service: SIGTERM and SIGINT once to drain, twice to end at once; SIGHUP to reload."""

import asyncio
import signal
from collections.abc import Callable


class Signals:
    """Two events that happen once, and a callback."""

    def __init__(self, on_hangup: Callable[[], None]) -> None:
        self.stop = asyncio.Event()
        """Someone asked for the end."""
        self.stop_now = asyncio.Event()
        """Someone asked again."""
        self._on_hangup = on_hangup

    def install(self) -> None:
        """Handle the signals in the running event loop."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._asked_to_stop)
        loop.add_signal_handler(signal.SIGHUP, self._on_hangup)

    def remove(self) -> None:
        """Give the signals back."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.remove_signal_handler(number)

    def _asked_to_stop(self) -> None:
        if self.stop.is_set():
            self.stop_now.set()
        self.stop.set()
