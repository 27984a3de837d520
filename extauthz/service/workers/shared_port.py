"""One port for several processes: the supervisor keeps it, each worker listens on it with a socket of its own.

The kernel spreads new connections over the listening sockets (SO_REUSEPORT), and takes one that died out at once. The
supervisor's socket only holds the place: it never listens. It is bound without SO_REUSEPORT, so a port that anybody
uses is refused as ever, and joins the group afterwards. From then on nobody gets in but processes of the same user that
ask for SO_REUSEPORT themselves; a second instance of this service does not, as its supervisor binds first, like ours.
"""

import errno
import socket
import sys
from contextlib import ExitStack
from typing import Any

from extauthz.service.listen_address import ListenError, explained, split_host_port, with_port

BACKLOG = 1024
"""Connections that wait to be accepted by one worker."""


class SharedPort:
    """A TCP port that is kept for the workers until ``close``."""

    def __init__(self, address: str) -> None:
        """Take the port, any free one for port 0. Raises ListenError."""
        if sys.platform != "linux":
            raise ListenError(address, "several workers share a port on Linux alone; take `workers: 1`")
        host, port = split_host_port(address)
        self._sockets: list[socket.socket] = []
        with ExitStack() as on_error:
            try:
                for family, _, _, _, place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
                    one = _kept(family, (place[0], port, *place[2:]))
                    on_error.callback(one.close)
                    self._sockets.append(one)
                    port = one.getsockname()[1]
            except OSError as error:
                # A name such as localhost may stand for addresses that this machine has not, beside one that it has.
                if error.errno != errno.EADDRNOTAVAIL or not self._sockets:
                    raise ListenError(address, explained(error)) from None
            on_error.pop_all()
        self.address = with_port(address, port)
        """With the port that was given for port 0."""

    def close(self) -> None:
        """Give the port back."""
        for one in self._sockets:
            one.close()


def _kept(family: int, place: tuple[Any, ...]) -> socket.socket:
    try:
        kept = _bound(family, place, reuse=False)
    except OSError:
        # Connections of an instance before may still be in TIME_WAIT. With the option they are no obstacle, and
        # neither is a socket that is bound with it and does not listen: ours lose it at once.
        kept = _bound(family, place, reuse=True)
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    return kept


def _bound(family: int, place: tuple[Any, ...], *, reuse: bool) -> socket.socket:
    with ExitStack() as on_error:
        one = on_error.enter_context(socket.socket(family, socket.SOCK_STREAM))
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, int(reuse))
        if family == socket.AF_INET6:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0 if place[0] == "::" else 1)
        one.bind(place)
        on_error.pop_all()
        return one
