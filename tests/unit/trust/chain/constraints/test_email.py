"""rfc822Name subtrees: mailboxes, hosts, domains."""

import pytest

from extauthz.trust.chain.constraints.email import EmailTrees
from extauthz.trust.chain.constraints.unprocessable import UnprocessableConstraint


@pytest.mark.parametrize(
    ("constraint", "mailbox", "covered"),
    [
        ("a@example.com", "a@example.com", True),
        ("a@EXAMPLE.com", "a@example.COM", True),
        ("a@example.com", "A@example.com", False),
        ("a@example.com", "b@example.com", False),
        ("a@example.com", "a@www.example.com", False),
        ("example.com", "anybody@example.com", True),
        ("example.com", '"odd@local"@example.com', True),
        ("example.com", "a@www.example.com", False),
        ("example.com", "a@notexample.com", False),
        (".example.com", "a@www.example.com", True),
        (".example.com", "a@example.com", False),
        ("", "a@b", True),
    ],
)
def test_mailboxes_within(constraint: str, mailbox: str, covered: bool) -> None:
    trees = EmailTrees([constraint, "c@unrelated.example", ".unrelated.example"])
    assert (trees.permit(mailbox), trees.exclude(mailbox)) == (covered, covered)


@pytest.mark.parametrize("value", ["example.com", "@example.com", "a@", "a@[10.0.0.1]", "a@ex ample", "é"])
def test_what_is_no_mailbox_is_never_permitted_and_always_excluded(value: str) -> None:
    trees = EmailTrees(["example.com", ""])
    assert (trees.permit(value), trees.exclude(value)) == (False, True)


@pytest.mark.parametrize("constraint", ["a@", "@example.com", "a@b c", "a@10.0.0.1", "é"])
def test_constraints_that_cannot_be_processed(constraint: str) -> None:
    with pytest.raises(UnprocessableConstraint):
        EmailTrees([constraint])
