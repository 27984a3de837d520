"""The recurring pieces of an Envoy configuration, as plain values."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

Json = Mapping[str, object]
TYPE: Final = "type.googleapis.com/envoy."


def typed(name: str, type_name: str, **config: object) -> Json:
    """Return one extension: its name, and its configuration with its type."""
    return {"name": name, "typed_config": {"@type": TYPE + type_name, **config}}


def client_socket(stem: Path, pki: Path) -> Json:
    """Return Envoy's own TLS as a client: it shows the certificate ``stem.pem`` and trusts the root in ``pki``."""
    return typed(
        "envoy.transport_sockets.tls",
        "extensions.transport_sockets.tls.v3.UpstreamTlsContext",
        sni="localhost",
        common_tls_context={
            "tls_certificates": [key_pair(stem)],
            "validation_context": {"trusted_ca": {"filename": str(pki / "root.pem")}},
        },
    )


def cluster(name: str, addresses: Sequence[str]) -> Json:
    endpoints = [{"endpoint": {"address": address(one)}} for one in addresses]
    assignment = {"cluster_name": name, "endpoints": [{"lb_endpoints": endpoints}]}
    return {"name": name, "type": "STATIC", "connect_timeout": "2s", "load_assignment": assignment}


def address(text: str) -> Json:
    if text.startswith("unix:"):
        return {"pipe": {"path": text.removeprefix("unix:")}}
    host, _, port = text.rpartition(":")
    return socket(host, int(port))


def socket(host: str, port: int) -> Json:
    return {"socket_address": {"address": host, "port_value": port}}


def key_pair(stem: Path) -> Json:
    return {"certificate_chain": {"filename": f"{stem}.pem"}, "private_key": {"filename": f"{stem}.key"}}
