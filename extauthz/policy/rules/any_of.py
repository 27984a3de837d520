"""``any_of``: one of several sets of conditions holds, each set whole."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from extauthz.model.identity import CertIdentity
from extauthz.model.outcome import Fail, Outcome, Pass
from extauthz.model.reason import Reason
from extauthz.policy.rules.all_of import AllOf
from extauthz.policy.rules.base import Rule


@dataclass(frozen=True, slots=True)
class AnyOfRule:
    """At least one alternative holds. On a fail, the detail says why each of them did not."""

    alternatives: tuple[AllOf, ...]
    key: str = "any_of"

    def check(self, identity: CertIdentity) -> Outcome:
        """Pass with the first alternative that holds."""
        return self.combined(lambda alternative: alternative.check(identity))

    def combined(self, check: Callable[[Rule], Outcome]) -> Outcome:
        """Pass with the first alternative that ``check`` passes."""
        why = []
        undecided = False
        for number, alternative in enumerate(self.alternatives):
            outcome = check(alternative)
            if isinstance(outcome, Pass):
                return Pass(f"[{number}] holds: {outcome.detail}")
            why.append(f"[{number}] {outcome.reason}: {outcome.detail}")
            undecided = undecided or outcome.undecided
        return Fail(Reason.NO_ALTERNATIVE_HOLDS, "; ".join(why), undecided=undecided)


def any_of_rule(alternatives: Sequence[AllOf]) -> AnyOfRule:
    """Require one of these sets. An empty list is refused: it could only mean "nobody" or "anybody"."""
    if not alternatives:
        raise ValueError("any_of needs at least one alternative")
    return AnyOfRule(tuple(alternatives))
