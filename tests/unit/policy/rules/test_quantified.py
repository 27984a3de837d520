"""`any`, `all` and `exactly`, over policies and purposes."""

from collections.abc import Callable, Sequence

import pytest

from extauthz.model.identity import CertIdentity
from extauthz.model.outcome import Fail, Pass
from extauthz.model.reason import Reason
from extauthz.policy.rules.base import Rule
from extauthz.policy.rules.extended_key_usage import extended_key_usage_rule
from extauthz.policy.rules.policy_oids import policy_oids_rule
from extauthz.policy.rules.quantified import Quantifier
from support.identities import identity

ANY, ALL, EXACTLY = Quantifier
Make = Callable[[Sequence[str], Quantifier], Rule]
NAMES = {"a": "1.2.3", "b": "1.2.4", "c": "1.2.5"}


def with_policies(oids: tuple[str, ...]) -> CertIdentity:
    return identity(policy_oids=oids)


def with_purposes(oids: tuple[str, ...]) -> CertIdentity:
    return identity(extended_key_usage=oids)


SETS: list[tuple[Make, Callable[[tuple[str, ...]], CertIdentity], Reason]] = [
    (policy_oids_rule, with_policies, Reason.POLICY_OID_NOT_ALLOWED),
    (extended_key_usage_rule, with_purposes, Reason.EXTENDED_KEY_USAGE_NOT_ALLOWED),
]


@pytest.mark.parametrize(
    ("quantifier", "listed", "has", "holds"),
    [
        (ANY, "ab", "b", True),
        (ANY, "ab", "bc", True),
        (ANY, "ab", "c", False),
        (ANY, "a", "", False),
        (ALL, "ab", "ab", True),
        (ALL, "ab", "cba", True),
        (ALL, "ab", "a", False),
        (ALL, "ab", "", False),
        (EXACTLY, "ab", "ba", True),
        (EXACTLY, "ab", "bab", True),
        (EXACTLY, "ab", "abc", False),
        (EXACTLY, "ab", "a", False),
        (EXACTLY, "a", "", False),
    ],
)
def test_quantifier(quantifier: Quantifier, listed: str, has: str, holds: bool) -> None:
    for make, holder, reason in SETS:
        rule = make([NAMES[one] for one in listed], quantifier)
        outcome = rule.check(holder(tuple(NAMES[one] for one in has)))
        assert isinstance(outcome, Pass) is holds
        assert outcome.detail
        if isinstance(outcome, Fail):
            assert (outcome.reason, outcome.undecided) == (reason, False)


def test_a_plain_list_means_any() -> None:
    assert isinstance(policy_oids_rule(["1.2.3", "1.2.4"]).check(with_policies(("1.2.4", "1.2.5"))), Pass)
    assert isinstance(extended_key_usage_rule(["1.2.3", "1.2.4"]).check(with_purposes(("1.2.4", "1.2.5"))), Pass)


def test_a_purpose_by_name_and_by_oid_is_the_same() -> None:
    rule = extended_key_usage_rule(["1.3.6.1.5.5.7.3.2", "smartcardLogon"], EXACTLY)
    assert isinstance(rule.check(with_purposes(("smartcardLogon", "clientAuth"))), Pass)


def test_what_lacks_and_what_is_too_much_is_told_and_bounded() -> None:
    lacking = policy_oids_rule(["1.2.3", "1.2.4"], ALL).check(with_policies(("1.2.4",)))
    assert lacking.detail == "it lacks '1.2.3'; it has '1.2.4'"
    many = tuple(f"1.2.3.{number}" for number in range(1000))
    too_much = policy_oids_rule(["1.2.3.0"], EXACTLY).check(with_policies(many))
    assert too_much.detail.startswith("it also has '1.2.3.1', '1.2.3.10'")
    assert too_much.detail.endswith("994 more")
