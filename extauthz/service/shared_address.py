"""One address for several processes: the supervisor keeps it, the workers listen on it.

**TCP.** Each worker listens with a socket of its own. The kernel spreads new connections over them (SO_REUSEPORT), and
takes one that died out at once. The supervisor's socket only holds the place: it never listens. It is bound without
SO_REUSEPORT, so a port that anybody uses is refused as ever, and joins the group afterwards. From then on nobody gets
in but processes of the same user that ask for SO_REUSEPORT and bind without a look; a second instance of this service
does not, as its supervisor binds first, like ours.

**Unix.** There is one socket. The supervisor listens, and the workers accept from it by turns.
"""

import socket
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from extauthz.service.listen_address import (
    PROXY_BACKLOG,
    ListenError,
    listening_socket,
    on_each_address,
    unix_path,
    with_port,
)
from extauthz.service.unix_socket import OwnSocketFile


@dataclass(frozen=True, slots=True)
class SharedAddress:
    """A worker's part in it."""

    listening: socket.socket | None = None
    """The socket that the supervisor listens on for all; None for a TCP port."""

    def listening_sockets(self, address: str) -> list[socket.socket]:
        """Return what to accept from: a socket for each address of the host. Raises ListenError."""
        if self.listening is not None:
            return [self.listening]
        return on_each_address(address, _joined)


class KeptAddress:
    """The supervisor's part: an address that is kept for the workers until ``close``."""

    def __init__(self, address: str) -> None:
        """Take the address, any free port for port 0. Raises ListenError."""
        if sys.platform != "linux":
            raise ListenError(address, "several workers share it on Linux alone; take `workers: 1`")
        path = unix_path(address)
        self.listening: socket.socket | None = None
        """What the workers accept from, if it is a Unix socket."""
        self._sockets: list[socket.socket] = []
        self.address = address
        """With the port that was given for port 0."""
        if path is None:
            self._sockets = on_each_address(address, _kept)
            self.address = with_port(address, self._sockets[0].getsockname()[1])
        else:
            self.listening = listening_socket(address, PROXY_BACKLOG)
            self._sockets.append(self.listening)
        self._file = OwnSocketFile(path)

    def close(self) -> None:
        """Give the address back."""
        for one in self._sockets:
            one.close()
        self._file.remove()


def _joined(family: int, place: tuple[Any, ...]) -> socket.socket:
    """Return a worker's socket, which listens beside others."""
    joined = _bound(family, place, reuse_address=True, reuse_port=True)
    joined.listen(PROXY_BACKLOG)
    return joined


def _kept(family: int, place: tuple[Any, ...]) -> socket.socket:
    """Return the supervisor's socket, which only holds the place."""
    try:
        kept = _bound(family, place, reuse_address=False)
    except OSError:
        # Connections of an instance before may still be in TIME_WAIT. With the option they are no obstacle, and
        # neither is a socket that is bound with it and does not listen: ours lose it at once.
        kept = _bound(family, place, reuse_address=True)
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    return kept


def _bound(family: int, place: tuple[Any, ...], *, reuse_address: bool, reuse_port: bool = False) -> socket.socket:
    with ExitStack() as on_error:
        one = on_error.enter_context(socket.socket(family, socket.SOCK_STREAM))
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, int(reuse_address))
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, int(reuse_port))
        one.bind(place)
        on_error.pop_all()
        return one
