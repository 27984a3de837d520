"""``organization`` and ``organizational_unit``: one of the subject's O or OU values."""

from collections.abc import Sequence

from extauthz.model.reason import Reason
from extauthz.policy.patterns import compile_text
from extauthz.policy.rules.base import Rule, ValuesRule


def organization_rule(texts: Sequence[str]) -> Rule:
    """Require one of these O values. Raises PatternError."""
    patterns = tuple(compile_text(text) for text in texts)
    return ValuesRule(
        "organization", Reason.ORGANIZATION_NOT_ALLOWED, lambda identity: identity.organizations, patterns
    )


def organizational_unit_rule(texts: Sequence[str]) -> Rule:
    """Require one of these OU values. Raises PatternError."""
    patterns = tuple(compile_text(text) for text in texts)
    return ValuesRule(
        "organizational_unit",
        Reason.ORGANIZATIONAL_UNIT_NOT_ALLOWED,
        lambda identity: identity.organizational_units,
        patterns,
    )
