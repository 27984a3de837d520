"""IP addresses as sockets tell them."""

from ipaddress import IPv4Address, IPv6Address, ip_address


def plain_address(text: str) -> IPv4Address | IPv6Address:
    """Return an address without its scope, an IPv4 one as itself: a listener on ``[::]`` shows it mapped into IPv6.

    Raises ValueError for what is no address.
    """
    address = ip_address(text.partition("%")[0])
    return getattr(address, "ipv4_mapped", None) or address
