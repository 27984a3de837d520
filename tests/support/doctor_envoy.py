"""Envoys that are wired wrong in one way each, for the unit tests and for a real Envoy."""

import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from extauthz.doctor.code import Code
from support.doctor import POLICY, Case, Json
from support.envoy_bootstrap import HttpEdge, TcpEdge, bootstrap, per_route
from support.envoy_json import TYPE, typed

EDGE: Final = HttpEdge(details={"subject": True, "cert": True, "chain": True}, timeout="0.5s")
CACHE: Final = typed(
    "envoy.filters.http.cache",
    "extensions.filters.http.cache.v3.CacheConfig",
    typed_config={"@type": f"{TYPE}extensions.http.cache.simple_http_cache.v3.SimpleHttpCacheConfig"},
)
JWT: Final = typed("envoy.filters.http.jwt_authn", "extensions.filters.http.jwt_authn.v3.JwtAuthentication")
SPELLINGS: Final = {"safe_regex": {"regex": "x[^a-z0-9]client[^a-z0-9]cert[^a-z0-9].*"}}
"""Every header that may pass for one of an identity."""
REMOVED: Final = ["x-client-cert-subject", "x-client-cert-cn"]
ROUTES: Final = [{"match": {"prefix": "/"}, "route": {"cluster": "upstream"}}]


@dataclass(frozen=True, slots=True)
class Parts:
    """A bootstrap to be changed, and the places in it that changes are about."""

    bootstrap: Json

    @property
    def listeners(self) -> Json:
        return self.bootstrap["static_resources"]["listeners"]

    @property
    def chain(self) -> Json:
        return self.listeners[0]["filter_chains"][0]

    @property
    def tls(self) -> Json:
        return self.chain["transport_socket"]["typed_config"]

    @property
    def common_tls(self) -> Json:
        return self.tls["common_tls_context"]

    @property
    def manager(self) -> Json:
        return self.chain["filters"][-1]["typed_config"]

    @property
    def filters(self) -> Json:
        return self.manager["http_filters"]

    @property
    def authorizer(self) -> Json:
        return next(one for one in self.filters if "ext_authz" in one["name"])["typed_config"]

    @property
    def host(self) -> Json:
        return self.manager["route_config"]["virtual_hosts"][0]

    @property
    def route(self) -> Json:
        return self.host["routes"][0]

    @property
    def cluster(self) -> Json:
        return self.bootstrap["static_resources"]["clusters"][0]


def fine(pki: Path) -> Parts:
    """Return an Envoy in which nothing is found."""
    whole = bootstrap({"https": EDGE}, pki=pki, extauthz=["127.0.0.1:9191"], upstream_port=1)
    return Parts(copy.deepcopy(dict(whole)))


def _endpoint(it: Parts) -> Json:
    endpoint = it.cluster["load_assignment"]["endpoints"][0]["lb_endpoints"][0]["endpoint"]
    return endpoint["address"]["socket_address"]


def over_http(it: Parts, *, sent: bool = True, copied: bool = True) -> Json:
    _endpoint(it).update(port_value=9192)
    it.authorizer.pop("grpc_service")
    it.authorizer.pop("metadata_context_namespaces")
    it.authorizer["http_service"] = {
        "server_uri": {"uri": "http://127.0.0.1:9192", "cluster": "extauthz", "timeout": "0.5s"},
        "path_prefix": "/check",
        "authorization_response": {
            "allowed_upstream_headers": {
                "patterns": [{"prefix": "x-client-cert-"}] if copied else [{"exact": "x-other"}]
            }
        },
    }
    if sent:
        it.authorizer["allowed_headers"] = {"patterns": [{"exact": "x-forwarded-client-cert"}, SPELLINGS]}
    return it.authorizer["http_service"]


