"""The network (L4) form of Envoy's filter: a connection is decided by its certificate alone."""

import httpx
import pytest

from support.edge import Edge, StartEdge
from support.edge_pki import Client, EdgePki
from support.envoy_bootstrap import TcpEdge
from support.service import eventually


@pytest.fixture(scope="module")
def edge(start_edge: StartEdge, authority: EdgePki) -> Edge:
    return start_edge(
        edges={"tcp": TcpEdge(), "silent": TcpEdge(peer_certificate=False)},
        policies=[{"name": "ops", "when": {}, "require": {"organizational_unit": ["Ops"]}}],
    )


def refused(edge: Edge, client: Client, to: str) -> str:
    """Open a connection that must be closed without an answer, and return the reason in the decision log."""
    seen = {line["decision_id"] for line in edge.decisions() if line["decision"] == "deny"}
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        edge.ask(client, to=to)

    def look() -> str | None:
        lines = [line for line in edge.decisions() if line["decision"] == "deny" and line["decision_id"] not in seen]
        return lines[0]["reason"] if lines else None

    return eventually(look, "the decision's line")


def test_an_allowed_connection_passes_bytes_on(edge: Edge, alice: Client) -> None:
    with edge.connect(alice) as connection:
        answers = [connection.ask("/one"), connection.ask("/two")]
    assert [answer.json()["target"] for answer in answers] == ["/one", "/two"]
    # Nobody reads HTTP here, so nobody adds headers.
    assert answers[0].identity_headers() == {}


def test_the_decision_is_of_the_connection(edge: Edge, alice: Client) -> None:
    def allowed() -> float | None:
        labels = {"decision": "allow", "reason": "allowed", "policy": "ops", "api": "grpc"}
        return edge.service.metric("extauthz_checks_total", **labels)

    before = allowed()
    assert before is not None
    with edge.connect(alice) as connection:
        for _ in range(3):
            connection.ask("/")
    assert allowed() == before + 1


def test_a_refused_connection_is_closed(edge: Edge, bob: Client) -> None:
    assert refused(edge, bob, "tcp") == "organizational_unit_not_allowed"


def test_without_include_peer_certificate_there_is_none(edge: Edge, alice: Client) -> None:
    assert refused(edge, alice, "silent") == "no_certificate"
