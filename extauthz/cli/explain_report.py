"""A decision, for people and for machines."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from extauthz.cli.text import instant
from extauthz.identity.json_form import forwarded_to_json, to_json
from extauthz.model.decision import Decision
from extauthz.model.outcome import Fail, Outcome
from extauthz.model.visible import visible

_RULE_INDENT = " " * 20


def decision_json(decision: Decision, at: datetime) -> Mapping[str, object]:
    """Return the decision as plain values for JSON."""
    return {
        "decision": _verdict(decision),
        "reason": decision.reason,
        "detail": decision.detail,
        "policy": decision.policy or None,
        "at": at.isoformat(),
        "sources": list(decision.sources),
        "steps": [
            {
                "number": step.number,
                "name": step.name,
                **_outcome_json(step.outcome),
                "rules": [{"rule": one.rule, **_outcome_json(one.outcome)} for one in step.rules],
            }
            for step in decision.steps
        ],
        "headers": {"set": dict(decision.headers.set), "remove": list(decision.headers.remove)},
        "session_expires": None if decision.session_expires is None else instant(decision.session_expires),
        "identity": _identity(decision),
    }


def decision_lines(decision: Decision) -> Iterator[str]:
    """Yield the decision step by step, the rules of a step below it, and the verdict at the end."""
    if not decision.steps:  # the request could not even be read
        yield _outcome_text(Fail(decision.reason, decision.detail))
    for step in decision.steps:
        yield f"{step.number:2}  {step.name:<12}  {_outcome_text(step.outcome)}"
        for result in step.rules:
            yield f"{_RULE_INDENT}{result.rule}: {_outcome_text(result.outcome)}"
    yield ""
    if decision.allowed:
        for name, value in decision.headers.set:
            yield f"{name}: {value}"
        yield ""
    policy = f" by policy {decision.policy!r}" if decision.policy else ""
    yield f"{_verdict(decision).upper()}{policy}: {decision.reason}"


def _identity(decision: Decision) -> Mapping[str, object] | None:
    if decision.forwarded is not None:
        return forwarded_to_json(decision.forwarded)
    return None if decision.identity is None else to_json(decision.identity)


def _verdict(decision: Decision) -> str:
    return "allow" if decision.allowed else "deny"


def _outcome_json(outcome: Outcome) -> Mapping[str, object]:
    if isinstance(outcome, Fail):
        return {"outcome": "fail", "reason": outcome.reason, "detail": outcome.detail}
    return {"outcome": "pass", "reason": None, "detail": outcome.detail}


def _outcome_text(outcome: Outcome) -> str:
    if isinstance(outcome, Fail):
        return visible(f"FAIL  {outcome.reason}: {outcome.detail}" if outcome.detail else f"FAIL  {outcome.reason}")
    return visible(f"pass  {outcome.detail}".rstrip())
