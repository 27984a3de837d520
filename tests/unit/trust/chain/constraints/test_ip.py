"""iPAddress subtrees are networks."""

from ipaddress import ip_network

import pytest

from extauthz.trust.chain.constraints.ip import IpTrees


@pytest.mark.parametrize(
    ("network", "address", "covered"),
    [
        ("10.0.0.0/8", "10.0.0.0", True),
        ("10.0.0.0/8", "10.255.255.255", True),
        ("10.0.0.0/8", "11.0.0.0", False),
        ("10.1.2.3/32", "10.1.2.3", True),
        ("10.1.2.3/32", "10.1.2.4", False),
        ("0.0.0.0/0", "192.0.2.1", True),
        ("0.0.0.0/0", "2001:db8::1", False),
        ("::/0", "192.0.2.1", False),
        ("2001:db8::/32", "2001:db8:ffff::1", True),
        ("2001:db8::/32", "2001:db9::1", False),
    ],
)
def test_addresses_within(network: str, address: str, covered: bool) -> None:
    trees = IpTrees([ip_network(network), ip_network("203.0.113.0/24")])
    assert (trees.permit(address), trees.exclude(address)) == (covered, covered)


@pytest.mark.parametrize(
    ("network", "address", "permitted", "excluded"),
    [
        ("10.0.0.0/8", "::ffff:10.1.2.3", False, True),
        ("10.0.0.0/8", "::ffff:11.1.2.3", False, False),
        ("::/0", "::ffff:10.1.2.3", True, True),
        ("::ffff:10.0.0.0/104", "10.1.2.3", False, False),
    ],
)
def test_mapped_addresses_are_excluded_with_what_they_stand_for(
    network: str, address: str, permitted: bool, excluded: bool
) -> None:
    trees = IpTrees([ip_network(network)])
    assert (trees.permit(address), trees.exclude(address)) == (permitted, excluded)
