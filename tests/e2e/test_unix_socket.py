"""Envoy and extauthz on one host speak over a Unix socket."""

from pathlib import Path

from support.edge import StartEdge
from support.edge_pki import Client


def test_a_unix_socket_between_envoy_and_extauthz(start_edge: StartEdge, alice: Client, tmp_path: Path) -> None:
    path = tmp_path / "extauthz.sock"
    edge = start_edge(listen={"grpc": {"address": f"unix:{path}"}, "admin": {"address": "127.0.0.1:0"}})
    assert path.is_socket()
    assert edge.service.grpc_address == f"unix:{path}"
    assert edge.ask(alice).identity_headers()["x-client-cert-cn"] == "alice"
    edge.service.stop()
    assert not path.exists()
    assert edge.ask(alice).status == 503
