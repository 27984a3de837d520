"""Envoys with a way past extauthz, and such with none that look like it; beside those of ``doctor_envoy``."""

import copy
from pathlib import Path
from typing import Final

from extauthz.doctor.code import Code
from support.doctor import Case, Json
from support.doctor_envoy import Parts
from support.envoy_bootstrap import TcpEdge, bootstrap, per_route
from support.envoy_json import TYPE, cluster, typed

ROUTER: Final = typed("envoy.filters.http.router", "extensions.filters.http.router.v3.Router")
ISTIO: Final = "istio-ext-authz"
ANY: Final = {"any": True}
SOME: Final = {"header": {"name": ":path", "string_match": {"prefix": "/api"}}}


def second_chain(it: Parts, *, plain: bool = True) -> Parts:
    """Add a listener whose filter chain is the first one's without ext_authz, and return it as parts of its own."""
    other = copy.deepcopy(it.listeners[0])
    other["name"] = "other"
    it.listeners.append(other)
    parts = Parts({"static_resources": {"listeners": [other], "clusters": []}})
    parts.filters.pop(0)
    if plain:
        parts.chain.pop("transport_socket")
    return parts


def _by_another_cluster(it: Parts, *, port: int) -> None:
    it.bootstrap["static_resources"]["clusters"].append(dict(cluster("other", [f"127.0.0.1:{port}"])))
    second_chain(it).route["route"] = {"cluster": "other"}


def _by_socket(it: Parts) -> None:
    clusters = it.bootstrap["static_resources"]["clusters"]
    clusters[-1].update(cluster("upstream", ["unix:/tmp/application.sock"]))
    clusters.append(dict(cluster("other", ["unix:/tmp/application.sock"])))
    second_chain(it).route["route"] = {"weighted_clusters": {"clusters": [{"name": "other", "weight": 1}]}}


def _by_tcp(it: Parts) -> None:
    whole: Json = bootstrap({"tcp": TcpEdge()}, pki=Path("pki"), extauthz=["127.0.0.1:9191"], upstream_port=1)
    listener = copy.deepcopy(whole["static_resources"]["listeners"][0])
    (chain,) = listener["filter_chains"]
    chain.pop("transport_socket")
    chain["filters"] = chain["filters"][-1:]
    it.listeners.append(listener)


def _redirect(it: Parts) -> None:
    route = second_chain(it).route
    route.pop("route")
    route["redirect"] = {"https_redirect": True}


def _twice(it: Parts) -> None:
    routes = second_chain(it).host["routes"]
    routes.insert(0, {**routes[0], "match": {"prefix": "/a"}})


def _upgrade(it: Parts, *filters: object, **settings: object) -> Json:
    one: Json = {"upgrade_type": "websocket", "filters": list(filters), **settings}
    it.manager["upgrade_configs"] = [one]
    return one


def _by_metadata(it: Parts, **more: object) -> None:
    it.authorizer.update(
        filter_enabled_metadata={"filter": "a.b", "path": [{"key": "c"}], "value": {"bool_match": True}}, **more
    )


def _as_istio(it: Parts, permission: Json, principal: Json = ANY, policy: str = f"{ISTIO}-ns[a]-policy[b]") -> None:
    value = {"string_match": {"prefix": ISTIO}}
    path = [{"key": "istio_ext_authz_shadow_effective_policy_id"}]
    it.authorizer["filter_enabled_metadata"] = {"filter": "envoy.filters.http.rbac", "path": path, "value": value}
    rules = {"action": "DENY", "policies": {policy: {"permissions": [permission], "principals": [principal]}}}
    rbac = typed("envoy.filters.http.rbac", "extensions.filters.http.rbac.v3.RBAC", shadow_rules=rules)
    it.filters.insert(0, {**rbac, "typed_config": {**_config(rbac), "shadow_rules_stat_prefix": "istio_ext_authz_"}})


def _config(extension: Json) -> Json:
    return extension["typed_config"]


def _by_matcher(it: Parts) -> None:
    one = it.filters[0]
    skip = typed("skip", "extensions.filters.common.matcher.action.v3.SkipFilter")
    inputs = {
        "name": "path",
        "typed_config": {
            "@type": "type.googleapis.com/envoy.type.matcher.v3.HttpRequestHeaderMatchInput",
            "header_name": ":path",
        },
    }
    matcher = {"matcher_tree": {"input": inputs, "prefix_match_map": {"map": {"/open": {"action": skip}}}}}
    it.filters[0] = {
        "name": one["name"],
        "typed_config": {
            "@type": f"{TYPE}extensions.common.matching.v3.ExtensionWithMatcher",
            "extension_config": {"name": "inner", "typed_config": one["typed_config"]},
            "xds_matcher": matcher,
        },
    }


