"""Ways to an upstream on which extauthz is not asked."""

from collections.abc import Iterator
from typing import Final

from extauthz.doctor.code import Code
from extauthz.doctor.envoy.view import (
    FILTER_CONFIG,
    HTTP_EXT_AUTHZ,
    PER_ROUTE,
    Authorizer,
    Chain,
    EnvoyView,
    Filter,
    Scope,
    scopes,
)
from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding
from extauthz.doctor.located import Located

_ANSWERING: Final = frozenset(
    {
        "extensions.filters.http.router.v3.Router",
        "extensions.filters.http.cache.v3.CacheConfig",
        "extensions.filters.http.cache_v2.v3.CacheV2Config",
    }
)
"""Filters that answer requests by themselves or send them on: what comes after them does not see these requests."""


def ext_authz_missing(view: EnvoyView, _wants: Expectations) -> Iterator[Finding]:
    """Expect that every filter chain that asks clients for certificates also asks extauthz about them."""
    if not view.authorizers:
        # What comes from elsewhere may have it, and is a finding of its own.
        if not view.resources.elsewhere and all(chain.is_read for chain in view.chains):
            yield view.resources.top.found(Code.ENVOY_EXT_AUTHZ_MISSING, "no filter chain of any listener has one")
        return
    for chain in view.chains:
        if chain.manager.given and chain.validation.given and chain.is_read and not chain.asks:
            yield chain.manager["http_filters"].found(Code.ENVOY_EXT_AUTHZ_MISSING)


def answers_before(view: EnvoyView, _wants: Expectations) -> Iterator[Finding]:
    """Expect that nothing before ext_authz answers requests or sends them on."""
    for chain in view.authorized_chains:
        for one in _before_ext_authz(chain.filters, chain.authorizers):
            if one.kind in _ANSWERING:
                yield one.node.found(Code.ENVOY_ANSWERS_BEFORE, one.name)


def filter_disabled(view: EnvoyView, _wants: Expectations) -> Iterator[Finding]:
    """Expect that the filter is on without every route having to say so."""
    for authorizer in view.authorizers:
        node = authorizer.node["disabled"]
        if node.is_true:
            yield node.found(Code.ENVOY_FILTER_DISABLED)


def route_disabled(view: EnvoyView, wants: Expectations) -> Iterator[Finding]:
    """Expect that no route is exempt, unless it strips the identity headers that nobody checks there."""
    for chain in view.authorized_chains:
        for scope in scopes(chain.route_config):
            for authorizer in chain.authorizers:
                if (
                    _is_disabled(scope, authorizer)
                    and scope.reaches_an_upstream
                    and not scope.removed_headers.issuperset(wants.identity_headers)
                ):
                    kept = [name for name in wants.identity_headers if name not in scope.removed_headers]
                    yield scope.override(authorizer.name)[1].found(
                        Code.ENVOY_ROUTE_DISABLED, f"{scope.name}; not removed there: {', '.join(kept)}"
                    )


def route_asks_another(view: EnvoyView, _wants: Expectations) -> Iterator[Finding]:
    """Expect that no route asks at another cluster (Envoy 1.40 can)."""
    for chain in view.authorized_chains:
        for scope in scopes(chain.route_config):
            for authorizer in chain.authorizers:
                settings = scope.override(authorizer.name)[1]["check_settings"]
                other = Authorizer(authorizer.name, settings, settings)
                if other.cluster.text and other.cluster.text != authorizer.cluster.text:
                    detail = f"{scope.name} asks {other.cluster.text}"
                    yield other.cluster.found(Code.ENVOY_ROUTE_ASKS_ANOTHER, detail)


def upgrade(view: EnvoyView, _wants: Expectations) -> Iterator[Finding]:
    """Expect that upgrades, which can have HTTP filters of their own, go through ext_authz too."""
    for chain in view.authorized_chains:
        for one in chain.manager["upgrade_configs"].items:
            filters = [chain.filter(inner) for inner in one["filters"].items]
            asks = any(inner.kind == HTTP_EXT_AUTHZ for inner in filters)
            if filters and not asks and not _is_refused(chain, one):
                yield one["filters"].found(Code.ENVOY_UPGRADE_OPEN, one["upgrade_type"].text)


def _before_ext_authz(filters: tuple[Filter, ...], authorizers: tuple[Authorizer, ...]) -> tuple[Filter, ...]:
    nodes = {authorizer.node.path for authorizer in authorizers}
    first = next(index for index, one in enumerate(filters) if one.node.path in nodes)
    return filters[:first]


def _is_disabled(scope: Scope, authorizer: Authorizer) -> bool:
    kind, override = scope.override(authorizer.name)
    return kind in {PER_ROUTE, FILTER_CONFIG} and override["disabled"].is_true


def _is_refused(chain: Chain, upgrade: Located) -> bool:
    """Say whether an upgrade is off for all routes; each can turn it on."""
    kind = upgrade["upgrade_type"].text.lower()
    by_route = [one for scope in scopes(chain.route_config) for one in scope.node.at("route", "upgrade_configs").items]
    turned_on = any(one["upgrade_type"].text.lower() == kind for one in by_route)
    return upgrade["enabled"].given and not upgrade["enabled"].is_true and not turned_on
