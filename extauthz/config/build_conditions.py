"""``require`` -> the rules of one policy, in the order in which they are run and reported."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from extauthz.config.schema.key import Key
from extauthz.config.schema.require import Conditions, San
from extauthz.config.schema.value_sets import ExtendedKeyUsageSet, PolicyOidSet
from extauthz.config.typed_san import SAN_RULES
from extauthz.model.identity import Kind
from extauthz.policy.rules.agency_code import agency_code_rule
from extauthz.policy.rules.all_of import AllOf
from extauthz.policy.rules.any_of import any_of_rule
from extauthz.policy.rules.base import Rule
from extauthz.policy.rules.card_uuid import card_uuid_rule
from extauthz.policy.rules.common_name import common_name_rule
from extauthz.policy.rules.distinguished_name import (
    issuer_contains_rule,
    issuer_rule,
    subject_contains_rule,
    subject_rule,
)
from extauthz.policy.rules.edipi import edipi_rule
from extauthz.policy.rules.extended_key_usage import extended_key_usage_rule
from extauthz.policy.rules.fasc_n import fasc_n_rule
from extauthz.policy.rules.kind import kind_rule
from extauthz.policy.rules.max_lifetime import max_lifetime_rule
from extauthz.policy.rules.ms_sid import ms_sid_rule
from extauthz.policy.rules.negation import not_rule
from extauthz.policy.rules.organization import organization_rule, organizational_unit_rule
from extauthz.policy.rules.policy_oids import policy_oids_rule
from extauthz.policy.rules.public_key import KeyRequirement, key_rule
from extauthz.policy.rules.quantified import Quantifier
from extauthz.policy.rules.spiffe_id import spiffe_id_rule
from extauthz.policy.rules.subject_alt_name import SanPresentRule
from extauthz.policy.rules.upn import upn_rule


def build_rules(conditions: Conditions) -> tuple[Rule, ...]:
    """Compile every condition that is written. The schema has checked them, so nothing is refused here."""
    rules: list[Rule] = []
    for key, compile_rule in _RULES.items():
        value = getattr(conditions, key)
        if value is not None:
            rules.extend(compile_rule(value))
    return tuple(rules)


def _one(compile_rule: Callable[[Any], Rule]) -> Callable[[Any], Iterator[Rule]]:
    """Make a compiler of one rule into one of several."""

    def compile_rules(value: object) -> Iterator[Rule]:
        yield compile_rule(value)

    return compile_rules


def _quantified(compile_rule: Callable[[Sequence[str], Quantifier], Rule]) -> Callable[[Any], Iterator[Rule]]:
    """Make a compiler of a plain list (any of it is enough) or of a mapping that says how many are."""

    def compile_rules(value: Sequence[str] | PolicyOidSet | ExtendedKeyUsageSet) -> Iterator[Rule]:
        if not isinstance(value, PolicyOidSet | ExtendedKeyUsageSet):
            yield compile_rule(value, Quantifier.ANY)
            return
        for quantifier in Quantifier:
            if (listed := getattr(value, quantifier.value)) is not None:
                yield compile_rule(listed, quantifier)

    return compile_rules


def _san_rules(san: San) -> Iterator[Rule]:
    for san_type, compile_rule in SAN_RULES.items():
        patterns = getattr(san, san_type)
        if patterns is not None:
            yield compile_rule(patterns)


def _san_present_rule(_asked: object) -> Rule:
    return SanPresentRule()


def _kind_rule(kinds: Sequence[str]) -> Rule:
    return kind_rule([Kind(kind) for kind in kinds])


def _key_rule(keys: Sequence[Key]) -> Rule:
    return key_rule([KeyRequirement(type=key.type, min_bits=key.min_bits, curves=key.curves or ()) for key in keys])


def _any_of_rule(alternatives: Sequence[Conditions]) -> Rule:
    return any_of_rule([AllOf(build_rules(alternative)) for alternative in alternatives])


def _not_rule(excluded: Conditions) -> Rule:
    return not_rule(AllOf(build_rules(excluded)))


_RULES: dict[str, Callable[[Any], Iterator[Rule]]] = {
    "issuer": _one(issuer_rule),
    "issuer_contains": _one(issuer_contains_rule),
    "subject": _one(subject_rule),
    "subject_contains": _one(subject_contains_rule),
    "common_name": _one(common_name_rule),
    "organization": _one(organization_rule),
    "organizational_unit": _one(organizational_unit_rule),
    "san_present": _one(_san_present_rule),
    "san": _san_rules,
    "spiffe_id": _one(spiffe_id_rule),
    "upn": _one(upn_rule),
    "kind": _one(_kind_rule),
    "agency_code": _one(agency_code_rule),
    "fasc_n": _one(fasc_n_rule),
    "edipi": _one(edipi_rule),
    "card_uuid": _one(card_uuid_rule),
    "ms_sid": _one(ms_sid_rule),
    "extended_key_usage": _quantified(extended_key_usage_rule),
    "key": _one(_key_rule),
    "max_lifetime": _one(max_lifetime_rule),
    "policy_oids": _quantified(policy_oids_rule),
    "any_of": _one(_any_of_rule),
    "not_": _one(_not_rule),
}
"""Field of ``Conditions`` -> what compiles its value. A test holds the two together."""
