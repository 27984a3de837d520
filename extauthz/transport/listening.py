"""Listening sockets: accepts what comes, and makes do where the system has nothing left for it."""

import asyncio
import errno
import socket
from collections.abc import Callable, Sequence
from typing import Final

RETRY_SECONDS = 1.0
"""Before connections are accepted again after the system had nothing left for one, and nobody could give way."""
_NOTHING_LEFT: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
_OF_ONE_CONNECTION: Final = frozenset(
    {
        errno.ECONNABORTED,
        errno.EPROTO,
        errno.ENETDOWN,
        errno.ENETUNREACH,
        errno.ENOPROTOOPT,
        errno.EHOSTDOWN,
        errno.EHOSTUNREACH,
        errno.EPERM,
        getattr(errno, "ENONET", errno.EPROTO),  # Linux only
    }
)
"""accept(2): it passes on what has become of the connection that would be next, or a firewall's word about it. The one
behind it may be sound."""


class Listening:
    """The sockets of one listener."""

    def __init__(
        self,
        sockets: Sequence[socket.socket],
        take: Callable[[socket.socket, object], None],
        *,
        at_once: int,
        make_way: Callable[[], bool],
        report: Callable[[str], None],
    ) -> None:
        """``take(accepted, address)`` takes each, and at most ``at_once`` before the others are served again.

        ``make_way()`` lets a connection end that there is, and says whether there was one. ``report(event)`` logs the
        exception being handled.
        """
        for one in sockets:
            one.setblocking(False)  # noqa: FBT003  (the socket's own interface)
        self._sockets = tuple(sockets)
        self._take = take
        self._at_once = at_once
        self._make_way = make_way
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
                accepted, address = listening.accept()
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                if error.errno in _OF_ONE_CONNECTION:
                    continue
                self._report("a connection could not be accepted")
                if error.errno not in _NOTHING_LEFT or not self._make_way():
                    self._pause(listening)
                return  # a file of one that gives way is free in the next turn of the loop, which comes here again
            self._take(accepted, address)

    def _pause(self, listening: socket.socket) -> None:
        self._loop.remove_reader(listening.fileno())
        self._loop.call_later(RETRY_SECONDS, self._accept_again, listening)

    def _accept_again(self, listening: socket.socket) -> None:
        if not self._over:
            self._loop.add_reader(listening.fileno(), self._accept, listening)
