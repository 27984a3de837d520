"""Run a policy's rules: all of them must hold (step 8 of ``decide``)."""

from collections.abc import Callable, Sequence

from extauthz.model.decision import RuleResult
from extauthz.model.identity import CertIdentity
from extauthz.model.outcome import Fail, Outcome, Pass
from extauthz.policy.rules.base import Rule


def evaluate(rules: Sequence[Rule], identity: CertIdentity) -> tuple[Outcome, tuple[RuleResult, ...]]:
    """Return the verdict and what each rule said.

    Every rule is run, also after one has failed, so that the operator sees all that is wrong at once; the first
    failure in the policy's order gives the reason.
    """
    return evaluate_by(rules, lambda rule: rule.check(identity))


def evaluate_by(rules: Sequence[Rule], check: Callable[[Rule], Outcome]) -> tuple[Outcome, tuple[RuleResult, ...]]:
    """Do the same with what ``check`` says of each rule."""
    results = tuple([RuleResult(rule.key, check(rule)) for rule in rules])
    for key, outcome in results:
        if isinstance(outcome, Fail):
            return Fail(outcome.reason, f"{key}: {outcome.detail}"), results
    return Pass(f"{len(results)} rules hold"), results
