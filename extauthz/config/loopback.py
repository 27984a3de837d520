"""Which machine an address of a listener means, as far as the text says: this one alone, any, or some other."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

_LOCALHOST: Final = "localhost"
_LOOPBACK: Final = {4: ip_network("127.0.0.0/8"), 6: ip_network("::1/128")}


def literal(host: str) -> IPv4Address | IPv6Address | None:
    """Return the address that a host is written as; None for a name."""
    try:
        return ip_address(host.strip("[]"))
    except ValueError:
        return None


def is_loopback(host: str) -> bool:
    """Say whether a host is this machine, to itself. A name may lead anywhere, unless it is ``localhost``."""
    address = literal(host)
    return host.lower() == _LOCALHOST if address is None else address.is_loopback


def admits_loopback(host: str, networks: Iterable[str]) -> bool:
    """Say whether any of the networks has an address from which this machine asks at the host, one of loopback.

    Who asks at an address of one family comes from that family; ``localhost`` may be of either.
    """
    address = literal(host)
    ours = _LOOPBACK.values() if address is None else [_LOOPBACK[address.version]]
    return any(_overlap(ip_network(network), own) for network in networks for own in ours)


def _overlap(one: IPv4Network | IPv6Network, other: IPv4Network | IPv6Network) -> bool:
    if isinstance(one, IPv4Network):
        return isinstance(other, IPv4Network) and one.overlaps(other)
    return isinstance(other, IPv6Network) and one.overlaps(other)
