"""A card alone is let in only where the conditions that hold name its kind."""

import pytest

from extauthz.model.identity import CertIdentity, Kind
from extauthz.model.outcome import Fail, Pass
from extauthz.model.reason import Reason
from extauthz.policy.client_cert import ClientCertConfig
from extauthz.policy.evaluate import evaluate
from extauthz.policy.rules.all_of import AllOf
from extauthz.policy.rules.any_of import any_of_rule
from extauthz.policy.rules.base import Rule
from extauthz.policy.rules.common_name import common_name_rule
from extauthz.policy.rules.device import DEVICE_KINDS, DeviceRule
from extauthz.policy.rules.extended_key_usage import extended_key_usage_rule
from extauthz.policy.rules.kind import kind_rule
from extauthz.policy.rules.negation import not_rule
from extauthz.policy.rules.organization import organizational_unit_rule
from support.identities import identity


def card(kind: Kind = Kind.PIV_CARD_AUTH, **changes: object) -> CertIdentity:
    return identity(kind=kind, authenticates_card=True, extended_key_usage=("id-PIV-cardAuth",), **changes)


CARD = card()
NAMED = kind_rule([Kind.PIV_CARD_AUTH, Kind.PIV_AUTH])
OTHER = kind_rule([Kind.PIV_AUTH])
ALICE = common_name_rule(["alice"])
BOB = common_name_rule(["bob"])
OPS = organizational_unit_rule(["Ops"])


def any_of(*alternatives: tuple[Rule, ...]) -> Rule:
    return any_of_rule([AllOf(rules) for rules in alternatives])


ASKED_FOR = [
    (NAMED,),
    (ALICE, NAMED),
    (any_of((NAMED,)),),
    (any_of((BOB,), (NAMED, ALICE)),),
    (any_of((OPS,), (NAMED, ALICE)),),
    (any_of((ALICE, any_of((BOB,), (NAMED,)))),),
    (not_rule(AllOf((BOB,))), NAMED),
]
NOT_ASKED_FOR = [
    (),
    (ALICE,),
    (any_of((ALICE,)),),
    # The alternative that names the kind does not hold, and the one that holds does not name it.
    (any_of((OPS,), (NAMED, BOB)),),
    (any_of((OPS,), (ALICE, any_of((NAMED, BOB), (OPS,)))),),
    (any_of((BOB, any_of((NAMED,))), (OPS,)),),
    # What a `not` names is excluded, or at most not there: it asks for nothing.
    (not_rule(AllOf((OTHER,))),),
    (not_rule(AllOf((NAMED, BOB))),),
    (any_of((not_rule(AllOf((NAMED, BOB))),)),),
]


@pytest.mark.parametrize("rules", ASKED_FOR)
def test_card_that_is_asked_for_is_let_in(rules: tuple[Rule, ...]) -> None:
    assert isinstance(DeviceRule(rules).check(CARD), Pass)
    verdict, _ = evaluate(ClientCertConfig(rules=rules).all_rules(), CARD)
    assert isinstance(verdict, Pass)


@pytest.mark.parametrize("rules", NOT_ASKED_FOR)
def test_card_that_is_not_asked_for_is_no_person_whatever_else_holds(rules: tuple[Rule, ...]) -> None:
    verdict, _ = evaluate(ClientCertConfig(rules=rules).all_rules(), CARD)
    assert isinstance(verdict, Fail)
    assert verdict.reason is Reason.KIND_NOT_ALLOWED
    assert verdict.detail.startswith("device: 'piv-card-auth' proves a card and not its holder")


@pytest.mark.parametrize("kind", sorted(DEVICE_KINDS))
def test_each_card_kind_needs_its_own_name(kind: Kind) -> None:
    (other,) = DEVICE_KINDS - {kind}
    for rule, outcome in ((kind_rule([kind]), Pass), (kind_rule([other]), Fail)):
        assert isinstance(DeviceRule((rule,)).check(card(kind)), outcome)


@pytest.mark.parametrize("kind", [Kind.SOFTWARE, Kind.PIV_AUTH, Kind.SPIFFE])
def test_mark_of_a_card_on_another_kind_is_never_accepted(kind: Kind) -> None:
    rules = (kind_rule([kind, *DEVICE_KINDS]), extended_key_usage_rule(["id-PIV-cardAuth"]))
    verdict, _ = evaluate(ClientCertConfig(rules=rules).all_rules(), card(kind))
    assert isinstance(verdict, Fail)
    assert verdict.reason is Reason.KIND_NOT_ALLOWED


@pytest.mark.parametrize("kind", sorted(DEVICE_KINDS))
def test_kind_alone_makes_a_device(kind: Kind) -> None:
    assert isinstance(DeviceRule(()).check(identity(kind=kind)), Fail)


def test_purposes_that_a_policy_names_do_not_ask_for_a_card() -> None:
    rules = (extended_key_usage_rule(["id-PIV-cardAuth"]),)
    verdict, _ = evaluate(ClientCertConfig(rules=rules).all_rules(), CARD)
    assert isinstance(verdict, Fail)
    assert verdict.reason is Reason.KIND_NOT_ALLOWED


@pytest.mark.parametrize("kind", sorted(set(Kind) - DEVICE_KINDS))
def test_everything_else_is_no_device(kind: Kind) -> None:
    assert isinstance(DeviceRule(()).check(identity(kind=kind)), Pass)
