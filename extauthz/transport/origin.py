"""Where a connection comes from, as far as one sender can be told from another by it."""

import socket
from collections.abc import Hashable
from ipaddress import IPv6Address
from typing import Final

NETWORK_BYTES: Final = 8
"""Of an IPv6 address. One machine usually has all addresses of a /64 (RFC 7421), as many as it likes."""


def origin(family: int, address: object) -> Hashable:
    """Return it for an address as ``accept`` gives it: IPv4 address or IPv6 network; one for all of a Unix socket."""
    if family == socket.AF_UNIX or not isinstance(address, tuple):
        return ""
    host = str(address[0])
    if ":" not in host:
        return host
    whole = IPv6Address(host)
    return whole.packed[:NETWORK_BYTES] if whole.ipv4_mapped is None else str(whole.ipv4_mapped)


def peer_name(accepted: socket.socket) -> str:
    """Return where a connection comes from, for the log."""
    try:
        address = accepted.getpeername()
    except OSError:  # it is gone already
        return "unknown"
    return f"{address[0]}:{address[1]}" if isinstance(address, tuple) else "unix"