def _override(it: Parts, config: Json) -> None:
    it.route["typed_per_filter_config"] = {
        "envoy.filters.http.ext_authz": {"@type": f"{TYPE}config.route.v3.FilterConfig", "config": config}
    }


def _per_route(**config: object) -> Json:
    return per_route(**config)["envoy.filters.http.ext_authz"]


def _asks(it: Parts, **service: object) -> None:
    it.route["typed_per_filter_config"] = per_route(check_settings=service)


def _matched_route(it: Parts, *, several: bool) -> None:
    route = {**it.route, "typed_per_filter_config": per_route(disabled=True), "match": {"path": "/open"}}
    kind, value = ("RouteList", {"routes": [route]}) if several else ("Route", route)
    action = {"name": "route", "typed_config": {"@type": f"{TYPE}config.route.v3.{kind}", **value}}
    inputs = typed("path", "type.matcher.v3.HttpRequestHeaderMatchInput", header_name=":path")
    it.host.pop("routes")
    it.host["matcher"] = {
        "matcher_tree": {"input": inputs, "exact_match_map": {"map": {"/open": {"action": action}}}},
    }


def _lua(it: Parts, position: int) -> None:
    lua = typed(
        "envoy.filters.http.lua",
        "extensions.filters.http.lua.v3.Lua",
        default_source_code={"inline_string": "function envoy_on_request(handle) end"},
        clear_route_cache=True,
    )
    it.filters.insert(position, lua)


def _discovered(it: Parts) -> None:
    it.filters[0] = {"name": "ask", "config_discovery": {"config_source": {"ads": {}}, "type_urls": ["a"]}}


def _discovered_beside(it: Parts) -> None:
    chain = second_chain(it)
    chain.filters.insert(0, {"name": "ask", "config_discovery": {"config_source": {"ads": {}}}})


def _discovered_connection(it: Parts) -> None:
    it.chain["filters"].insert(0, {"name": "ask", "config_discovery": {"config_source": {"ads": {}}}})


def _routes_elsewhere(it: Parts) -> None:
    it.manager.pop("route_config")
    it.manager["rds"] = {"route_config_name": "all", "config_source": {"ads": {}}}


def _scoped(it: Parts) -> None:
    it.manager.pop("route_config")
    it.manager["scoped_routes"] = {"name": "a", "scoped_rds": {"scoped_rds_config_source": {"ads": {}}}}


def _listeners_elsewhere(it: Parts, *, none_here: bool = False) -> None:
    it.bootstrap["dynamic_resources"] = {"lds_config": {"ads": {}}, "cds_config": {"ads": {}}}
    if none_here:
        it.bootstrap.pop("static_resources")


