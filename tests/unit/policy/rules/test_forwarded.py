"""Of a bare name only ``spiffe_id`` can be told, and what is made of it; everything else is undecided and fails."""

from datetime import timedelta

import pytest

from extauthz.model.forwarded import ForwardedIdentity
from extauthz.model.identity import Kind
from extauthz.model.outcome import Fail, Pass
from extauthz.model.reason import Reason
from extauthz.policy.rules.all_of import all_of
from extauthz.policy.rules.any_of import any_of_rule
from extauthz.policy.rules.base import Rule
from extauthz.policy.rules.common_name import common_name_rule
from extauthz.policy.rules.forwarded import check_forwarded
from extauthz.policy.rules.kind import kind_rule
from extauthz.policy.rules.max_lifetime import max_lifetime_rule
from extauthz.policy.rules.negation import not_rule
from extauthz.policy.rules.policy_oids import policy_oids_rule
from extauthz.policy.rules.public_key import KeyRequirement, key_rule
from extauthz.policy.rules.quantified import Quantifier
from extauthz.policy.rules.spiffe_id import spiffe_id_rule
from extauthz.policy.rules.subject_alt_name import SanPresentRule, san_dns_rule, san_uri_rule

CART = ForwardedIdentity("spiffe://cluster.local/ns/shop/sa/cart", ("spiffe://cluster.local/ns/web/sa/web",))
SHOP = spiffe_id_rule(["spiffe://cluster.local/ns/shop/sa/*"])
BANK = spiffe_id_rule(["spiffe://cluster.local/ns/bank/sa/*"])
NAME = common_name_rule(["cart"])


@pytest.mark.parametrize(
    "rule",
    [
        SHOP,
        any_of_rule([all_of([BANK]), all_of([SHOP])]),
        any_of_rule([all_of([NAME]), all_of([SHOP])]),
        not_rule(all_of([BANK])),
        not_rule(all_of([BANK, NAME])),
    ],
)
def test_a_condition_on_the_spiffe_id_holds(rule: Rule) -> None:
    assert isinstance(check_forwarded(rule, CART), Pass)


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        (BANK, Reason.SPIFFE_ID_NOT_ALLOWED),
        (any_of_rule([all_of([BANK]), all_of([NAME])]), Reason.NO_ALTERNATIVE_HOLDS),
        (any_of_rule([all_of([SHOP, NAME])]), Reason.NO_ALTERNATIVE_HOLDS),
        (not_rule(all_of([SHOP])), Reason.EXCLUDED),
        (not_rule(all_of([SHOP, NAME])), Reason.EXCLUDED),
    ],
)
def test_a_condition_on_the_spiffe_id_does_not_hold(rule: Rule, reason: Reason) -> None:
    outcome = check_forwarded(rule, CART)
    assert isinstance(outcome, Fail)
    assert outcome.reason is reason


@pytest.mark.parametrize(
    "rule",
    [
        NAME,
        SanPresentRule(),
        san_uri_rule(["spiffe://**"]),
        san_dns_rule(["**.example"]),
        kind_rule([Kind.SPIFFE]),
        key_rule([KeyRequirement(type="ec", min_bits=None, curves=())]),
        max_lifetime_rule(timedelta(days=1)),
        policy_oids_rule(["1.2.3"], Quantifier.ANY),
    ],
)
def test_what_only_a_certificate_shows_fails_and_so_does_its_opposite(rule: Rule) -> None:
    for one in (rule, not_rule(all_of([rule]))):
        outcome = check_forwarded(one, CART)
        assert isinstance(outcome, Fail)
        assert outcome.undecided
    plain = check_forwarded(rule, CART)
    assert isinstance(plain, Fail)
    assert plain.reason is Reason.FORWARDED_IDENTITY_INSUFFICIENT
