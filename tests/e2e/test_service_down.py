"""No answer from extauthz is an outage: Envoy says 503, and does not hide it among denials."""

import pytest

from support.edge import Edge, StartEdge
from support.edge_pki import Client
from support.envoy_bootstrap import HttpEdge


@pytest.fixture(scope="module")
def stopped(start_edge: StartEdge, alice: Client) -> Edge:
    edge = start_edge(edges={"closed": HttpEdge(), "open": HttpEdge(failure_mode_allow=True)})
    assert edge.ask(alice).status == 200
    edge.service.stop()
    return edge


def test_without_the_service_nobody_gets_through(stopped: Edge, alice: Client) -> None:
    answer = stopped.ask(alice, to="closed")
    assert answer.status == 503
    assert not stopped.reached(answer)
    assert stopped.logged(answer)["details"] == "ext_authz_error"


def test_an_envoy_that_fails_open_lets_everybody_through(stopped: Edge, alice: Client) -> None:
    # Why docs/envoy.md says failure_mode_allow: false, and the measure for the tests of internal errors: this Envoy
    # really opens when it gets no answer.
    answer = stopped.ask(alice, to="open", headers=[("x-client-cert-subject", "CN=root")])
    assert answer.status == 200
    assert answer.identity_headers() == {"x-client-cert-subject": "CN=root"}
