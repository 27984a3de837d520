"""Mutual TLS on the gRPC listener: who may connect, who of them may ask, and new files without a restart."""

import json

import grpc
import pytest

from support.edge_pki import EdgePki
from support.http_proxy import http_listener
from support.mesh import GATEWAY, Mesh, ask, refused, served_name
from support.questions import allowed, question, reason
from support.service_site import Site, StartService


@pytest.fixture
def mesh(site: Site) -> Mesh:
    return Mesh(site)


def test_a_caller_on_the_list_may_ask(start: StartService, mesh: Mesh, pki: EdgePki) -> None:
    service = start(listen=mesh.listen(allowed_clients=[f"uri:{GATEWAY}"]))
    assert allowed(ask(service, mesh, mesh.gateway, pki))


def test_a_caller_not_on_the_list_gets_an_explicit_deny(start: StartService, mesh: Mesh, pki: EdgePki) -> None:
    """Not an RPC error, which a proxy that fails open would let through."""
    service = start(listen=mesh.listen(allowed_clients=[f"uri:{GATEWAY}"]))
    answer = ask(service, mesh, mesh.other, pki)
    assert answer.status.code == 7
    assert answer.denied_response.status.code == 403
    assert reason(answer) == "caller_not_allowed"
    labels = {"decision": "deny", "reason": "caller_not_allowed", "policy": "", "api": "grpc"}
    assert service.metric("extauthz_checks_total", **labels) == 1.0
    assert service.stop() == 0
    (line,) = mesh.site.decisions()
    assert "edge-other" in str(line["detail"])


@pytest.mark.parametrize("who", ["stranger", "nobody"])
def test_a_caller_of_another_ca_or_without_certificate_cannot_connect(
    who: str, start: StartService, mesh: Mesh, pki: EdgePki
) -> None:
    service = start(listen=mesh.listen(allowed_clients=[f"uri:{GATEWAY}"]))
    caller = mesh.stranger if who == "stranger" else None
    assert refused(lambda: ask(service, mesh, caller, pki))


def test_without_a_list_every_caller_of_the_ca_may_ask(start: StartService, mesh: Mesh, pki: EdgePki) -> None:
    service = start(listen=mesh.listen())
    assert allowed(ask(service, mesh, mesh.other, pki))


def test_without_a_client_ca_everybody_may_ask(start: StartService, mesh: Mesh, pki: EdgePki) -> None:
    service = start(listen=mesh.listen(client_ca=None))
    assert allowed(ask(service, mesh, None, pki))


def test_a_client_ca_may_be_an_intermediate(start: StartService, mesh: Mesh, pki: EdgePki) -> None:
    """Who names the issuing CA alone means its clients, and not all that the root stands for."""
    issuing = pki.authority("Mesh issuing", parent=mesh.authority)
    mesh.write("issuing.pem", issuing.pem)
    service = start(listen=mesh.listen(client_ca="issuing.pem"))
    gateway = pki.issue("gateway", by=issuing, uris=[GATEWAY])
    assert allowed(ask(service, mesh, gateway, pki))
    assert refused(lambda: ask(service, mesh, mesh.gateway, pki))


def test_plaintext_does_not_get_through(start: StartService, mesh: Mesh) -> None:
    service = start(listen=mesh.listen())
    with service.channel() as channel:
        assert refused(lambda: service.check(b"", channel=channel, wait_for_ready=False))


def test_a_new_server_certificate_is_served_without_a_restart(start: StartService, mesh: Mesh, pki: EdgePki) -> None:
    service = start(listen=mesh.listen())
    assert served_name(service, mesh) == "first"
    mesh.serve("second")
    assert service.reload().status == 200
    assert served_name(service, mesh) == "second"
    assert allowed(ask(service, mesh, mesh.gateway, pki))


def test_a_new_client_ca_counts_without_a_restart(start: StartService, mesh: Mesh, pki: EdgePki) -> None:
    service = start(listen=mesh.listen())
    assert refused(lambda: ask(service, mesh, mesh.stranger, pki))
    assert mesh.stranger.issuer is not None
    mesh.write("mesh-ca.pem", mesh.stranger.issuer.pem)
    assert service.reload().status == 200
    assert allowed(ask(service, mesh, mesh.stranger, pki))
    assert refused(lambda: ask(service, mesh, mesh.gateway, pki))


def test_a_new_list_counts_for_connections_that_exist(start: StartService, mesh: Mesh, pki: EdgePki) -> None:
    service = start(listen=mesh.listen(allowed_clients=[f"uri:{GATEWAY}"]))
    credentials = grpc.ssl_channel_credentials(mesh.authority.pem, mesh.gateway.key_pem, mesh.gateway.pem)
    with service.channel(credentials) as channel:
        client = question(pki.issue("alice"))
        assert allowed(service.check(client, channel=channel))
        mesh.site.write(listen=mesh.listen(allowed_clients=[f"uri:{GATEWAY}-other"]))
        assert service.reload().status == 200
        assert reason(service.check(client, channel=channel)) == "caller_not_allowed"