def _connection(it: Parts) -> None:
    whole: Json = bootstrap(
        {"tcp": TcpEdge(timeout="0.5s")}, pki=Path("pki"), extauthz=["127.0.0.1:9191"], upstream_port=1
    )
    chain = copy.deepcopy(whole["static_resources"]["listeners"][0]["filter_chains"][0])
    it.chain["filters"][:] = chain["filters"]
    chain["filters"][0]["typed_config"]["failure_mode_allow"] = True


def _second_chain(it: Parts) -> None:
    other = copy.deepcopy(it.listeners[0])
    other["name"] = "other"
    manager = other["filter_chains"][0]["filters"][0]["typed_config"]
    manager["http_filters"] = manager["http_filters"][-1:]
    it.bootstrap["static_resources"]["listeners"].append(other)


def _route(it: Parts, **settings: object) -> None:
    it.route.update(settings)


def _weighted(it: Parts) -> None:
    it.route["route"] = {
        "weighted_clusters": {
            "clusters": [{"name": "upstream", "weight": 1, "typed_per_filter_config": per_route(disabled=True)}]
        }
    }


XFCC_ONLY: Final = {"sources": "sources: [{type: xfcc}]"}
PEER_ONLY: Final = {"sources": "sources: [{type: envoy_peer}]"}
LAST: Final = {"sources": "sources: [{type: envoy_peer}, {type: xfcc, element: last}]"}
NAMES_ONLY: Final = {"trust": "trust: {anchors: [pki/root.pem], chain: issuer_name}"}
SNI: Final = {"policies": POLICY % ("{sni: [a.example]}", "{}")}
HOSTS: Final = {"policies": POLICY % ("{hosts: [a.example]}", "{}")}
PATHS: Final = {"policies": POLICY % ("{paths: [/a]}", "{}")}
TOKEN: Final = {"policies": POLICY % ("{}", "{token_binding: required}")}
CONTEXT: Final = {"policies": POLICY % ("{context: {policy: payments}}", "{}")}
OPTIONAL: Final = {"policies": "policies: [{name: all, when: {}, certificate: optional, require: {}}]"}
HTTP: Final = {"listen": "listen: {http: {dialect: envoy_http, callers: {addresses: [127.0.0.1]}}}", **XFCC_ONLY}
_SAID: Final = per_route(check_settings={"context_extensions": {"policy": "payments"}})
_OTHER: Final = per_route(check_settings={"context_extensions": {"policy": "other"}})
_EXPRESSION: Final = {"google_re2": {}, "regex": "x-client-cert-.*"}
_HALF: Final = {"default_value": {"numerator": 50}, "runtime_key": "x"}
_ALL: Final = {"default_value": {"numerator": 10000, "denominator": "TEN_THOUSAND"}, "runtime_key": "x"}

