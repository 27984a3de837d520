"""The one place where Envoy's configuration is put together: listeners with keyword options, as plain values.

The defaults are those of ``docs/envoy.md``, but for a timeout that a busy machine keeps.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from support.envoy import ACCESS_LOG
from support.envoy_json import TYPE, Json, client_socket, cluster, key_pair, socket, typed
from support.upstream import NUMBER_HEADER

_EXT_AUTHZ: Final = "envoy.filters.http.ext_authz"
_HCM: Final = "extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
CHECK_TIMEOUT: Final = "5s"
ALL_DETAILS: Final[Json] = {"subject": True, "cert": True, "chain": True, "dns": True, "uri": True}
CATCH_ALL: Final[Json] = {"match": {"prefix": "/"}, "route": {"cluster": "upstream"}}


def per_route(**config: object) -> Json:
    """Return the ``typed_per_filter_config`` of a route for the ext_authz filter."""
    return {_EXT_AUTHZ: {"@type": f"{TYPE}extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute", **config}}


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsEdge(ABC):
    """What every listener has: server certificate, and what is asked of clients."""

    server: str = "server"
    """Stem of the edge's own certificate and key among the files of the PKI."""
    client_certificate_required: bool = True
    accept_untrusted: bool = False
    """``trust_chain_verification: ACCEPT_UNTRUSTED``: Envoy forwards what it did not verify."""
    failure_mode_allow: bool = False
    timeout: str = CHECK_TIMEOUT
    retries: bool = False
    """The retry policy of docs/envoy.md."""

    def transport_socket(self, pki: Path) -> Json:
        context: dict[str, object] = {"trusted_ca": {"filename": str(pki / "root.pem")}}
        if self.accept_untrusted:
            context["trust_chain_verification"] = "ACCEPT_UNTRUSTED"
        return typed(
            "envoy.transport_sockets.tls",
            "extensions.transport_sockets.tls.v3.DownstreamTlsContext",
            require_client_certificate=self.client_certificate_required,
            common_tls_context={
                "alpn_protocols": ["h2", "http/1.1"],
                "tls_certificates": [key_pair(pki / self.server)],
                "validation_context": context,
            },
        )

    def grpc_service(self) -> Json:
        service: dict[str, object] = {"envoy_grpc": {"cluster_name": "extauthz"}, "timeout": self.timeout}
        if self.retries:
            predicate = typed(
                "envoy.retry_host_predicates.previous_hosts",
                "extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate",
            )
            service["retry_policy"] = {
                "num_retries": 2,
                "retry_on": "unavailable,connect-failure,reset",
                "retry_host_predicate": [predicate],
                "host_selection_retry_max_attempts": 3,
            }
        return service

    @abstractmethod
    def network_filters(self) -> Sequence[Json]:
        """Return what stands behind the TLS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpEdge(TlsEdge):
    """A listener that speaks HTTP."""

    xfcc: str = "SANITIZE_SET"
    details: Json = field(default_factory=lambda: ALL_DETAILS)
    peer_certificate: bool = True
    tls_session: bool = True
    raw_headers: bool = True
    validate_mutations: bool = True
    normalize_path: bool = True
    status_on_error: str = "ServiceUnavailable"
    routes: Sequence[Json] = (CATCH_ALL,)
    virtual_hosts: Sequence[Json] = ()
    """Instead of one for every host with ``routes``."""
    http_filters: Sequence[Json] = ()
    """Before ext_authz."""
    metadata_namespaces: Sequence[str] = ("envoy.filters.http.jwt_authn",)
    authorized: bool = True
    """Whether extauthz is asked at all."""
    authorize: Json | None = None
    """A whole ext_authz filter instead of the one that the settings here make."""
    max_body: int = 0
    """Bytes of the request's body that extauthz gets to see."""
    max_headers: int = 100
    max_headers_kb: int = 60

    def network_filters(self) -> Sequence[Json]:
        """Return the HTTP connection manager with its filters."""
        everything = {"name": "all", "domains": ["*"], "routes": list(self.routes)}
        body = {"with_request_body": {"max_request_bytes": self.max_body}} if self.max_body else {}
        authorize = typed(
            _EXT_AUTHZ,
            "extensions.filters.http.ext_authz.v3.ExtAuthz",
            transport_api_version="V3",
            grpc_service=self.grpc_service(),
            failure_mode_allow=self.failure_mode_allow,
            status_on_error={"code": self.status_on_error},
            include_peer_certificate=self.peer_certificate,
            include_tls_session=self.tls_session,
            encode_raw_headers=self.raw_headers,
            validate_mutations=self.validate_mutations,
            metadata_context_namespaces=list(self.metadata_namespaces),
            **body,
        )
        route = typed("envoy.filters.http.router", "extensions.filters.http.router.v3.Router")
        manager: dict[str, object] = {
            "stat_prefix": "edge",
            "forward_client_cert_details": self.xfcc,
            "set_current_client_cert_details": dict(self.details),
            "max_request_headers_kb": self.max_headers_kb,
            "common_http_protocol_options": {"max_headers_count": self.max_headers},
            "route_config": {"name": "all", "virtual_hosts": list(self.virtual_hosts) or [everything]},
            "http_filters": [*self.http_filters, *([self.authorize or authorize] if self.authorized else []), route],
            "access_log": [_access_log()],
        }
        if self.normalize_path:
            manager |= {
                "normalize_path": True,
                "merge_slashes": True,
                "path_with_escaped_slashes_action": "REJECT_REQUEST",
            }
        return [typed("envoy.filters.network.http_connection_manager", _HCM, **manager)]


