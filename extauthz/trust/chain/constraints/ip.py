"""iPAddress constraints: networks. The library has made sure that their masks are those of networks.

An IPv4-mapped IPv6 address reaches the IPv4 address in it, so it is excluded with that one; permitted it is only by an
IPv6 network.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address


class IpTrees:
    """A set of networks. Looking up one address takes as long as there are different lengths of prefixes."""

    __slots__ = ("_prefixes",)

    def __init__(self, constraints: Iterable[IPv4Network | IPv6Network]) -> None:
        """Take the networks."""
        self._prefixes: dict[tuple[int, int], set[int]] = {}
        for network in constraints:
            shift = network.max_prefixlen - network.prefixlen
            prefix = int(network.network_address) >> shift
            self._prefixes.setdefault((network.version, shift), set()).add(prefix)

    def permit(self, value: str) -> bool:
        """Say whether an address in its text form lies in one of the networks."""
        return self._cover(ip_address(value))

    def exclude(self, value: str) -> bool:
        """Say whether an address, or the IPv4 address that it stands for, lies in one of the networks."""
        address = ip_address(value)
        mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
        return self._cover(address) or (mapped is not None and self._cover(mapped))

    def _cover(self, address: IPv4Address | IPv6Address) -> bool:
        number, version = int(address), address.version
        return any(
            family == version and number >> shift in prefixes for (family, shift), prefixes in self._prefixes.items()
        )
