"""The shape of the rules on a set of values: one of those listed, all of them, or these and no other."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from extauthz.model.identity import CertIdentity
from extauthz.model.outcome import Fail, Outcome, Pass
from extauthz.model.reason import Reason
from extauthz.policy.patterns import ExactPattern
from extauthz.policy.rules.base import Rule, ValuesRule, shown, shown_patterns


class Quantifier(StrEnum):
    """How many of the listed values a certificate must have."""

    ANY = "any"
    """At least one."""
    ALL = "all"
    """Every one; others may stand beside them."""
    EXACTLY = "exactly"
    """Every one and no other."""


@dataclass(frozen=True, slots=True)
class AllValuesRule:
    """The certificate has every listed value and, with ``exclusive``, no other."""

    key: str
    reason: Reason
    values: Callable[[CertIdentity], tuple[str, ...]]
    wanted: tuple[ExactPattern, ...]
    exclusive: bool

    def check(self, identity: CertIdentity) -> Outcome:
        """Pass with the values; fail with those that lack or are too many."""
        values = frozenset(self.values(identity))
        lacking = tuple(pattern.text for pattern in self.wanted if pattern.value not in values)
        if lacking:
            return Fail(self.reason, f"it lacks {shown(lacking)}; it has {shown(self.values(identity))}")
        others = values.difference(pattern.value for pattern in self.wanted)
        if self.exclusive and others:
            return Fail(self.reason, f"it also has {shown(tuple(sorted(others)))}")
        return Pass(f"it has {shown_patterns(self.wanted)}{' and no other' if self.exclusive else ''}")


def quantified_rule(
    key: str,
    reason: Reason,
    values: Callable[[CertIdentity], tuple[str, ...]],
    wanted: Sequence[ExactPattern],
    quantifier: Quantifier,
) -> Rule:
    """Return the rule for a list of exact values."""
    if quantifier is Quantifier.ANY:
        return ValuesRule(key, reason, values, tuple(wanted))
    return AllValuesRule(key, reason, values, tuple(wanted), quantifier is Quantifier.EXACTLY)
