"""Addresses to listen on: taking them apart, and saying why one cannot be had."""

import contextlib
import errno
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from extauthz.config.schema.address import UNIX_PREFIX
from extauthz.service.unix_socket import SocketPathTakenError, binding

ADMIN_BACKLOG = 64
"""Connections that wait to be accepted: operators and Prometheus are few."""
PROXY_BACKLOG = 1024
"""The same at one gRPC listener: a replica that was scaled up gets those of every proxy at once."""


class ListenError(Exception):
    """A listener cannot have its address; the message is one sentence for the operator."""

    def __init__(self, address: str, why: str) -> None:
        super().__init__(f"cannot listen on {address}: {why}")
        self.address = address
        self.why = why


def unix_path(address: str) -> Path | None:
    """Return the path of a ``unix:`` address, None for any other."""
    return Path(address.removeprefix(UNIX_PREFIX)) if address.startswith(UNIX_PREFIX) else None


def split_host_port(address: str) -> tuple[str, int]:
    """Split ``host:port`` or ``[ipv6]:port``, which the configuration has checked."""
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def with_port(address: str, port: int) -> str:
    """Put the port that was bound in the place of the one that was asked for, which may be 0."""
    return f"{address.rpartition(':')[0]}:{port}"


def listening_socket(address: str, backlog: int = ADMIN_BACKLOG) -> socket.socket:
    """Bind and listen; ``backlog`` connections may wait to be accepted. Raises ListenError."""
    path = unix_path(address)
    try:
        if path is not None:
            with binding(path):
                return _listening(socket.AF_UNIX, str(path), backlog)
        host, port = split_host_port(address)
        family, _, _, _, socket_address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return _listening(family, socket_address, backlog)
    except (OSError, SocketPathTakenError) as error:
        raise ListenError(address, explained(error)) from None


def listening_sockets(address: str, backlog: int) -> list[socket.socket]:
    """Bind and listen on every address of a host, with one port for all. Raises ListenError."""
    if unix_path(address) is not None:
        return [listening_socket(address, backlog)]
    return on_each_address(address, lambda family, place: _listening(family, place, backlog))


def on_each_address(address: str, make: Callable[[int, tuple[Any, ...]], socket.socket]) -> list[socket.socket]:
    """Make a socket for each address of a host, all with one port. Raises ListenError.

    A name such as ``localhost`` may stand for an address of a family that the machine does not have; one is enough.
    """
    host, port = split_host_port(address)
    with contextlib.ExitStack() as on_error:
        made: list[socket.socket] = []
        missing: OSError | None = None
        try:
            for family, _, _, _, place in dict.fromkeys(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)):
                try:
                    one = make(family, (place[0], port, *place[2:]))
                except OSError as error:
                    if error.errno not in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                        raise
                    missing = error
                    continue
                made.append(on_error.enter_context(one))
                port = one.getsockname()[1]
            if missing is not None and not made:
                raise missing
        except OSError as error:
            raise ListenError(address, explained(error)) from None
        on_error.pop_all()
    return made


def explained(error: Exception) -> str:
    """Return the words of an error without numbers and Python types."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror[0].lower() + error.strerror[1:]
    return str(error)


def why_not_bindable(address: str) -> str:
    """Find out why a TCP address could not be bound, for a library that does not say."""
    host, port = split_host_port(address)
    try:
        for family, _, _, _, socket_address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            _listening(family, socket_address).close()
    except OSError as error:
        return explained(error)
    return "gRPC could not bind it"


def _listening(family: int, address: tuple[Any, ...] | str, backlog: int = ADMIN_BACKLOG) -> socket.socket:
    with contextlib.ExitStack() as on_error:
        listener = on_error.enter_context(socket.socket(family, socket.SOCK_STREAM))
        if family != socket.AF_UNIX:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(backlog)
        on_error.pop_all()
        return listener
