"""Envoys that write headers from the request, or have a runtime; and what looks like it."""

from typing import Final

from extauthz.doctor.code import Code
from support.doctor import Case, Json
from support.doctor_envoy import HTTP, SPELLINGS, XFCC_ONLY, Parts, over_http
from support.envoy_json import TYPE, typed

MUTATION: Final = "extensions.filters.http.header_mutation.v3.HeaderMutation"
LUA: Final = "extensions.filters.http.lua.v3.Lua"
OVERWRITTEN: Final = [Code.ENVOY_IDENTITY_OVERWRITTEN]
FORGEABLE: Final = [Code.ENVOY_CERTIFICATE_FORGEABLE]
UNDERSCORES: Final = [Code.ENVOY_UNDERSCORES]
PARTLY: Final = [Code.ENVOY_FILTER_PARTLY_ENABLED]
CN: Final = "x-client-cert-cn"
XFCC: Final = "x-forwarded-client-cert"
FOO: Final = "%REQ(x-foo)%"
HUNDRED: Final = {"numerator": 100, "denominator": "HUNDRED"}


def _added(value: str, key: str = CN) -> Json:
    return {"header": {"key": key, "value": value}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}


def _mutating(value: str, key: str = CN) -> Json:
    return {"mutations": {"request_mutations": [{"append": _added(value, key)}]}}


def _mutation(value: str, key: str = CN) -> Json:
    return typed("mutation", MUTATION, **_mutating(value, key))


def _behind(it: Parts, one: Json) -> None:
    it.filters.insert(-1, one)


def _for_route(it: Parts, one: Json, kind: str, **override: object) -> None:
    """Put a filter behind ext_authz that does something for one route alone."""
    _behind(it, one)
    it.route["typed_per_filter_config"] = {one["name"]: {"@type": f"{TYPE}{kind}PerRoute", **override}}


def _lua(text: str) -> Json:
    program = f"function envoy_on_request(handle) {text} end"
    return typed("lua", LUA, default_source_code={"inline_string": program})


def _by_runtime(it: Parts, layer: Json, *more: Json, **settings: object) -> None:
    layers = [{"name": f"layer {number}", "static_layer": one} for number, one in enumerate((layer, *more))]
    it.bootstrap["layered_runtime"] = {"layers": layers}
    it.authorizer.update(filter_enabled={"runtime_key": "ext.on", "default_value": HUNDRED}, **settings)


def _to_extauthz(it: Parts, key: str, value: str) -> None:
    over_http(it)["authorization_request"] = {"headers_to_add": [{"key": key, "value": value}]}


def _only_hyphens(it: Parts, **options: str) -> None:
    over_http(it)
    it.manager["common_http_protocol_options"] = options
    it.authorizer["allowed_headers"]["patterns"] = [{"exact": XFCC}, {"prefix": "x-client-cert-"}]


COPIED: Final = f'handle:headers():replace("{CN}", handle:headers():get("x-foo"))'
FIXED: Final = f'handle:headers():replace("{CN}", "nobody")'
PER_ROUTE_LUA: Final = f"function envoy_on_request(handle) {COPIED} end"

