"""What a client does wrong at the TLS handshake puts no line of gRPC's own form into the process log."""

import json
import socket

from support.pki import SERVER_AUTH
from support.service_site import Site, StartService


def test_every_line_is_json_also_after_a_failed_handshake(site: Site, start: StartService) -> None:
    server = site.pki.issue("server", ips=["127.0.0.1"], eku=[SERVER_AUTH])
    (site.folder / "server.pem").write_bytes(server.pem)
    (site.folder / "server.key").write_bytes(server.key_pem)
    tls = {"cert": "server.pem", "key": "server.key"}
    service = start(listen={"grpc": {"address": "127.0.0.1:0", "tls": tls}, "admin": {"address": "127.0.0.1:0"}})
    host, _, port = service.event("ready")["grpc"].rpartition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        while connection.recv(1024):
            pass  # until it hangs up, as the handshake has failed
    service.stop()
    assert [json.loads(line)["event"] for line in service.stderr()][-1] == "stopped"
