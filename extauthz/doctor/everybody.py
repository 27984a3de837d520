"""Lists of trusted networks that leave nobody out, or hardly anybody."""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network
from typing import Final

_SHORTEST: Final = {4: 8, 6: 7}
"""Lengths of a prefix. The largest networks that somebody has are 10.0.0.0/8 and fc00::/7."""


def anybodys(networks: Iterable[str]) -> str:
    """Return a network in the union of these that is larger than anybody's own; empty when there is none."""
    of_version: dict[int, list[IPv4Network | IPv6Network]] = {4: [], 6: []}
    for text in networks:
        try:
            network = ip_network(text, strict=False)
        except ValueError:
            continue
        of_version[network.version].append(network)
    for version, some in of_version.items():
        for network in collapse_addresses(some):  # type: ignore[type-var]  # all of one version, which its types want
            if network.prefixlen < _SHORTEST[version]:
                return str(network)
    return ""
