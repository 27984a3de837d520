"""``not``: a set of conditions that must not hold together."""

from collections.abc import Callable
from dataclasses import dataclass

from extauthz.model.identity import CertIdentity
from extauthz.model.outcome import Fail, Outcome, Pass
from extauthz.model.reason import Reason
from extauthz.policy.rules.all_of import AllOf
from extauthz.policy.rules.base import Rule


@dataclass(frozen=True, slots=True)
class NotRule:
    """The set does not hold. Where that cannot be told, the rule fails: unknown is not "no"."""

    excluded: AllOf
    key: str = "not"

    def check(self, identity: CertIdentity) -> Outcome:
        """Pass with the condition that kept the certificate out of the excluded set."""
        return self.combined(lambda excluded: excluded.check(identity))

    def combined(self, check: Callable[[Rule], Outcome]) -> Outcome:
        """Pass when ``check`` clearly fails the set."""
        outcome = check(self.excluded)
        if isinstance(outcome, Pass):
            return Fail(Reason.EXCLUDED, f"it is excluded: {outcome.detail}")
        if outcome.undecided:
            return Fail(Reason.EXCLUDED, f"it cannot be told whether it is excluded: {outcome.detail}", undecided=True)
        return Pass(f"not excluded: {outcome.detail}")


def not_rule(excluded: AllOf) -> NotRule:
    """Require that this set does not hold."""
    return NotRule(excluded)
