"""The kind of a credential, and those that contradict themselves about it."""

import pytest

from extauthz.model.identity import Kind
from extauthz.model.outcome import Fail, Pass
from extauthz.model.reason import Reason
from extauthz.policy.rules.all_of import all_of
from extauthz.policy.rules.kind import kind_rule
from extauthz.policy.rules.negation import not_rule
from support.identities import identity

CONTRADICTORY = identity(warnings=("subject: odd", "kind: not cac: its issuer is not configured as the DoD's"))


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_is_accepted_by_its_name_and_refused_by_every_other(kind: Kind) -> None:
    for named in Kind:
        outcome = kind_rule([named]).check(identity(kind=kind))
        assert isinstance(outcome, Pass) == (named is kind)
        if isinstance(outcome, Fail):
            assert (outcome.reason, outcome.undecided) == (Reason.KIND_NOT_ALLOWED, False)


def test_one_kind_of_several_is_enough() -> None:
    rule = kind_rule([Kind.PIV_AUTH, Kind.CAC])
    assert isinstance(rule.check(identity(kind=Kind.CAC)), Pass)
    assert rule.check(identity()).detail == "'software' is not in 'cac', 'piv-auth'"


def test_certificate_that_contradicts_itself_is_software_and_escapes_no_not() -> None:
    outcome = kind_rule([Kind.CAC]).check(CONTRADICTORY)
    assert isinstance(outcome, Fail)
    assert outcome.undecided
    assert "its issuer is not configured" in outcome.detail
    excluded = not_rule(all_of([kind_rule([Kind.CAC])])).check(CONTRADICTORY)
    assert isinstance(excluded, Fail)
    assert excluded.reason is Reason.EXCLUDED
    assert isinstance(kind_rule([Kind.SOFTWARE]).check(CONTRADICTORY), Pass)


def test_a_cac_that_was_read_as_another_card_escapes_no_not() -> None:
    fallen_back = identity(kind=Kind.PIV_AUTH, warnings=CONTRADICTORY.warnings)
    assert isinstance(not_rule(all_of([kind_rule([Kind.CAC])])).check(fallen_back), Fail)
    assert isinstance(not_rule(all_of([kind_rule([Kind.DERIVED_PIV])])).check(fallen_back), Pass)


def test_a_broken_svid_escapes_no_not() -> None:
    broken = identity(warnings=("spiffe: not an X509-SVID: it has more than one URI name",))
    assert isinstance(not_rule(all_of([kind_rule([Kind.SPIFFE])])).check(broken), Fail)
    assert isinstance(not_rule(all_of([kind_rule([Kind.CAC])])).check(broken), Pass)
    assert isinstance(kind_rule([Kind.SOFTWARE]).check(broken), Pass)


def test_what_is_only_odd_about_a_recognised_kind_raises_no_doubt() -> None:
    odd = identity(kind=Kind.PIV_AUTH, warnings=("kind: piv-auth for any purpose",))
    assert isinstance(not_rule(all_of([kind_rule([Kind.CAC])])).check(odd), Pass)
