"""A client_ca that names other CAs counts on connections that are open, and costs nobody else's."""

import pytest

from extauthz.transport.cause import Cause
from extauthz.wire.proto.envoy.service.auth.v3.external_auth_pb2 import CheckResponse
from support import frames
from support.http_proxy import HttpProxy, certificate_of, http_listener, logged
from support.mesh import GATEWAY, Mesh
from support.questions import question, reason
from support.service import RealService, eventually
from support.service_site import Site, StartService
from support.wire_client import Wire


@pytest.fixture(scope="session")
def transport() -> str:
    return "native"


@pytest.fixture
def mesh(site: Site) -> Mesh:
    return Mesh(site)


def http_settings() -> dict[str, object]:
    tls = {"cert": "mesh.pem", "key": "mesh.key", "client_ca": "mesh-ca.pem"}
    return http_listener(callers={"clients": [f"uri:{GATEWAY}"]}, tls=tls)


def name(mesh: Mesh, service: RealService, *cas: bytes) -> None:
    """Let ``client_ca`` name these from now on."""
    mesh.write("mesh-ca.pem", b"".join(cas))
    assert service.reload().status == 200


def strange_ca(mesh: Mesh) -> bytes:
    assert mesh.stranger.issuer is not None
    return mesh.stranger.issuer.pem


def sent_away(service: RealService, connections: int) -> None:
    def told() -> bool | None:
        return True if service.metric("extauthz_transport_closed_total", cause=Cause.CLIENT_CA) == connections else None

    eventually(told, f"{connections} connections being sent away")


def test_over_http_an_idle_connection_ends_and_a_question_on_its_way_is_refused(
    start: StartService, site: Site, mesh: Mesh
) -> None:
    service = start(listen=http_settings())
    context = mesh.context(mesh.gateway)
    certificate = certificate_of(site, "alice")
    with HttpProxy(service.http_address, context) as idle, HttpProxy(service.http_address, context) as asking:
        assert [one.ask(*certificate).status for one in (idle, asking)] == [200, 200]
        asking.say(b"GET /check HTTP/1.1\r\nx-original-method: GET\r\n")
        eventually(lambda: service.metric("extauthz_transport_connections") == 2 or None, "both connections")
        name(mesh, service, strange_ca(mesh))
        assert idle.rest() == b""
        asking.say(b"\r\n")
        answer = asking.answer()
        assert (answer.status, answer.headers["connection"]) == (403, "close")
        assert asking.rest() == b""
    line = logged(site, 3)
    assert (line["reason"], line["detail"]) == (
        "caller_not_allowed",
        "the CA that has issued the caller's certificate is no longer in client_ca",
    )
    sent_away(service, 2)
    with HttpProxy(service.http_address, mesh.context(mesh.stranger)) as other:
        assert other.ask(*certificate).status == 200


def test_over_grpc_calls_on_their_way_are_refused_and_the_connection_ends(
    start: StartService, site: Site, mesh: Mesh
) -> None:
    service = start(listen=mesh.listen(allowed_clients=[f"uri:{GATEWAY}"]))
    asked = question(site.pki.issue("alice")).SerializeToString()
    wire = Wire(service.grpc_address, tls=mesh.context(mesh.gateway, "h2"), automatic=False)
    assert reason(CheckResponse.FromString(wire.answer(wire.ask("", asked)).message)) == "allowed"
    begun = wire.head()
    name(mesh, service, strange_ca(mesh))
    notice = wire.first(frames.GOAWAY)
    assert int.from_bytes(notice.payload[:4], "big") == 0x7FFFFFFF, "requests may be on their way"
    wire.say(frames.data(begun, frames.message(asked), end=True))
    for stream_id in (begun, wire.ask("", asked)):
        answer = CheckResponse.FromString(wire.answer(stream_id).message)
        assert (answer.denied_response.status.code, reason(answer)) == (403, "caller_not_allowed")
    wire.listen_to_end()
    sent_away(service, 1)
    other = Wire(service.grpc_address, tls=mesh.context(mesh.stranger, "h2"))
    assert reason(CheckResponse.FromString(other.answer(other.ask("", asked)).message)) == "allowed"
    wire.close()
    other.close()


def test_an_exchange_of_the_ca_in_two_steps_costs_no_connection(start: StartService, site: Site, mesh: Mesh) -> None:
    service = start(listen={**http_settings(), "grpc": mesh.listen()["grpc"]})
    certificate = certificate_of(site, "alice")
    asked = question(site.pki.issue("alice")).SerializeToString()
    with HttpProxy(service.http_address, mesh.context(mesh.gateway)) as old:
        assert old.ask(*certificate).status == 200
        name(mesh, service, mesh.authority.pem, strange_ca(mesh))
        assert old.ask(*certificate).status == 200
        wire = Wire(service.grpc_address, tls=mesh.context(mesh.stranger, "h2"))
        with HttpProxy(service.http_address, mesh.context(mesh.stranger)) as new:
            assert new.ask(*certificate).status == 200
            mesh.serve("second")
            assert service.reload().status == 200
            assert old.ask(*certificate).status == 200, "the service's own certificate is no matter"
            name(mesh, service, strange_ca(mesh))
            assert old.rest() == b""
            assert new.ask(*certificate).status == 200
        assert reason(CheckResponse.FromString(wire.answer(wire.ask("", asked)).message)) == "allowed"
        wire.close()
    sent_away(service, 1)
