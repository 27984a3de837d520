"""dNSName subtrees: a name and everything below it, in any case."""

import pytest

from extauthz.trust.chain.constraints.dns import DnsTrees
from extauthz.trust.chain.constraints.unprocessable import UnprocessableConstraint


@pytest.mark.parametrize(
    ("constraint", "name", "permitted", "excluded"),
    [
        ("example.com", "example.com", True, True),
        ("example.com", "www.example.com", True, True),
        ("example.com", "a.b.EXAMPLE.com", True, True),
        ("Example.COM", "www.example.com", True, True),
        ("example.com", "www.example.com.", True, True),
        ("example.com.", "www.example.com", True, True),
        ("example.com", "wwwexample.com", False, False),
        ("example.com", "example.com.evil.net", False, False),
        ("example.com", "com", False, False),
        ("example.com", "example.org", False, False),
        ("", "anything.at.all", True, True),
        (".", "anything.at.all", True, True),
        # A dot in front: stricter on either side.
        (".example.com", "www.example.com", True, True),
        (".example.com", "example.com", False, True),
        (".example.com", "other.com", False, False),
        # A wildcard stands for any one label.
        ("example.com", "*.example.com", True, True),
        ("a.example.com", "*.example.com", False, True),
        (".a.example.com", "*.example.com", False, True),
        ("a.b.example.com", "*.example.com", False, False),
        ("com", "*.com", True, True),
        ("example.com", "*.com", False, True),
        ("example.com", "*.net", False, False),
        ("com", "*", False, True),
        ("example.com", "*", False, False),
        # What is no DNS name is not permitted for being none, and might be excluded.
        ("example.com", "other.net ", False, True),
        ("example.com", "www.example.com ", False, True),
        ("example.com", "www.other..net", False, True),
        ("example.com", "other.net..", False, True),
        ("example.com", "*.other..net", False, True),
        ("example.com", "w*.other.net", False, True),
    ],
)
def test_names_within(constraint: str, name: str, permitted: bool, excluded: bool) -> None:
    trees = DnsTrees([constraint, "unrelated.example"])
    assert (trees.permit(name), trees.exclude(name)) == (permitted, excluded)


@pytest.mark.parametrize("constraint", ["é.example", " example.com", "example.com..", "..example.com", "*.example.com"])
def test_what_is_no_dns_name_cannot_be_processed(constraint: str) -> None:
    with pytest.raises(UnprocessableConstraint):
        DnsTrees([constraint])
