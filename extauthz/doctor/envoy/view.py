"""What the rules look at: each filter chain that speaks HTTP, and each place where Envoy asks an authorizer."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from extauthz.doctor.envoy.read import EnvoyResources, extension, unpacked
from extauthz.doctor.located import Located

MANAGER = "extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
HTTP_EXT_AUTHZ = "extensions.filters.http.ext_authz.v3.ExtAuthz"
NETWORK_EXT_AUTHZ = "extensions.filters.network.ext_authz.v3.ExtAuthz"
PER_ROUTE = "extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute"
FILTER_CONFIG = "config.route.v3.FilterConfig"
ROUTE = "config.route.v3.Route"
ROUTE_LIST = "config.route.v3.RouteList"
_MATCHED = "extensions.common.matching.v3.ExtensionWithMatcher"
_QUIC = "QuicDownstreamTransport"
_VALIDATIONS = ("validation_context", "combined_validation_context", "validation_context_sds_secret_config")


@dataclass(frozen=True, slots=True)
class Filter:
    """One HTTP filter of a chain."""

    name: str
    kind: str
    """Its type, such as ``extensions.filters.http.router.v3.Router``."""
    node: Located
    config: Located
    by_matcher: bool = False
    """Whether a matcher around it decides which requests go through it."""
    unread: bool = False
    """Whether it comes from elsewhere and is not in the file."""


@dataclass(frozen=True, slots=True)
class Authorizer:
    """One ext_authz filter, of HTTP or of a whole connection."""

    name: str
    node: Located
    config: Located

    @property
    def asks_over_http(self) -> bool:
        """Whether it asks with a plain HTTP request instead of gRPC."""
        return self.config["http_service"].given

    @property
    def timeout(self) -> Located:
        """How long Envoy waits for the answer."""
        if self.asks_over_http:
            return self.config.at("http_service", "server_uri", "timeout")
        return self.config.at("grpc_service", "timeout")

    @property
    def cluster(self) -> Located:
        """The name of the cluster that it asks, empty where it is named in another way."""
        if self.asks_over_http:
            return self.config.at("http_service", "server_uri", "cluster")
        return self.config.at("grpc_service", "envoy_grpc", "cluster_name")


@dataclass(frozen=True)
class Chain:
    """One filter chain of a listener, with its TLS and what stands behind it."""

    node: Located
    resources: EnvoyResources

    @cached_property
    def tls(self) -> Located:
        """The context that clients meet; empty for plaintext."""
        kind, config = extension(self.node["transport_socket"])
        return config["downstream_tls_context"] if kind.endswith(_QUIC) else config

    @property
    def validation(self) -> Located:
        """What clients' certificates are held against; empty when none is ever asked for."""
        common = self.tls["common_tls_context"]
        return next((common[one] for one in _VALIDATIONS if common[one].given), common["validation_context"])

    @property
    def inline_validation(self) -> Located:
        """The part of it that stands in this file."""
        validation = self.validation
        default = validation["default_validation_context"]
        return default if default.given else validation

    @cached_property
    def manager(self) -> Located:
        """The HTTP connection manager; empty where the chain speaks no HTTP."""
        for one in self.node["filters"].items:
            kind, config = extension(one)
            if kind == MANAGER:
                return config
        return Located(None, self.node.file, self.node.path)

    @cached_property
    def filters(self) -> tuple[Filter, ...]:
        """The HTTP filters in their order."""
        return tuple(self.filter(one) for one in self.manager["http_filters"].items)

    @cached_property
    def authorizers(self) -> tuple[Authorizer, ...]:
        """The ext_authz filters of the HTTP connection manager."""
        return tuple(Authorizer(one.name, one.node, one.config) for one in self.filters if one.kind == HTTP_EXT_AUTHZ)

    @cached_property
    def connection_authorizers(self) -> tuple[Authorizer, ...]:
        """The ext_authz filters that decide about whole connections."""
        found = ((one, *extension(one)) for one in self.node["filters"].items)
        return tuple(
            Authorizer(one["name"].text, one, config) for one, kind, config in found if kind == NETWORK_EXT_AUTHZ
        )

    @property
    def asks(self) -> bool:
        """Whether anything on the way asks an authorizer."""
        return bool(self.authorizers or self.connection_authorizers)

    @property
    def is_read(self) -> bool:
        """Whether all of its filters are in the file."""
        discovered = any(one["config_discovery"].given for one in self.node["filters"].items)
        return not (discovered or any(one.unread for one in self.filters))

    @cached_property
    def route_config(self) -> Located:
        """The route configuration; empty when this file does not have it."""
        inline = self.manager["route_config"]
        if inline.given:
            return inline
        name = self.manager.at("rds", "route_config_name").text
        return self.resources.routes.get(name, inline)

    def filter(self, node: Located) -> Filter:
        """Return what stands in a list of HTTP filters."""
        name = node["name"].text
        kind, config = extension(node)
        found = self.resources.filters.get(name) if node["config_discovery"].given else None
        if found is not None:
            kind, config = extension(found)
        by_matcher = kind == _MATCHED
        if by_matcher:
            kind, config = extension(config["extension_config"])
        unread = node["config_discovery"].given and found is None
        return Filter(name, kind, node, config, by_matcher=by_matcher, unread=unread)


