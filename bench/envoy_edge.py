"""An Envoy as docs/envoy.md has it: mutual TLS and HTTP/2 towards clients, and it answers what is allowed itself."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

Json = Mapping[str, object]
_TYPE: Final = "type.googleapis.com/envoy."


def envoy_config(pki: Path, authorizer: str | None) -> Json:
    """Return the configuration, its listener named ``edge`` on a free port.

    ``authorizer`` is the address that is asked; None leaves the filter out.
    """
    filters = [_typed("envoy.filters.http.router", "extensions.filters.http.router.v3.Router")]
    if authorizer is not None:
        filters.insert(0, _ext_authz())
    manager = _typed(
        "envoy.filters.network.http_connection_manager",
        "extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        stat_prefix="edge",
        forward_client_cert_details="SANITIZE_SET",
        set_current_client_cert_details={"cert": True},
        normalize_path=True,
        merge_slashes=True,
        path_with_escaped_slashes_action="REJECT_REQUEST",
        http_filters=filters,
        route_config={
            "virtual_hosts": [
                {
                    "name": "all",
                    "domains": ["*"],
                    "routes": [
                        {
                            "match": {"prefix": "/"},
                            "direct_response": {"status": 200, "body": {"inline_string": "let in\n"}},
                        }
                    ],
                }
            ]
        },
    )
    listener = {
        "name": "edge",
        "address": _socket("127.0.0.1", 0),
        "filter_chains": [{"transport_socket": _mutual_tls(pki), "filters": [manager]}],
    }
    clusters = [] if authorizer is None else [_cluster(authorizer)]
    return {
        "admin": {"address": _socket("127.0.0.1", 0)},
        "static_resources": {"listeners": [listener], "clusters": clusters},
    }


def _ext_authz() -> Json:
    return _typed(
        "envoy.filters.http.ext_authz",
        "extensions.filters.http.ext_authz.v3.ExtAuthz",
        transport_api_version="V3",
        grpc_service={"envoy_grpc": {"cluster_name": "extauthz"}, "timeout": "5s"},
        failure_mode_allow=False,
        status_on_error={"code": "ServiceUnavailable"},
        include_peer_certificate=True,
        include_tls_session=True,
        encode_raw_headers=True,
        validate_mutations=True,
    )


def _cluster(authorizer: str) -> Json:
    host, _, port = authorizer.rpartition(":")
    endpoint = {"endpoint": {"address": _socket(host, int(port))}}
    return {
        "name": "extauthz",
        "type": "STATIC",
        "connect_timeout": "2s",
        "load_assignment": {"cluster_name": "extauthz", "endpoints": [{"lb_endpoints": [endpoint]}]},
        "typed_extension_protocol_options": {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                "@type": f"{_TYPE}extensions.upstreams.http.v3.HttpProtocolOptions",
                "explicit_http_config": {"http2_protocol_options": {}},
            }
        },
    }


def _mutual_tls(pki: Path) -> Json:
    pair = {
        "certificate_chain": {"filename": str(pki / "server.pem")},
        "private_key": {"filename": str(pki / "server.key")},
    }
    return _typed(
        "envoy.transport_sockets.tls",
        "extensions.transport_sockets.tls.v3.DownstreamTlsContext",
        require_client_certificate=True,
        common_tls_context={
            "alpn_protocols": ["h2"],
            "tls_certificates": [pair],
            "validation_context": {"trusted_ca": {"filename": str(pki / "root-ca.pem")}},
        },
    )


def _typed(name: str, type_name: str, **config: object) -> Json:
    return {"name": name, "typed_config": {"@type": _TYPE + type_name, **config}}


def _socket(host: str, port: int) -> Json:
    return {"socket_address": {"address": host, "port_value": port}}
