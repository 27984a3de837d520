"""Conditions of the filter itself, under which it asks about some requests and lets the others pass."""

from collections.abc import Iterator
from typing import Final

from extauthz.doctor.code import Code
from extauthz.doctor.envoy.read import extension
from extauthz.doctor.envoy.runtime import Runtime
from extauthz.doctor.envoy.view import Authorizer, Chain, EnvoyView
from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding
from extauthz.doctor.located import Located

_DENOMINATORS: Final = {"": 100, "HUNDRED": 100, "TEN_THOUSAND": 10_000, "MILLION": 1_000_000}
_RBAC: Final = frozenset({"extensions.filters.http.rbac.v3.RBAC", "extensions.filters.network.rbac.v3.RBAC"})
_MATCHED_POLICY: Final = "shadow_effective_policy_id"
"""Where an RBAC filter writes which of its shadow rules a request fits. Istio puts a prefix of its own before it."""


def filter_partly_enabled(view: EnvoyView, _wants: Expectations) -> Iterator[Finding]:
    """Expect that the filter is on for every request, or refuses those for which it is off."""
    for authorizer in view.authorizers:
        node, runtime = authorizer.config["filter_enabled"], Runtime(view.resources.top)
        set_there = runtime.value(node["runtime_key"].text)
        share = _share(node["default_value"]) if set_there is None else _share_at_runtime(set_there)
        if node.given and share < 1 and not _denies(authorizer, runtime):
            where = "" if set_there is None else f"layered_runtime sets {node['runtime_key'].text}"
            yield node.found(Code.ENVOY_FILTER_PARTLY_ENABLED, where)


def filter_by_metadata(view: EnvoyView, _wants: Expectations) -> Iterator[Finding]:
    """Expect no condition on metadata, unless the others are refused or Istio's is one that every request meets."""
    runtime = Runtime(view.resources.top)
    for chain in view.chains:
        for authorizer in (*chain.authorizers, *chain.connection_authorizers):
            node = authorizer.config["filter_enabled_metadata"]
            if node.given and not _denies(authorizer, runtime) and not _is_met_by_all(chain, node):
                yield node.found(Code.ENVOY_FILTER_BY_METADATA)


def filter_by_matcher(view: EnvoyView, _wants: Expectations) -> Iterator[Finding]:
    """Expect no matcher around the filter."""
    for chain in view.authorized_chains:
        wrapped = {one.node.path for one in chain.filters if one.by_matcher}
        for authorizer in chain.authorizers:
            if authorizer.node.path in wrapped:
                yield authorizer.node.found(Code.ENVOY_FILTER_BY_MATCHER)


def _share(fraction: Located) -> float:
    numerator = fraction["numerator"].text
    return (int(numerator) if numerator.isdigit() else 0) / _DENOMINATORS.get(fraction["denominator"].text, 100)


def _share_at_runtime(value: Located) -> float:
    """Return the share that a value of the runtime stands for: a number of percents, or a fraction by itself."""
    if value["numerator"].given:
        return _share(value)
    try:
        return float(value.text) / 100
    except ValueError:
        return 1.0  # Envoy takes the default then; that there is one is looked at where it stands


def _denies(authorizer: Authorizer, runtime: Runtime) -> bool:
    node = authorizer.config["deny_at_disable"]
    set_there = runtime.value(node["runtime_key"].text)
    return node["default_value"].is_true if set_there is None else set_there.is_true


def _is_met_by_all(chain: Chain, condition: Located) -> bool:
    """Say whether it is the one that Istio writes for a policy that matches every request.

    Istio makes shadow rules of an AuthorizationPolicy: they decide nothing, and only note that they fit.
    """
    path = condition["path"].items
    prefix = condition.at("value", "string_match", "prefix").text
    if not (prefix and path and path[-1]["key"].text.endswith(_MATCHED_POLICY)):
        return False
    return any(
        name.startswith(prefix) and _has_any(policy["permissions"]) and _has_any(policy["principals"])
        for rules in _shadow_rules(chain)
        for name, policy in rules["policies"].entries.items()
    )


def _shadow_rules(chain: Chain) -> Iterator[Located]:
    network = (extension(one) for one in chain.node["filters"].items)
    http = ((one.kind, one.config) for one in chain.filters)
    for kind, config in (*network, *http):
        if kind in _RBAC:
            yield config["shadow_rules"]


def _has_any(alternatives: Located) -> bool:
    return any(_is_any(one) for one in alternatives.items)


def _is_any(one: Located) -> bool:
    together = (*one.at("and_rules", "rules").items, *one.at("and_ids", "ids").items)
    apart = (*one.at("or_rules", "rules").items, *one.at("or_ids", "ids").items)
    return one["any"].is_true or (bool(together) and all(map(_is_any, together))) or any(map(_is_any, apart))
