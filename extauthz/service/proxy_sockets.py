"""Where a listener for proxies accepts: sockets of its own, or some that it shares with other processes."""

import socket
from collections.abc import Sequence

from extauthz.service.listen_address import PROXY_BACKLOG, listening_sockets, unix_path, with_port
from extauthz.service.unix_socket import OwnSocketFile


class ProxySockets:
    """The listening sockets of one listener."""

    def __init__(self, address: str, shared: Sequence[socket.socket] | None) -> None:
        """Bind, unless ``shared`` are given, which listen at the address already and are not this one's alone.

        Raises ListenError.
        """
        path = unix_path(address)
        self.sockets = listening_sockets(address, PROXY_BACKLOG) if shared is None else shared
        self._file = OwnSocketFile(path if shared is None else None)  # what others listen on is theirs to remove
        self.address = address if path is not None else with_port(address, self.sockets[0].getsockname()[1])
        """With the port that was given for port 0."""

    def remove_file(self) -> None:
        """Remove the file of a Unix socket that was bound here."""
        self._file.remove()