@dataclass(frozen=True, slots=True, kw_only=True)
class TcpEdge(TlsEdge):
    """A listener that passes bytes on, with the network form of the filter in front."""

    peer_certificate: bool = True

    def network_filters(self) -> Sequence[Json]:
        """Return ext_authz and the TCP proxy."""
        authorize = typed(
            "envoy.filters.network.ext_authz",
            "extensions.filters.network.ext_authz.v3.ExtAuthz",
            stat_prefix="tcp",
            transport_api_version="V3",
            grpc_service=self.grpc_service(),
            failure_mode_allow=self.failure_mode_allow,
            include_peer_certificate=self.peer_certificate,
        )
        proxy = typed(
            "envoy.filters.network.tcp_proxy",
            "extensions.filters.network.tcp_proxy.v3.TcpProxy",
            stat_prefix="tcp",
            cluster="upstream",
        )
        return [authorize, proxy]


def bootstrap(
    edges: Mapping[str, TlsEdge],
    *,
    pki: Path,
    extauthz: Sequence[str],
    upstream_port: int,
    client_tls: Path | None = None,
    upstream_tls: Path | None = None,
    health_checks: bool = False,
) -> Json:
    """Return a bootstrap with one listener for each edge, on free ports, by its name.

    ``pki`` holds the files of ``EdgePki``. ``extauthz`` are addresses, ``host:port`` or ``unix:/path``. ``client_tls``
    is the stem of the certificate and key that Envoy shows to extauthz, and ``upstream_tls`` of those that it shows to
    the upstream; without them they speak plaintext.
    """
    http2 = {
        "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
            "@type": f"{TYPE}extensions.upstreams.http.v3.HttpProtocolOptions",
            "explicit_http_config": {"http2_protocol_options": {}},
        }
    }
    service: dict[str, object] = {
        **cluster("extauthz", extauthz),
        "lb_policy": "LEAST_REQUEST",
        "typed_extension_protocol_options": http2,
        # Envoy retries three requests at a time unless told otherwise: an instance that dies has more on the way.
        "circuit_breakers": {"thresholds": [{"max_retries": 1000}]},
    }
    if client_tls is not None:
        service["transport_socket"] = client_socket(client_tls, pki)
    if health_checks:
        # Those of docs/envoy.md, at intervals that let a test see them act.
        service["health_checks"] = [
            {
                "timeout": "1s",
                "interval": "0.2s",
                "no_traffic_interval": "0.2s",
                "unhealthy_threshold": 2,
                "healthy_threshold": 1,
                "grpc_health_check": {"service_name": "envoy.service.auth.v3.Authorization"},
            }
        ]
    listeners = [
        {
            "name": name,
            "address": socket("127.0.0.1", 0),
            "filter_chains": [
                {"transport_socket": edge.transport_socket(pki), "filters": list(edge.network_filters())}
            ],
        }
        for name, edge in edges.items()
    ]
    upstream: dict[str, object] = {**cluster("upstream", [f"127.0.0.1:{upstream_port}"])}
    if upstream_tls is not None:
        upstream["transport_socket"] = client_socket(upstream_tls, pki)
    return {"static_resources": {"listeners": listeners, "clusters": [service, upstream]}}


def _access_log() -> Json:
    return typed(
        "envoy.access_loggers.file",
        "extensions.access_loggers.file.v3.FileAccessLog",
        path=ACCESS_LOG,
        log_format={
            "json_format": {
                "number": f"%REQ({NUMBER_HEADER})%",
                "status": "%RESPONSE_CODE%",
                "flags": "%RESPONSE_FLAGS%",
                "details": "%RESPONSE_CODE_DETAILS%",
                "extauthz": f"%DYNAMIC_METADATA({_EXT_AUTHZ})%",
            }
        },
    )
