"""``issuer`` and ``subject``: the whole distinguished name, exactly (or ``re:`` over its RFC 4514 form)."""

from collections.abc import Sequence

from extauthz.identity.names import canonical_dn
from extauthz.model.reason import Reason
from extauthz.policy.patterns import REGEX_PREFIX, ExactPattern, Pattern, PatternError, compile_regex
from extauthz.policy.rules.base import ContainsRule, Rule, ValuesRule


def issuer_rule(names: Sequence[str]) -> Rule:
    """Require one of these issuer DNs."""
    return ValuesRule(
        "issuer", Reason.ISSUER_NOT_ALLOWED, lambda identity: (_comparable(identity.issuer_dn),), _patterns(names)
    )


def subject_rule(names: Sequence[str]) -> Rule:
    """Require one of these subject DNs."""
    return ValuesRule(
        "subject", Reason.SUBJECT_NOT_ALLOWED, lambda identity: (_comparable(identity.subject_dn),), _patterns(names)
    )


def issuer_contains_rule(fragments: Sequence[str]) -> Rule:
    """Require one of these fragments in the issuer DN."""
    return ContainsRule(
        "issuer_contains", Reason.ISSUER_NOT_ALLOWED, lambda identity: identity.issuer_dn, _fragments(fragments)
    )


def subject_contains_rule(fragments: Sequence[str]) -> Rule:
    """Require one of these fragments in the subject DN."""
    return ContainsRule(
        "subject_contains", Reason.SUBJECT_NOT_ALLOWED, lambda identity: identity.subject_dn, _fragments(fragments)
    )


def _comparable(dn: str) -> str:
    # An identity's DN is printed in canonical form already, but for the order inside a multi-valued RDN.
    return canonical_dn(dn) if "+" in dn else dn


def _fragments(fragments: Sequence[str]) -> tuple[str, ...]:
    if "" in fragments:
        raise PatternError("an empty fragment is contained in every name")
    return tuple(fragments)


def _patterns(names: Sequence[str]) -> tuple[Pattern, ...]:
    return tuple(_pattern(name) for name in names)


def _pattern(name: str) -> Pattern:
    if name.startswith(REGEX_PREFIX):
        return compile_regex(name)
    try:
        # Spaces after a comma and the spelling of attribute types are the operator's; values stay exact.
        return ExactPattern(name, canonical_dn(name))
    except ValueError as error:
        raise PatternError(f"{name!r} is not an RFC 4514 distinguished name: {error}") from None
