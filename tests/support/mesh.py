"""A CA for servers and proxies beside the one for clients, and mutual TLS with the gRPC listener."""

import socket
import ssl
from collections.abc import Callable

import grpc
import pytest
from cryptography import x509

from extauthz.wire.proto.envoy.service.auth.v3.external_auth_pb2 import CheckResponse
from support.edge_pki import EdgePki
from support.pki import SERVER_AUTH, Leaf
from support.questions import question
from support.service import RealService
from support.service_site import Site

GATEWAY = "spiffe://cluster.local/ns/gateways/sa/edge"


class Mesh:
    """A CA for servers and proxies, beside the one for clients; files in the site's folder."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.authority = site.pki.authority("Mesh")
        self.gateway = site.pki.issue("gateway", by=self.authority, uris=[GATEWAY])
        self.other = site.pki.issue("gateway", by=self.authority, uris=[GATEWAY + "-other"])
        self.stranger = site.pki.issue("gateway", by=site.pki.authority("Stranger"), uris=[GATEWAY])
        self.serve("first")
        self.write("mesh-ca.pem", self.authority.pem)

    def serve(self, name: str) -> Leaf:
        """Give the listener a new certificate and key."""
        server = self.site.pki.issue(name, by=self.authority, ips=["127.0.0.1"], eku=[SERVER_AUTH])
        self.write("mesh.pem", server.pem)
        self.write("mesh.key", server.key_pem)
        return server

    def write(self, name: str, content: bytes) -> None:
        (self.site.folder / name).write_bytes(content)

    def context(self, caller: Leaf, *protocols: str) -> ssl.SSLContext:
        """Return that of a client that shows this certificate, and offers these protocols by ALPN."""
        saved = self.site.pki.save(caller.sha256.hex(), caller)
        context = ssl.create_default_context(cadata=self.authority.pem.decode())
        context.check_hostname = False
        context.load_cert_chain(saved.certificate, saved.key)
        if protocols:
            context.set_alpn_protocols(protocols)
        return context

    def listen(self, **tls: object) -> dict[str, object]:
        settings = {"cert": "mesh.pem", "key": "mesh.key", "client_ca": "mesh-ca.pem", **tls}
        settings = {name: value for name, value in settings.items() if value is not None}
        return {
            "grpc": {"address": "127.0.0.1:0", "tls": settings},
            "admin": {"address": "127.0.0.1:0"},
        }


def ask(service: RealService, mesh: Mesh, caller: Leaf | None, pki: EdgePki) -> CheckResponse:
    """Ask over a new connection of a caller. An RPC error is raised as it is."""
    key, chain = (None, None) if caller is None else (caller.key_pem, caller.pem)
    with service.channel(grpc.ssl_channel_credentials(mesh.authority.pem, key, chain)) as channel:
        return service.check(question(pki.issue("alice")), channel=channel, wait_for_ready=False)


def refused(attempt: Callable[[], object]) -> bool:
    """Say whether no connection came about."""
    with pytest.raises(grpc.RpcError) as caught:
        attempt()
    error = caught.value
    assert isinstance(error, grpc.Call)
    return error.code() is grpc.StatusCode.UNAVAILABLE


def served_name(service: RealService, mesh: Mesh) -> str:
    """Return the common name of the certificate that the listener shows to a new connection."""
    context = ssl.create_default_context(cadata=mesh.authority.pem.decode())
    context.set_alpn_protocols(["h2"])
    host, _, port = service.grpc_address.rpartition(":")
    with (
        socket.create_connection((host, int(port)), 20) as plain,
        context.wrap_socket(plain, server_hostname=host) as tls,
    ):
        der = tls.getpeercert(binary_form=True)
    assert der is not None
    (name,) = x509.load_der_x509_certificate(der).subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return str(name.value)
