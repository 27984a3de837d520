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
    ],
)
def test_names_within(constraint: str, name: str, permitted: bool, excluded: bool) -> None:
    trees = DnsTrees([constraint, "unrelated.example"])
    assert (trees.permit(name), trees.exclude(name)) == (permitted, excluded)


def test_what_is_not_ascii_cannot_be_processed() -> None:
    with pytest.raises(UnprocessableConstraint):
        DnsTrees(["é.example"])
