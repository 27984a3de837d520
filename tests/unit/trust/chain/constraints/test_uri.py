"""uniformResourceIdentifier subtrees: the host decides, and a URI without one is refused."""

import pytest

from extauthz.trust.chain.constraints.unprocessable import UnprocessableConstraint
from extauthz.trust.chain.constraints.uri import UriTrees


@pytest.mark.parametrize(
    ("constraint", "uri", "covered"),
    [
        ("example.com", "https://example.com/a", True),
        ("example.com", "HTTPS://EXAMPLE.com:8443?x#y", True),
        ("example.com", "https://user:pass@example.com", True),
        ("example.com", "https://example.com#@evil.net", True),
        ("example.com", "https://evil.net/@example.com", False),
        ("example.com", "https://www.example.com/", False),
        (".example.com", "ldap://www.example.com/cn=a", True),
        (".example.com", "https://example.com/", False),
        ("prod.example", "spiffe://prod.example/web", True),
        ("prod.example", "spiffe://stage.example/web", False),
    ],
)
def test_uris_within(constraint: str, uri: str, covered: bool) -> None:
    trees = UriTrees([constraint, "unrelated.example"])
    assert (trees.permit(uri), trees.exclude(uri)) == (covered, covered)


@pytest.mark.parametrize(
    "uri",
    [
        "urn:uuid:94e28c68-84db-44db-8a0e-f502d6689b14",
        "mailto:a@example.com",
        "https:///path",
        "https://10.0.0.1/",
        "https://[::1]/",
        "https://ex%61mple.com/",
        "https://a@b@example.com/",
        "https://example.com:80:80/",
        "example.com",
        "//example.com/",
        "",
    ],
)
def test_a_uri_without_a_host_name_is_never_permitted_and_always_excluded(uri: str) -> None:
    trees = UriTrees(["", "example.com"])
    assert (trees.permit(uri), trees.exclude(uri)) == (False, True)


def test_constraints_that_cannot_be_processed() -> None:
    with pytest.raises(UnprocessableConstraint):
        UriTrees(["https://example.com"])
