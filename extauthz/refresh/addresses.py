"""Which addresses a fetch may connect to, and what a host name stands for at this moment.

A certificate's distribution point, or a redirect, is a sentence from outside that makes this service open a
connection. Without a check it could reach what only this machine reaches: loopback, the internal network, a cloud's
metadata service with its credentials (server-side request forgery). So a name is resolved once, every address that
it has must pass, and the connection goes to one of these very addresses.

The classes follow IANA's special-purpose address registries (RFC 6890) as ``ipaddress`` knows them. IPv6 forms that
carry an IPv4 address are judged by that one. What is not judged here: whether a public address is behind a router
that leads back inside.
"""

import queue
import socket
import threading
from collections.abc import Iterable, Sequence
from enum import IntEnum
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from extauthz.refresh.fetch_result import FetchError, FetchResult

Address = IPv4Address | IPv6Address


class Reach(IntEnum):
    """How far an address may be trusted with a connection, the most harmless first."""

    PUBLIC = 0
    """Globally reachable: anybody could ask it the same."""
    PRIVATE = 1
    """Loopback, private networks, shared address space (RFC 6598) and what else is not routed on the Internet."""
    NEVER = 2
    """No CRL is served there, whoever asks: link-local and metadata services, multicast, unspecified, reserved."""


METADATA_4: Final = frozenset(
    map(IPv4Address, ("100.100.100.200", "192.0.0.192", "168.63.129.16"))  # Alibaba, Oracle, Azure
)
"""Clouds' metadata services and the like that are not link-local."""
METADATA_6: Final = frozenset(
    map(IPv6Address, ("fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254"))  # Amazon's EC2, its EKS Pod Identity, Google
)
"""The same, in IPv6."""

_NEVER_4: Final = tuple(
    ip_network(one)
    for one in (
        "0.0.0.0/8",  # "this network"; connecting to 0.0.0.0 reaches loopback
        "169.254.0.0/16",  # link-local, and metadata services
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
# As of 2024 in IANA's registries, and not in every supported Python.
_PRIVATE_4: Final = ip_network("192.0.0.0/24")  # protocol assignments: DS-Lite, and the addresses of nobody
_PRIVATE_6: Final = ip_network("3fff::/20")  # documentation (RFC 9637)
_NEVER_6: Final = tuple(
    ip_network(one)
    for one in (
        "2001::/32",  # Teredo: a tunnel to an IPv4 address
        "2002::/16",  # 6to4: the same, and deprecated (RFC 7526)
    )
)
_UNICAST_6: Final = ip_network("2000::/3")
_UNIQUE_LOCAL_6: Final = ip_network("fc00::/7")
_LOOPBACK_6: Final = IPv6Address("::1")
_NAT64: Final = ip_network("64:ff9b::/96")
_LOCAL_NAT64: Final = ip_network("64:ff9b:1::/48")
_LOW_32_BITS: Final = 0xFFFF_FFFF


def reach(address: Address) -> Reach:
    """Say where an address leads."""
    return _reach_4(address) if isinstance(address, IPv4Address) else _reach_6(address)


def _reach_4(address: IPv4Address) -> Reach:
    if address in METADATA_4 or any(address in network for network in _NEVER_4):
        return Reach.NEVER
    return Reach.PUBLIC if address.is_global and address not in _PRIVATE_4 else Reach.PRIVATE


def _reach_6(address: IPv6Address) -> Reach:
    if address.ipv4_mapped is not None:
        return _reach_4(address.ipv4_mapped)  # the system connects to exactly that
    if address in _NAT64:  # RFC 6052: a gateway connects to that
        return _reach_4(_embedded(address))
    if address in _LOCAL_NAT64:  # RFC 8215: the same, and the gateway is somebody's own
        return max(Reach.PRIVATE, _reach_4(_embedded(address)))
    if address in METADATA_6 or any(address in network for network in _NEVER_6):
        return Reach.NEVER
    if address in _UNICAST_6:
        return Reach.PUBLIC if address.is_global and address not in _PRIVATE_6 else Reach.PRIVATE
    # Of the rest, which holds link-local, multicast, IPv4-compatible and unallocated space, two parts are in use.
    return Reach.PRIVATE if address == _LOOPBACK_6 or address in _UNIQUE_LOCAL_6 else Reach.NEVER


def _embedded(address: IPv6Address) -> IPv4Address:
    return IPv4Address(int(address) & _LOW_32_BITS)


def check_addresses(host: str, addresses: Iterable[str], *, private: bool) -> None:
    """Raise ``FetchError`` (address_refused) unless every address may be connected to, private ones if ``private``.

    One bad address spoils the host: a name that is public and private at once is how rebinding looks.
    """
    for text in addresses:
        found = reach(ip_address(text.partition("%")[0]))
        if found is Reach.NEVER:
            detail = f"{host} has the address {text}: link-local, metadata, multicast or reserved, never a CRL server"
            raise FetchError(FetchResult.ADDRESS_REFUSED, detail)
        if found is Reach.PRIVATE and not private:
            detail = f"{host} has the private address {text}, and private addresses are not allowed here"
            raise FetchError(FetchResult.ADDRESS_REFUSED, detail)


def resolve(host: str, port: int, timeout: float) -> Sequence[str]:
    """Return the addresses of a host name, or the one that it already is, in the system's order of preference.

    Raises ``OSError`` when there are none and ``TimeoutError`` after ``timeout`` seconds. The system's look-up cannot
    be interrupted, so it has a thread of its own, which ends when the system gives up.
    """
    try:
        return (str(ip_address(host)),)
    except ValueError:
        pass
    answers: queue.SimpleQueue[Sequence[str] | OSError] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
            answers.put(tuple(dict.fromkeys(str(place[0]) for *_, place in found)))
        except OSError as error:
            answers.put(error)

    threading.Thread(target=look_up, name="crl-resolve", daemon=True).start()
    try:
        answer = answers.get(timeout=timeout)
    except queue.Empty:
        raise TimeoutError(f"looking up {host} took longer than {timeout:.3g} s") from None
    if isinstance(answer, OSError):
        raise answer
    return answer
