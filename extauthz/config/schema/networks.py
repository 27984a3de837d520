"""Networks that say who may ask: one that keeps nobody out is no answer to that."""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network
from typing import Final

NARROW_4: Final = 8
"""Bits of prefix from which an IPv4 network may be one organisation's own: 10.0.0.0/8 is the largest private one."""
NARROW_6: Final = 16
"""The same for IPv6: registries give nobody a shorter one, and 2000::/3 is the whole Internet."""
_NEAR_6: Final = (IPv6Network("fc00::/7"), IPv6Network("fe80::/10"))
"""Unique local and link-local: wide, and not routed on the Internet."""


def check_not_everybody(networks: tuple[str, ...]) -> tuple[str, ...]:
    """Return the networks. Raises ValueError when some of them, together, are all of IPv4 or all of IPv6."""
    for network in _joined(networks):
        if network.prefixlen == 0:
            raise ValueError(
                f"has all of IPv{network.version} and so keeps nobody out; name the proxies' networks, leave "
                "`addresses` out where another kind says who may ask, or write `unsafe_any_caller: true` in the place "
                "of `callers`"
            )
    return networks


def wide(networks: Iterable[str]) -> Iterator[IPv4Network | IPv6Network]:
    """Yield those that are wider than any organisation's own, where the networks are put together."""
    for network in _joined(networks):
        if isinstance(network, IPv4Network):
            if network.prefixlen < NARROW_4:
                yield network
        elif network.prefixlen < NARROW_6 and not any(network.subnet_of(near) for near in _NEAR_6):
            yield network


def _joined(networks: Iterable[str]) -> Iterator[IPv4Network | IPv6Network]:
    parsed = [ip_network(one) for one in networks]
    yield from collapse_addresses([one for one in parsed if isinstance(one, IPv4Network)])
    yield from collapse_addresses([one for one in parsed if isinstance(one, IPv6Network)])
