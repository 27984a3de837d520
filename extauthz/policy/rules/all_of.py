"""A set of conditions that must hold together: one alternative of ``any_of``, or the inside of ``not``."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from extauthz.model.identity import CertIdentity
from extauthz.model.outcome import Fail, Outcome, Pass
from extauthz.policy.rules.base import Rule


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every rule holds."""

    rules: tuple[Rule, ...]
    key: str = "all_of"

    def check(self, identity: CertIdentity) -> Outcome:
        """Pass when all hold."""
        return self.combined(lambda rule: rule.check(identity))

    def combined(self, check: Callable[[Rule], Outcome]) -> Outcome:
        """Pass when ``check`` passes every rule.

        A clear "no" of one rule outweighs an "unknown" of another: whatever the unknown one turned out to be, the set
        would not hold. So the first decided fail is given, and an undecided one only where there is no other.
        """
        undecided: Fail | None = None
        details = []
        for rule in self.rules:
            outcome = check(rule)
            if isinstance(outcome, Pass):
                details.append(f"{rule.key}: {outcome.detail}")
            elif not outcome.undecided:
                return Fail(outcome.reason, f"{rule.key}: {outcome.detail}")
            elif undecided is None:
                undecided = Fail(outcome.reason, f"{rule.key}: {outcome.detail}", undecided=True)
        return Pass("; ".join(details)) if undecided is None else undecided


def all_of(rules: Sequence[Rule]) -> AllOf:
    """Require all of these. An empty set is refused: it would hold for everybody."""
    if not rules:
        raise ValueError("a set of conditions needs at least one condition")
    return AllOf(tuple(rules))