@dataclass(frozen=True, slots=True)
class Scope:
    """A virtual host, a route or another part of a route configuration that can override filters."""

    node: Located
    around: tuple[Located, ...]
    """The scopes that it is in, outermost first."""

    def override(self, filter_name: str) -> tuple[str, Located]:
        """Return type and configuration of what it says for a filter; empty when it says nothing."""
        overrides = self.node["typed_per_filter_config"].entries
        if filter_name not in overrides:
            return "", Located(None, self.node.file, self.node.path)
        # Overrides are a typed configuration without a name around it, or one more around that.
        kind, override = unpacked(overrides[filter_name])
        if kind == FILTER_CONFIG and not override["disabled"].is_true and override["config"].given:
            return unpacked(override["config"])
        return kind, override

    @property
    def name(self) -> str:
        """What it is about, for people."""
        matched = next(iter(self.node["match"].entries.values()), self.node["name"])
        what = matched if matched.text else matched["regex"]
        return ", ".join(filter(None, [what.text, *self.node["domains"].texts]))

    @property
    def removed_headers(self) -> frozenset[str]:
        """The request headers that are removed on the way to its upstream, in lower case."""
        return frozenset(
            name.lower() for one in (*self.around, self.node) for name in one["request_headers_to_remove"].texts
        )

    @property
    def reaches_an_upstream(self) -> bool:
        """Whether requests go anywhere from here, rather than being redirected or answered at once."""
        return not (self.node["redirect"].given or self.node["direct_response"].given)


def scopes(route_config: Located) -> Iterator[Scope]:
    """Yield every part of a route configuration that can override filters."""
    if not route_config.given:
        return
    yield Scope(route_config, ())
    for host in route_config["virtual_hosts"].items:
        yield Scope(host, (route_config,))
        for route in (*host["routes"].items, *_matched_routes(host["matcher"])):
            yield Scope(route, (route_config, host))
            for cluster in route.at("route", "weighted_clusters", "clusters").items:
                yield Scope(cluster, (route_config, host, route))


def _matched_routes(matcher: Located) -> Iterator[Located]:
    """Yield the routes in the tree of a matcher, wherever they stand in it."""
    for inner in (*matcher.entries.values(), *matcher.items):
        match unpacked(inner):
            case kind, route if kind == ROUTE:
                yield route
            case kind, routes if kind == ROUTE_LIST:
                yield from routes["routes"].items
            case _:
                yield from _matched_routes(inner)


@dataclass(frozen=True)
class EnvoyView:
    """One Envoy."""

    resources: EnvoyResources

    @cached_property
    def chains(self) -> tuple[Chain, ...]:
        """Every filter chain of every listener."""
        nodes: list[Located] = []
        for listener in self.resources.listeners:
            nodes.extend(listener["filter_chains"].items)
            if listener["default_filter_chain"].given:
                nodes.append(listener["default_filter_chain"])
        return tuple(Chain(node, self.resources) for node in nodes)

    @property
    def authorized_chains(self) -> tuple[Chain, ...]:
        """The chains in which HTTP requests are authorized."""
        return tuple(chain for chain in self.chains if chain.authorizers)

    @property
    def authorizers(self) -> tuple[Authorizer, ...]:
        """Every ext_authz filter, of HTTP and of connections."""
        return tuple(one for chain in self.chains for one in (*chain.authorizers, *chain.connection_authorizers))