WRITTEN: Final[dict[str, Case]] = {
    "identity written by a route": Case(
        lambda it: it.route.update(request_headers_to_add=[_added(FOO)]), OVERWRITTEN, text=f"({CN}: {FOO})"
    ),
    "identity written for all hosts": Case(
        lambda it: it.manager["route_config"].update(request_headers_to_add=[_added("a%REQ(:PATH)%")]), OVERWRITTEN
    ),
    "identity written by a host, in case there is none": Case(
        lambda it: it.host.update(request_headers_to_add=[_added(f"%REQ({CN}?x-foo)%", CN.title())]), OVERWRITTEN
    ),
    "identity written by a route as a text": Case(
        lambda it: it.route.update(request_headers_to_add=[_added("nobody")])
    ),
    "identity written by a route from the connection": Case(
        lambda it: it.route.update(request_headers_to_add=[_added("%DOWNSTREAM_REMOTE_ADDRESS%")])
    ),
    "identity written by a route from another one": Case(
        lambda it: it.route.update(request_headers_to_add=[_added("%REQ(x-client-cert-subject)%")])
    ),
    "another header written by a route": Case(
        lambda it: it.route.update(request_headers_to_add=[_added(FOO, "x-other")])
    ),
    "identity written by a filter": Case(lambda it: _behind(it, _mutation(FOO)), OVERWRITTEN),
    "identity written by a filter for a route": Case(
        lambda it: _for_route(it, _mutation("nobody"), MUTATION, **_mutating(FOO)), OVERWRITTEN
    ),
    "identity written by a filter before the question": Case(lambda it: it.filters.insert(0, _mutation(FOO))),
    "identity written by Lua": Case(lambda it: _behind(it, _lua(COPIED)), OVERWRITTEN, text=f"({CN} and x-foo)"),
    "identity written by Lua for a route": Case(
        lambda it: _for_route(it, _lua(FIXED), LUA, source_code={"inline_string": PER_ROUTE_LUA}), OVERWRITTEN
    ),
    "identity written by Lua before the question": Case(lambda it: it.filters.insert(0, _lua(COPIED))),
    "identity written by Lua as a text": Case(lambda it: _behind(it, _lua(FIXED))),
    "certificate written before the question": Case(
        lambda it: it.filters.insert(0, _mutation(FOO, XFCC)), FORGEABLE, text=f"{XFCC}: {FOO}"
    ),
    "certificate written behind the question": Case(lambda it: _behind(it, _mutation(FOO, XFCC))),
    "certificate written and not read": Case(
        lambda it: it.filters.insert(0, _mutation(FOO, XFCC)), sections={"sources": "sources: [{type: envoy_peer}]"}
    ),
    "certificate written into the question": Case(lambda it: _to_extauthz(it, XFCC, FOO), FORGEABLE, HTTP),
    "certificate written into the question as it is": Case(
        lambda it: _to_extauthz(it, XFCC, f"%REQ({XFCC})%"), sections=HTTP
    ),
    "another header written into the question": Case(lambda it: _to_extauthz(it, "x-other", FOO), sections=HTTP),
    "names with signs not sent": Case(_only_hyphens, UNDERSCORES, HTTP, text="x_client_cert_subject, x_client_cert_cn"),
    "names with signs refused": Case(
        lambda it: _only_hyphens(it, headers_with_underscores_action="REJECT_REQUEST"),
        sections=HTTP,
    ),
    "names with signs not sent over gRPC": Case(
        lambda it: it.authorizer.update(allowed_headers={"patterns": [{"exact": XFCC}]}), UNDERSCORES, XFCC_ONLY
    ),
    "names with signs held back": Case(
        lambda it: it.authorizer.update(disallowed_headers={"patterns": [SPELLINGS]}), UNDERSCORES
    ),
    "filter off by the runtime": Case(
        lambda it: _by_runtime(it, {"ext.on": 0}), PARTLY, text="layered_runtime sets ext.on"
    ),
    "filter off by the runtime in keys of keys": Case(lambda it: _by_runtime(it, {"ext": {"on": 50}}), PARTLY),
    "filter off by a fraction of the runtime": Case(
        lambda it: _by_runtime(it, {"ext.on": {"numerator": 1, "denominator": "MILLION"}}), PARTLY
    ),
    "filter on by the last layer": Case(lambda it: _by_runtime(it, {"ext.on": 0}, {"ext.on": 100})),
    "filter on as another key is set": Case(lambda it: _by_runtime(it, {"ext.of": 0, "ext": {"onn": 0}})),
    "filter on as the runtime has no number": Case(lambda it: _by_runtime(it, {"ext.on": "off"})),
    "filter off by the runtime, and refuses": Case(
        lambda it: _by_runtime(it, {"ext.on": 0}, deny_at_disable={"runtime_key": "ext.deny", "default_value": True})
    ),
    "filter off by the runtime, and refuses no more": Case(
        lambda it: _by_runtime(
            it,
            {"ext.on": 0, "ext.deny": False},
            deny_at_disable={"runtime_key": "ext.deny", "default_value": True},
        ),
        PARTLY,
    ),
}