WAYS: Final[dict[str, Case]] = {
    "beside without TLS": Case(
        second_chain,
        [Code.ENVOY_OPEN_BESIDE],
        text="route_config.virtual_hosts[0].routes[0].route.cluster (upstream)",
    ),
    "beside twice": Case(_twice, [Code.ENVOY_OPEN_BESIDE], text="(upstream)"),
    "beside by another name of the cluster": Case(
        lambda it: _by_another_cluster(it, port=1), [Code.ENVOY_OPEN_BESIDE], text="(other)"
    ),
    "beside to another upstream": Case(lambda it: _by_another_cluster(it, port=2)),
    "beside by a socket": Case(_by_socket, [Code.ENVOY_OPEN_BESIDE]),
    "beside by TCP": Case(_by_tcp, [Code.ENVOY_OPEN_BESIDE], text="listeners[1]"),
    "beside and redirects": Case(_redirect),
    "upgrade with filters of its own": Case(
        lambda it: _upgrade(it, ROUTER), [Code.ENVOY_UPGRADE_OPEN], text="upgrade_configs[0].filters (websocket)"
    ),
    "upgrade with filters that ask": Case(lambda it: _upgrade(it, copy.deepcopy(it.filters[0]), ROUTER)),
    "upgrade with the same filters": Case(_upgrade),
    "upgrade that is off": Case(lambda it: _upgrade(it, ROUTER, enabled=False)),
    "upgrade that is on": Case(lambda it: _upgrade(it, ROUTER, enabled=True), [Code.ENVOY_UPGRADE_OPEN]),
    "upgrade that a route turns on": Case(
        lambda it: (
            _upgrade(it, ROUTER, enabled=False),
            it.route["route"].update(upgrade_configs=[{"upgrade_type": "WebSocket"}]),
        ),
        [Code.ENVOY_UPGRADE_OPEN],
    ),
    "metadata wanted": Case(_by_metadata, [Code.ENVOY_FILTER_BY_METADATA]),
    "metadata wanted, and the others denied": Case(
        lambda it: _by_metadata(it, deny_at_disable={"default_value": True, "runtime_key": "a"})
    ),
    "Istio's condition that all meet": Case(
        lambda it: _as_istio(it, {"and_rules": {"rules": [ANY]}}, {"and_ids": {"ids": [ANY]}})
    ),
    "Istio's condition that all meet by one of two": Case(
        lambda it: _as_istio(it, {"or_rules": {"rules": [SOME, ANY]}})
    ),
    "Istio's condition that some meet": Case(
        lambda it: _as_istio(it, {"and_rules": {"rules": [SOME, ANY]}}), [Code.ENVOY_FILTER_BY_METADATA]
    ),
    "Istio's condition that only some clients meet": Case(
        lambda it: _as_istio(it, ANY, {"or_ids": {"ids": [{"not_id": ANY}]}}), [Code.ENVOY_FILTER_BY_METADATA]
    ),
    "Istio's condition with rules of another policy": Case(
        lambda it: _as_istio(it, ANY, policy="other"), [Code.ENVOY_FILTER_BY_METADATA]
    ),
    "a matcher around": Case(_by_matcher, [Code.ENVOY_FILTER_BY_MATCHER]),
    "route disabled one level deeper": Case(
        lambda it: _override(it, _per_route(disabled=True)), [Code.ENVOY_ROUTE_DISABLED], text="(/; not removed"
    ),
    "route with other settings one level deeper": Case(
        lambda it: _override(it, _per_route(check_settings={"context_extensions": {"a": "b"}}))
    ),
    "route that asks another cluster": Case(
        lambda it: _asks(it, grpc_service={"envoy_grpc": {"cluster_name": "upstream"}}),
        [Code.ENVOY_ROUTE_ASKS_ANOTHER],
        text="(/ asks upstream)",
    ),
    "route that asks another cluster over HTTP": Case(
        lambda it: _asks(it, http_service={"server_uri": {"uri": "http://a", "cluster": "upstream", "timeout": "1s"}}),
        [Code.ENVOY_ROUTE_ASKS_ANOTHER],
    ),
    "route that asks the same cluster": Case(
        lambda it: _asks(it, grpc_service={"envoy_grpc": {"cluster_name": "extauthz"}, "timeout": "1s"})
    ),
    "route disabled in a tree": Case(
        lambda it: _matched_route(it, several=False), [Code.ENVOY_ROUTE_DISABLED], text="(/open; not removed"
    ),
    "routes disabled in a tree": Case(lambda it: _matched_route(it, several=True), [Code.ENVOY_ROUTE_DISABLED]),
    "route disabled by expression": Case(
        lambda it: it.route.update(
            match={"safe_regex": {"regex": "/open/.*"}}, typed_per_filter_config=per_route(disabled=True)
        ),
        [Code.ENVOY_ROUTE_DISABLED],
        text="(/open/.*; not removed",
    ),
    "host disabled by its name": Case(
        lambda it: it.host.update(name="open", typed_per_filter_config=per_route(disabled=True)),
        [Code.ENVOY_ROUTE_DISABLED],
        text="(open, *; not removed",
    ),
    "route cache cleared behind": Case(
        lambda it: _lua(it, 1), [Code.ENVOY_ROUTE_CACHE_CLEARED], text="(envoy.filters.http.lua)"
    ),
    "route cache cleared before": Case(lambda it: _lua(it, 0)),
    "filter elsewhere": Case(
        _discovered, [Code.ENVOY_NOT_IN_FILE], text="http_filters[0].config_discovery (the filter ask)", hidden=True
    ),
    "filter of another chain elsewhere": Case(_discovered_beside, [Code.ENVOY_NOT_IN_FILE], hidden=True),
    "filter of connections elsewhere": Case(_discovered_connection, [Code.ENVOY_NOT_IN_FILE], hidden=True),
    "routes elsewhere": Case(_routes_elsewhere, [Code.ENVOY_NOT_IN_FILE], text="rds (the routes all)", hidden=True),
    "routes by scope": Case(_scoped, [Code.ENVOY_NOT_IN_FILE], text="chosen by scope", hidden=True),
    "virtual hosts on demand": Case(
        lambda it: it.manager["route_config"].update(vhds={"config_source": {"ads": {}}}),
        [Code.ENVOY_NOT_IN_FILE],
        text="on demand",
        hidden=True,
    ),
    "listeners elsewhere": Case(
        _listeners_elsewhere, [Code.ENVOY_NOT_IN_FILE], text="dynamic_resources.lds_config (listeners)", hidden=True
    ),
    "all listeners elsewhere": Case(
        lambda it: _listeners_elsewhere(it, none_here=True), [Code.ENVOY_NOT_IN_FILE], hidden=True
    ),
    "clusters elsewhere": Case(
        lambda it: it.bootstrap.update(dynamic_resources={"cds_config": {"ads": {}}}), hidden=True
    ),
}
