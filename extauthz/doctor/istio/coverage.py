"""Which requests the policies that ask are about: Istio asks nobody about those that no rule matches."""

from collections.abc import Iterator
from typing import Final

from extauthz.doctor.code import Code
from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding
from extauthz.doctor.istio.view import IstioView
from extauthz.doctor.located import Located

_DRY_RUN: Final = "istio.io/dry-run"
_EVERYTHING: Final = {"hosts": {"*"}, "methods": {"*"}, "paths": {"*", "/*", "/{**}"}}
"""Values of an operation that match whatever comes."""


def rules_given(view: IstioView, _wants: Expectations) -> Iterator[Finding]:
    """Expect that a policy has rules: without any it matches nothing, unlike one with an empty rule."""
    for policy in view.custom_policies:
        rules = policy.at("spec", "rules")
        if not any(_is_rule(one) for one in rules.items):
            yield rules.found(Code.ISTIO_POLICY_WITHOUT_RULES)


def enforced(view: IstioView, _wants: Expectations) -> Iterator[Finding]:
    """Expect that a policy is not only tried out."""
    for policy in view.custom_policies:
        if _is_tried_out(policy):
            yield policy.at("metadata", "annotations").found(Code.ISTIO_POLICY_DRY_RUN, _DRY_RUN)


def everything_matched(view: IstioView, _wants: Expectations) -> Iterator[Finding]:
    """Expect that some rule matches every request of a workload, be it another policy's for the same one."""
    whole = [_place(one) for one in view.custom_policies if _matches_everything(one) and not _is_tried_out(one)]
    for policy in view.custom_policies:
        namespace, where = _place(policy)
        rules = [one for one in policy.at("spec", "rules").items if _is_rule(one)]
        # A policy that selects nothing is about every workload of its namespace.
        covered = not {(namespace, where), (namespace, "")}.isdisjoint(whole)
        if rules and not covered and not _matches_everything(policy):
            limits = dict.fromkeys(limit for rule in rules for limit in _limits(rule))
            yield policy.at("spec", "rules").found(Code.ISTIO_POLICY_PARTIAL, f"limited by {', '.join(limits)}")


def _is_rule(rule: Located) -> bool:
    """Say whether it is one: Istio skips those that are null."""
    return isinstance(rule.value, dict)


def _matches_everything(policy: Located) -> bool:
    return any(_is_rule(rule) and not list(_limits(rule)) for rule in policy.at("spec", "rules").items)


def _limits(rule: Located) -> Iterator[str]:
    """Yield what a request must have; a rule wants one of its sources, one of its operations, and all conditions."""
    for part, inner in (("from", "source"), ("to", "operation")):
        alternatives = [list(_limits_of(one[inner])) for one in rule[part].items]
        if all(alternatives):
            yield from (limit for limits in alternatives for limit in limits)
    yield from (one["key"].text for one in rule["when"].items)


def _limits_of(part: Located) -> Iterator[str]:
    for name, values in part.entries.items():
        if values.texts and _EVERYTHING.get(name, set()).isdisjoint(values.texts):
            yield name


def _is_tried_out(policy: Located) -> bool:
    annotation = policy.at("metadata", "annotations").entries.get(_DRY_RUN)
    return annotation is not None and annotation.is_true


def _place(policy: Located) -> tuple[str, str]:
    """Return the namespace, and what it selects there; empty for every workload."""
    spec = policy["spec"]
    selected = [spec[key].value for key in ("selector", "targetRef", "targetRefs") if spec[key].value]
    return policy.at("metadata", "namespace").text, repr(selected) if selected else ""