@pytest.mark.parametrize(
    ("name", "setting"),
    [
        ("mesh.pem", "listen.grpc.tls.cert"),
        ("mesh.key", "listen.grpc.tls.key"),
        ("mesh-ca.pem", "listen.grpc.tls.client_ca"),
    ],
)
def test_files_that_cannot_serve_leave_the_old_ones_in_use(
    name: str, setting: str, start: StartService, mesh: Mesh, pki: EdgePki
) -> None:
    service = start(listen=mesh.listen())
    mesh.write(name, b"junk")
    reply = service.reload()
    assert reply.status == 422
    assert setting in reply.json()["problems"][0]
    assert served_name(service, mesh) == "first"
    assert allowed(ask(service, mesh, mesh.gateway, pki))


def test_a_key_of_another_certificate_leaves_the_old_one_in_use(start: StartService, mesh: Mesh) -> None:
    service = start(listen=mesh.listen())
    mesh.write("mesh.key", mesh.other.key_pem)
    assert service.reload().status == 422
    assert served_name(service, mesh) == "first"


def test_turning_tls_off_needs_a_restart(start: StartService, mesh: Mesh, pki: EdgePki) -> None:
    service = start(listen=mesh.listen())
    mesh.site.write(listen={"grpc": {"address": "127.0.0.1:0"}, "admin": {"address": "127.0.0.1:0"}})
    assert service.reload().status == 200
    assert allowed(ask(service, mesh, mesh.gateway, pki))
    service.event("reloaded")
    said = [event["setting"] for event in service.events("this setting changes only with a restart")]
    assert said == ["listen.grpc.tls", "listen.grpc.tls.client_ca"]


def test_taking_the_client_ca_away_lets_nobody_else_in_before_a_restart(
    start: StartService, mesh: Mesh, pki: EdgePki
) -> None:
    service = start(listen=mesh.listen())
    mesh.site.write(listen=mesh.listen(client_ca=None))
    mesh.serve("second")
    assert service.reload().status == 200
    assert served_name(service, mesh) == "second"
    assert refused(lambda: ask(service, mesh, None, pki))
    assert refused(lambda: ask(service, mesh, mesh.stranger, pki))
    assert allowed(ask(service, mesh, mesh.gateway, pki))


@pytest.mark.parametrize("tls", ["plaintext", "no client ca"])
def test_taking_certificates_away_keeps_the_list_of_callers_until_a_restart(
    tls: str, start: StartService, mesh: Mesh, pki: EdgePki
) -> None:
    listed = mesh.listen(allowed_clients=[f"uri:{GATEWAY}"])
    plain: dict[str, object] = {"grpc": {"address": "127.0.0.1:0"}, "admin": {"address": "127.0.0.1:0"}}
    service = start(listen=listed)
    for number in (1, 2):  # a second reload sees what the first one kept
        mesh.site.write(listen=plain if tls == "plaintext" else mesh.listen(client_ca=None))
        assert service.reload().status == 200
        assert allowed(ask(service, mesh, mesh.gateway, pki))
        assert reason(ask(service, mesh, mesh.other, pki)) == "caller_not_allowed"
        service.event("who may call stays as it was until a restart", number)
    mesh.site.write(listen=mesh.listen(allowed_clients=[f"uri:{GATEWAY}-other"]))
    assert service.reload().status == 200
    assert allowed(ask(service, mesh, mesh.other, pki))


def test_a_list_of_callers_outlives_a_configuration_without_the_listener(
    start: StartService, mesh: Mesh, pki: EdgePki
) -> None:
    service = start(listen=mesh.listen(allowed_clients=[f"uri:{GATEWAY}"]))
    sections = dict(mesh.site.sections)
    del mesh.site.sections["sources"]
    mesh.site.write(listen={"admin": {"address": "127.0.0.1:0"}, "http": http_listener()["http"]})
    text = json.loads(mesh.site.path.read_text())
    del text["listen"]["grpc"]
    mesh.site.path.write_text(json.dumps(text))
    assert service.reload().status == 200
    mesh.site.sections = sections
    mesh.site.write(listen=mesh.listen(client_ca=None))
    assert service.reload().status == 200
    assert reason(ask(service, mesh, mesh.other, pki)) == "caller_not_allowed"
    assert allowed(ask(service, mesh, mesh.gateway, pki))


def test_a_list_of_callers_waits_for_a_listener_that_asks_for_certificates(
    start: StartService, mesh: Mesh, pki: EdgePki
) -> None:
    service = start(listen=mesh.listen(client_ca=None))
    mesh.site.write(listen=mesh.listen(allowed_clients=[f"uri:{GATEWAY}"]))
    mesh.serve("second")
    assert service.reload().status == 200
    assert served_name(service, mesh) == "second"
    assert allowed(ask(service, mesh, None, pki))
    service.event("who may call stays as it was until a restart")
