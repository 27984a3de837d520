"""What policies match on, and whether Envoy sends it."""

from collections.abc import Iterator

from extauthz.doctor.code import Code
from extauthz.doctor.envoy.view import PER_ROUTE, Authorizer, Chain, EnvoyView, scopes
from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding
from extauthz.policy.token import JWT_NAMESPACE

_REDACTED = "[redacted]"
"""What a dump shows instead of any value of ``context_extensions``."""
_OTHER_PATH = ("prefix_rewrite", "regex_rewrite", "path_rewrite_policy")
_OTHER_HOST = ("host_rewrite_header", "host_rewrite_path_regex")
"""What takes the host from elsewhere in the request. A fixed one is the same for whatever was decided."""
_JWT_FILTER = "extensions.filters.http.jwt_authn.v3.JwtAuthentication"


def tls_session(view: EnvoyView, wants: Expectations) -> Iterator[Finding]:
    """Expect that the server name of the handshake is sent where policies match on it."""
    for _chain, authorizer in _over_grpc(view):
        node = authorizer.config["include_tls_session"]
        if wants.sni_policies and not node.is_true:
            yield node.found(Code.ENVOY_TLS_SESSION_NOT_INCLUDED, f"policies {', '.join(wants.sni_policies)}")


def token(view: EnvoyView, wants: Expectations) -> Iterator[Finding]:
    """Expect that the payload of a verified token is there, and sent, where policies look at tokens."""
    if not wants.token_policies:
        return
    policies = f"policies {', '.join(wants.token_policies)}"
    for chain, authorizer in _over_grpc(view):
        node = authorizer.config["metadata_context_namespaces"]
        if JWT_NAMESPACE not in node.texts:
            yield node.found(Code.ENVOY_TOKEN_NOT_FORWARDED, f"{policies}; {JWT_NAMESPACE} is not in the list")
        before = [one.kind for one in chain.filters]
        before = before[: _position(chain, authorizer)]
        if _JWT_FILTER not in before:
            yield authorizer.node.found(
                Code.ENVOY_TOKEN_NOT_FORWARDED, f"{policies}; no jwt_authn filter comes before it"
            )


def context(view: EnvoyView, wants: Expectations) -> Iterator[Finding]:
    """Expect that some route says what a policy wants to hear."""
    asking = list(_over_grpc(view))
    # Routes that come from elsewhere may say anything: then there is nothing to find.
    if not asking or not all(chain.route_config.given for chain, _ in asking):
        return
    said = {
        (key, value.text)
        for chain, authorizer in asking
        for scope in scopes(chain.route_config)
        for kind, override in [scope.override(authorizer.name)]
        if kind == PER_ROUTE
        for key, value in override.at("check_settings", "context_extensions").entries.items()
    }
    for path, (key, value) in wants.context.items():
        if said.isdisjoint({(key, value), (key, _REDACTED)}):
            yield wants.found(Code.ENVOY_CONTEXT_NOT_SET, path, f"{key}: {value} in {view.resources.top.file}")


def http_service(view: EnvoyView, wants: Expectations) -> Iterator[Finding]:
    """Expect that no policy waits for what a plain HTTP request cannot carry."""
    for chain in view.authorized_chains:
        for authorizer in chain.authorizers:
            waiting = list(dict.fromkeys([*wants.sni_policies, *wants.token_policies, *wants.context_policies]))
            if authorizer.asks_over_http and waiting:
                node = authorizer.config["http_service"]
                yield node.found(Code.ENVOY_HTTP_SERVICE_LIMITS, f"policies {', '.join(waiting)}")


def path_normalized(view: EnvoyView, wants: Expectations) -> Iterator[Finding]:
    """Expect that the upstream sees the path that was decided on."""
    if not wants.path_policies:
        return
    for chain in view.authorized_chains:
        for setting in ("normalize_path", "merge_slashes"):
            node = chain.manager[setting]
            if not node.is_true:
                yield node.found(Code.ENVOY_PATH_NOT_NORMALIZED, setting)


def route_cache(view: EnvoyView, _wants: Expectations) -> Iterator[Finding]:
    """Expect that the route that was decided on is the one that is taken, also by the filters behind ext_authz."""
    for chain in view.authorized_chains:
        for one in chain.filters[_position(chain, chain.authorizers[0]) :]:
            cleared = one.config["clear_route_cache"], one.config["route_cache_action"]
            for node in cleared:
                if node.is_true or node.text == "CLEAR":
                    yield node.found(Code.ENVOY_ROUTE_CACHE_CLEARED, one.name)


def request_changed(view: EnvoyView, wants: Expectations) -> Iterator[Finding]:
    """Expect that routes leave path and host as they were decided on, where policies match on them."""
    for chain in view.authorized_chains:
        for scope in scopes(chain.route_config):
            route = scope.node["route"]
            for setting in (
                *(_OTHER_PATH if wants.path_policies else ()),
                *(_OTHER_HOST if wants.matches_on_hosts else ()),
            ):
                if route[setting].given:
                    yield route[setting].found(Code.ENVOY_REQUEST_CHANGED, setting)


def _over_grpc(view: EnvoyView) -> Iterator[tuple[Chain, Authorizer]]:
    for chain in view.authorized_chains:
        for authorizer in chain.authorizers:
            if not authorizer.asks_over_http:
                yield chain, authorizer


def _position(chain: Chain, authorizer: Authorizer) -> int:
    return next(index for index, one in enumerate(chain.filters) if one.node.path == authorizer.node.path)
