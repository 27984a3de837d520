"""Listening sockets: accepts what comes, and waits where the system has nothing left for it."""

import asyncio
import socket
from collections.abc import Callable, Sequence

RETRY_SECONDS = 1.0
"""Before connections are accepted again after the system had nothing left for one."""


class Listening:
    """The sockets of one listener."""

    def __init__(
        self,
        sockets: Sequence[socket.socket],
        take: Callable[[socket.socket], None],
        *,
        at_once: int,
        report: Callable[[str], None],
    ) -> None:
        """``take(accepted)`` takes each connection, and at most ``at_once`` before the others are served again.

        ``report(event)`` logs the exception being handled.
        """
        for one in sockets:
            one.setblocking(False)  # noqa: FBT003  (the socket's own interface)
        self._sockets = tuple(sockets)
        self._take = take
        self._at_once = at_once
        self._report = report
        self._over = False

    def start(self) -> None:
        """Begin to accept."""
        self._loop = asyncio.get_running_loop()
        for one in self._sockets:
            self._loop.add_reader(one.fileno(), self._accept, one)

    def stop(self) -> None:
        """Accept nothing more."""
        if not self._over:
            self._over = True
            for one in self._sockets:
                self._loop.remove_reader(one.fileno())
                one.close()

    def _accept(self, listening: socket.socket) -> None:
        for _ in range(self._at_once):
            try:
                accepted, _address = listening.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError:  # nothing left: files, memory
                self._report("a connection could not be accepted")
                self._loop.remove_reader(listening.fileno())
                self._loop.call_later(RETRY_SECONDS, self._accept_again, listening)
                return
            self._take(accepted)

    def _accept_again(self, listening: socket.socket) -> None:
        if not self._over:
            self._loop.add_reader(listening.fileno(), self._accept, listening)
