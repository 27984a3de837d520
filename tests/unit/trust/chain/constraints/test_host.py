"""Hosts and domains: a leading dot is a domain, and nothing is everything."""

import pytest

from extauthz.trust.chain.constraints.host import HostTrees, canonical_host
from extauthz.trust.chain.constraints.unprocessable import UnprocessableConstraint


@pytest.mark.parametrize(
    ("constraint", "host", "covered"),
    [
        ("example.com", "example.com", True),
        ("EXAMPLE.com", "example.com", True),
        ("example.com", "www.example.com", False),
        (".example.com", "www.example.com", True),
        (".example.com", "a.b.example.com", True),
        (".example.com", "example.com", False),
        (".example.com", "wwwexample.com", False),
        ("", "anything", True),
    ],
)
def test_hosts_within(constraint: str, host: str, covered: bool) -> None:
    assert HostTrees([constraint, "unrelated.example"]).cover(host) is covered


@pytest.mark.parametrize("constraint", ["é.example", ".", "a..b", "http://a", "example.com/", "a b", "*.a", "a:1"])
def test_what_is_neither_host_nor_domain_cannot_be_processed(constraint: str) -> None:
    with pytest.raises(UnprocessableConstraint):
        HostTrees([constraint])


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("Example.COM", "example.com"),
        ("example.com.", "example.com"),
        ("localhost", "localhost"),
        ("a_b.example-1", "a_b.example-1"),
        ("", None),
        (".", None),
        ("a..b", None),
        (".a", None),
        ("10.0.0.1", None),
        ("a.1", None),
        ("0x7f000001", None),
        ("[::1]", None),
        ("ex%61mple", None),
        ("*.example", None),
    ],
)
def test_host_names(text: str, host: str | None) -> None:
    assert canonical_host(text) == host