CASES: Final[dict[str, Case]] = {
    "fail open": Case(lambda it: it.authorizer.update(failure_mode_allow=True), [Code.ENVOY_FAILURE_MODE_ALLOW]),
    "fail open for connections": Case(_connection, [Code.ENVOY_FAILURE_MODE_ALLOW]),
    "header on failure": Case(
        lambda it: it.authorizer.update(failure_mode_allow_header_add=True), [Code.ENVOY_FAILURE_HEADER]
    ),
    "no filter": Case(lambda it: it.filters.pop(0), [Code.ENVOY_EXT_AUTHZ_MISSING], text="no filter chain"),
    "no filter in one chain": Case(_second_chain, [Code.ENVOY_EXT_AUTHZ_MISSING], text="http_filters"),
    "filter disabled": Case(lambda it: it.filters[0].update(disabled=True), [Code.ENVOY_FILTER_DISABLED]),
    "half of the requests": Case(
        lambda it: it.authorizer.update(filter_enabled=_HALF), [Code.ENVOY_FILTER_PARTLY_ENABLED]
    ),
    "all of the requests": Case(lambda it: it.authorizer.update(filter_enabled=_ALL)),
    "half of the requests, the others denied": Case(
        lambda it: it.authorizer.update(
            filter_enabled=_HALF, deny_at_disable={"default_value": True, "runtime_key": "y"}
        )
    ),
    "route disabled": Case(
        lambda it: _route(it, typed_per_filter_config=per_route(disabled=True)),
        [Code.ENVOY_ROUTE_DISABLED],
        text="x-client-cert-subject, x-client-cert-cn",
    ),
    "route disabled as any filter can be": Case(
        lambda it: _route(
            it,
            typed_per_filter_config={
                "envoy.filters.http.ext_authz": {"@type": f"{TYPE}config.route.v3.FilterConfig", "disabled": True}
            },
        ),
        [Code.ENVOY_ROUTE_DISABLED],
    ),
    "host disabled": Case(
        lambda it: it.host.update(typed_per_filter_config=per_route(disabled=True)), [Code.ENVOY_ROUTE_DISABLED]
    ),
    "weighted cluster disabled": Case(_weighted, [Code.ENVOY_ROUTE_DISABLED], text="weighted_clusters"),
    "route disabled that removes identity headers": Case(
        lambda it: _route(
            it, typed_per_filter_config=per_route(disabled=True), request_headers_to_remove=[*REMOVED, "x-other"]
        )
    ),
    "route disabled that removes one of them": Case(
        lambda it: _route(it, typed_per_filter_config=per_route(disabled=True), request_headers_to_remove=REMOVED[:1]),
        [Code.ENVOY_ROUTE_DISABLED],
        text="not removed there: x-client-cert-cn",
    ),
    "redirect disabled": Case(
        lambda it: it.host.update(
            routes=[
                {
                    "match": {"prefix": "/"},
                    "redirect": {"https_redirect": True},
                    "typed_per_filter_config": per_route(disabled=True),
                }
            ]
        )
    ),
    "cache before": Case(lambda it: it.filters.insert(0, CACHE), [Code.ENVOY_ANSWERS_BEFORE]),
    "cache after": Case(lambda it: it.filters.insert(1, CACHE)),
    "always forwarded": Case(
        lambda it: it.manager.update(forward_client_cert_details="ALWAYS_FORWARD_ONLY"),
        [Code.ENVOY_XFCC_ALWAYS_FORWARDED],
    ),
    "always forwarded without TLS": Case(
        lambda it: (
            it.manager.update(forward_client_cert_details="ALWAYS_FORWARD_ONLY"),
            it.chain.pop("transport_socket"),
        ),
        [Code.ENVOY_XFCC_ALWAYS_FORWARDED],
    ),
    "forwarded": Case(
        lambda it: it.manager.update(forward_client_cert_details="FORWARD_ONLY"), [Code.ENVOY_XFCC_FORWARDED]
    ),
    "forwarded and not read": Case(
        lambda it: it.manager.update(forward_client_cert_details="FORWARD_ONLY"), sections=PEER_ONLY
    ),
    "appended": Case(
        lambda it: it.manager.update(forward_client_cert_details="APPEND_FORWARD"), [Code.ENVOY_XFCC_APPENDED]
    ),
    "appended and the last read": Case(
        lambda it: it.manager.update(forward_client_cert_details="APPEND_FORWARD"), sections=LAST
    ),
    "sanitized": Case(
        lambda it: it.manager.update(forward_client_cert_details="SANITIZE"), [Code.ENVOY_XFCC_SANITIZED]
    ),
    "sanitized by default": Case(lambda it: it.manager.pop("forward_client_cert_details"), [Code.ENVOY_XFCC_SANITIZED]),
    "sanitized and not read": Case(
        lambda it: it.manager.update(forward_client_cert_details="SANITIZE"), sections=PEER_ONLY
    ),
    "XFCC without a certificate": Case(
        lambda it: it.manager.update(set_current_client_cert_details={"subject": True}),
        [Code.ENVOY_XFCC_WITHOUT_CERTIFICATE],
    ),
    "XFCC without a certificate and not read": Case(
        lambda it: it.manager.update(set_current_client_cert_details={"subject": True}), sections=PEER_ONLY
    ),
    "XFCC without a chain": Case(
        lambda it: it.manager.update(set_current_client_cert_details={"cert": True}), [Code.ENVOY_XFCC_WITHOUT_CHAIN]
    ),
    "XFCC with a chain alone": Case(lambda it: it.manager.update(set_current_client_cert_details={"chain": True})),
    "XFCC with bare names": Case(
        lambda it: it.manager["set_current_client_cert_details"].update(dns=True, uri=False),
        [Code.ENVOY_XFCC_BARE_NAMES],
        text="dns",
    ),
    "peer certificate not included": Case(
        lambda it: it.authorizer.pop("include_peer_certificate"), [Code.ENVOY_PEER_CERTIFICATE_NOT_INCLUDED]
    ),
    "peer certificate not included and not read": Case(
        lambda it: it.authorizer.pop("include_peer_certificate"), sections=XFCC_ONLY
    ),
    "server name not included": Case(
        lambda it: it.authorizer.pop("include_tls_session"), [Code.ENVOY_TLS_SESSION_NOT_INCLUDED], SNI
    ),
    "server name not included and not matched on": Case(lambda it: it.authorizer.pop("include_tls_session")),
    "tokens not forwarded": Case(
        lambda it: (it.filters.insert(0, JWT), it.authorizer.pop("metadata_context_namespaces")),
        [Code.ENVOY_TOKEN_NOT_FORWARDED],
        TOKEN,
        text="not in the list",
    ),
    "tokens verified after": Case(
        lambda it: it.filters.insert(1, JWT), [Code.ENVOY_TOKEN_NOT_FORWARDED], TOKEN, text="no jwt_authn filter"
    ),
    "tokens verified before": Case(lambda it: it.filters.insert(0, JWT), sections=TOKEN),
    "tokens not forwarded and not looked at": Case(lambda it: it.authorizer.pop("metadata_context_namespaces")),
    "context not set": Case(
        lambda _it: None, [Code.ENVOY_CONTEXT_NOT_SET], CONTEXT, text="policies[0].when.context.policy"
    ),
    "context of another value": Case(
        lambda it: _route(it, typed_per_filter_config=_OTHER), [Code.ENVOY_CONTEXT_NOT_SET], CONTEXT, hidden=True
    ),
    "context set": Case(lambda it: _route(it, typed_per_filter_config=_SAID), sections=CONTEXT),
    "source header not allowed": Case(
        lambda it: it.authorizer.update(allowed_headers={"patterns": [{"exact": "x-other"}, SPELLINGS]}),
        [Code.ENVOY_SOURCE_HEADER_DROPPED],
    ),
    "source header disallowed": Case(
        lambda it: it.authorizer.update(disallowed_headers={"patterns": [{"prefix": "x-forwarded"}]}),
        [Code.ENVOY_SOURCE_HEADER_DROPPED],
    ),
    "source header allowed": Case(
        lambda it: it.authorizer.update(
            allowed_headers={"patterns": [{"suffix": "-CLIENT-CERT", "ignore_case": True}, SPELLINGS]},
            disallowed_headers={"patterns": [{"contains": "cookie"}, {"safe_regex": {"regex": "x-forwarded-client"}}]},
        )
    ),
    "source header disallowed and not read": Case(
        lambda it: it.authorizer.update(disallowed_headers={"patterns": [{"prefix": "x-forwarded"}]}),
        sections=PEER_ONLY,
    ),
    "mutations refused": Case(
        lambda it: it.authorizer.update(decoder_header_mutation_rules={"disallow_all": True}),
        [Code.ENVOY_MUTATIONS_REFUSED],
    ),
    "mutations refused by expression": Case(
        lambda it: it.authorizer.update(
            decoder_header_mutation_rules={
                "allow_expression": _EXPRESSION,
                "disallow_expression": {"google_re2": {}, "regex": ".*-cn"},
            }
        ),
        [Code.ENVOY_MUTATIONS_REFUSED],
        text="(x-client-cert-cn)",
    ),
    "mutations allowed": Case(
        lambda it: it.authorizer.update(
            decoder_header_mutation_rules={"disallow_all": True, "allow_expression": _EXPRESSION}
        )
    ),
    "certificate not requested": Case(
        lambda it: (it.common_tls.pop("validation_context"), it.tls.pop("require_client_certificate")),
        [Code.ENVOY_CERTIFICATE_NOT_REQUESTED],
    ),
    "no TLS": Case(
        lambda it: it.chain.pop("transport_socket"),
        [Code.ENVOY_CERTIFICATE_NOT_REQUESTED],
        text="the listener has no TLS",
    ),
    "certificate optional": Case(
        lambda it: it.tls.update(require_client_certificate=False), [Code.ENVOY_CERTIFICATE_OPTIONAL]
    ),
    "certificate optional for a policy too": Case(
        lambda it: it.tls.update(require_client_certificate=False), [Code.CONFIG_WEAK], OPTIONAL
    ),
    "untrusted accepted": Case(
        lambda it: it.common_tls["validation_context"].update(trust_chain_verification="ACCEPT_UNTRUSTED"),
        [Code.CONFIG_CHAIN_NOT_VERIFIED, Code.ENVOY_UNTRUSTED_ACCEPTED],
        NAMES_ONLY,
    ),
    "untrusted accepted and verified here": Case(
        lambda it: it.common_tls["validation_context"].update(trust_chain_verification="ACCEPT_UNTRUSTED")
    ),
    "no timeout": Case(lambda it: it.authorizer["grpc_service"].pop("timeout"), [Code.ENVOY_TIMEOUT_MISSING]),
    "timeout of 49 ms": Case(
        lambda it: it.authorizer["grpc_service"].update(timeout="0.049s"), [Code.ENVOY_TIMEOUT_TOO_SMALL]
    ),
    "timeout of 50 ms": Case(lambda it: it.authorizer["grpc_service"].update(timeout="0.050s")),
    "timeout of 5 s": Case(lambda it: it.authorizer["grpc_service"].update(timeout="5s")),
    "timeout of more than 5 s": Case(
        lambda it: it.authorizer["grpc_service"].update(timeout="5.001s"), [Code.ENVOY_TIMEOUT_TOO_LARGE]
    ),
    "timeout of 0": Case(
        lambda it: it.authorizer["grpc_service"].update(timeout="0s"),
        [Code.ENVOY_TIMEOUT_TOO_LARGE],
        text="for ever",
    ),
    "no status on error": Case(lambda it: it.authorizer.pop("status_on_error"), [Code.ENVOY_STATUS_ON_ERROR_HIDES]),
    "status on error as of a denial": Case(
        lambda it: it.authorizer.update(status_on_error={"code": "Forbidden"}), [Code.ENVOY_STATUS_ON_ERROR_HIDES]
    ),
    "another status on error": Case(lambda it: it.authorizer.update(status_on_error={"code": "BadGateway"})),
    "retries without conditions": Case(
        lambda it: it.authorizer["grpc_service"].update(retry_policy={"num_retries": 2}),
        [Code.ENVOY_RETRY_WITHOUT_CONDITIONS],
    ),
    "retries with conditions": Case(
        lambda it: it.authorizer["grpc_service"].update(retry_policy={"num_retries": 2, "retry_on": "reset"})
    ),
    "cluster missing": Case(
        lambda it: it.authorizer["grpc_service"]["envoy_grpc"].update(cluster_name="other"),
        [Code.ENVOY_CLUSTER_MISSING],
    ),
    "cluster without HTTP/2": Case(
        lambda it: it.cluster.pop("typed_extension_protocol_options"), [Code.ENVOY_CLUSTER_WITHOUT_HTTP2]
    ),
    "cluster with HTTP/2 in the older place": Case(
        lambda it: (it.cluster.pop("typed_extension_protocol_options"), it.cluster.update(http2_protocol_options={}))
    ),
    "extauthz at another port": Case(
        lambda it: _endpoint(it).update(port_value=9192),
        [Code.CONFIG_ASKED_ELSEWHERE],
        text="asks 127.0.0.1:9192, and this is 127.0.0.1:9191",
    ),
    "extauthz on another machine": Case(lambda it: _endpoint(it).update(address="10.0.0.7")),
    "extauthz at another port of another machine": Case(
        lambda it: _endpoint(it).update(address="10.0.0.7", port_value=443), [Code.CONFIG_ASKED_AT_OTHER_PORT]
    ),
    "path changed": Case(
        lambda it: it.route["route"].update(prefix_rewrite="/x"),
        [Code.ENVOY_REQUEST_CHANGED],
        PATHS,
        text="(prefix_rewrite)",
    ),
    "path changed and not matched on": Case(lambda it: it.route["route"].update(prefix_rewrite="/x")),
    "host changed": Case(
        lambda it: it.route["route"].update(host_rewrite_header="x-host"), [Code.ENVOY_REQUEST_CHANGED], HOSTS
    ),
    "host always the same": Case(lambda it: it.route["route"].update(host_rewrite_literal="a.example"), sections=HOSTS),
    "host changed and not matched on": Case(
        lambda it: it.route["route"].update(host_rewrite_header="x-host"), sections=PATHS
    ),
    "route cache cleared": Case(
        lambda it: it.authorizer.update(clear_route_cache=True), [Code.ENVOY_ROUTE_CACHE_CLEARED]
    ),
    "path not normalized": Case(
        lambda it: it.manager.pop("merge_slashes"), [Code.ENVOY_PATH_NOT_NORMALIZED], PATHS, text="merge_slashes"
    ),
    "path not normalized and not matched on": Case(lambda it: it.manager.pop("merge_slashes")),
    "over HTTP": Case(over_http, sections=HTTP),
    "over HTTP at another port": Case(
        lambda it: (over_http(it), _endpoint(it).update(port_value=9191)), [Code.CONFIG_ASKED_ELSEWHERE], HTTP
    ),
    "over HTTP below another path": Case(
        lambda it: over_http(it).update(path_prefix="/check/envoy"),
        [Code.ENVOY_HTTP_OTHER_PREFIX],
        HTTP,
        text="(/check/envoy, not /check)",
    ),
    "over HTTP below no path": Case(
        lambda it: over_http(it).pop("path_prefix"), [Code.ENVOY_HTTP_OTHER_PREFIX], HTTP, text="there is none"
    ),
    "over HTTP with the list in the older place": Case(
        lambda it: over_http(it, sent=False).update(
            authorization_request={"allowed_headers": {"patterns": [{"exact": "x-forwarded-client-cert"}, SPELLINGS]}}
        ),
        sections=HTTP,
    ),
    "over HTTP without the source header": Case(
        lambda it: over_http(it, sent=False), [Code.ENVOY_SOURCE_HEADER_DROPPED, Code.ENVOY_UNDERSCORES], HTTP
    ),
    "over HTTP without the identity headers": Case(
        lambda it: over_http(it, copied=False), [Code.ENVOY_HTTP_IDENTITY_NOT_COPIED], HTTP
    ),
    "over HTTP what HTTP has not": Case(over_http, [Code.CONFIG_WEAK, Code.ENVOY_HTTP_SERVICE_LIMITS], {**HTTP, **SNI}),
    "over HTTP without a listener": Case(over_http, [Code.CONFIG_HTTP_NOT_LISTENING], XFCC_ONLY),
    "over gRPC without a listener": Case(
        lambda _it: None, [Code.CONFIG_GRPC_NOT_LISTENING], {"listen": HTTP["listen"], "sources": ""}
    ),
}
