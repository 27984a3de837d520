"""iPAddress constraints: networks. The library has made sure that their masks are those of networks."""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address


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
        address = ip_address(value)
        number, version = int(address), address.version
        return any(
            family == version and number >> shift in prefixes for (family, shift), prefixes in self._prefixes.items()
        )

    exclude = permit
