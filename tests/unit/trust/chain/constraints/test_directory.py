"""directoryName subtrees: the same first RDNs, compared by RFC 5280 §7.1."""

import pytest
from cryptography import x509

from extauthz.trust.chain.constraints.directory import DirectoryTrees, rdn_keys
from support import pki

BASE = pki.name(organization="Example", unit="Ops")


@pytest.mark.parametrize(
    ("name", "covered"),
    [
        (pki.name("alice", unit="Ops"), True),
        (pki.name("alice", organization="EXAMPLE ", unit=" ops"), True),
        (BASE, True),
        (pki.name("alice"), False),
        (pki.name("alice", unit="Opsx"), False),
        (pki.name(organization="Example"), False),
        (x509.Name(list(reversed(list(BASE)))), False),
        (x509.Name([]), False),
    ],
)
def test_names_within(name: x509.Name, covered: bool) -> None:
    trees = DirectoryTrees([BASE, pki.name(organization="Other")])
    assert (trees.permit(rdn_keys(name)), trees.exclude(rdn_keys(name))) == (covered, covered)


def test_a_subtree_without_rdns_is_the_whole_directory() -> None:
    assert DirectoryTrees([x509.Name([])]).permit(rdn_keys(BASE))
