"""Strangers at a listener: connections that hold a place and never ask what they may ask."""

import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Final, Self

from extauthz.transport.limits import SPARE_FILES, STRANGERS_SHARE
from support.service import RealService

PLACES: Final = 172
"""That each listener has: all are soon taken."""
STRANGERS: Final = PLACES // STRANGERS_SHARE
"""That may be there at once."""
HALF_A_CLIENT_HELLO: Final = bytes.fromhex("16030100c8010000c40303")


def with_few_files(service: RealService, *, listeners: int = 1) -> RealService:
    """Let a service that is not started yet open few files. ``listeners``: how many share them."""
    files = SPARE_FILES + listeners * PLACES
    service.command = ("/bin/sh", "-c", f'ulimit -n {files}; exec "$@"', "sh", *service.command)
    return service


class Strangers:
    """As many as are wanted, as a context manager; leaving it closes what is left of them."""

    def __init__(self, address: str, said: bytes, tls: ssl.SSLContext | None = None) -> None:
        """``said``: what each of them says at first, after its TLS handshake where there is one."""
        host, _, port = address.rpartition(":")
        self._place = host, int(port)
        self._said = said
        self._tls = tls
        self._open = ExitStack()
        self._there: list[socket.socket] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def come(self, count: int) -> None:
        """Let so many more connect. One that is sent away before it has said all is one of them too."""
        for _ in range(count):
            try:
                self._there.append(self._open.enter_context(self._one()))
            except OSError:
                continue

    def trickle(self, byte: bytes) -> None:
        """Let each of them say one byte more."""
        self._there = [one for one in self._there if _says(one, byte)]

    def gone(self) -> Sequence[socket.socket]:
        """Return those whose end has come."""
        return [one for one in self._there if _has_ended(one)]

    def _one(self) -> socket.socket:
        one = socket.create_connection(self._place, 30)
        if self._tls is not None:
            one = self._tls.wrap_socket(one, server_hostname="localhost")
        one.sendall(self._said)
        return one


def keeps_its_word(strangers: Strangers, ask: Callable[[], bool], *, rounds: int = 6, trickled: bytes = b"x") -> None:
    """Let strangers take all places, and more come all the time; fail unless every question is answered at once.

    ``trickled``: what each of them says in each round.
    """
    strangers.come(2 * PLACES)
    for _ in range(rounds):
        assert ask()
        strangers.trickle(trickled)
        strangers.come(STRANGERS // 3)
    assert ask()


def _says(one: socket.socket, byte: bytes) -> bool:
    try:
        one.sendall(byte)
    except OSError:
        return False
    return True


def _has_ended(one: socket.socket) -> bool:
    one.setblocking(False)
    try:
        while one.recv(1 << 16):
            pass
    except (BlockingIOError, ssl.SSLWantReadError):
        return False
    except OSError:
        return True
    return True
