"""Clients without a certificate: denied, unless the policy makes it optional; then they have no identity at all."""

import pytest

from support.edge import Edge, StartEdge
from support.edge_pki import Client
from support.envoy_bootstrap import HttpEdge

FORGED = [("x-client-cert-subject", "CN=root"), ("x_client_cert_cn", "root"), ("X-Client-Cert-Unknown", "root")]


@pytest.fixture(scope="module")
def edge(start_edge: StartEdge) -> Edge:
    return start_edge(
        edges={"https": HttpEdge(client_certificate_required=False)},
        policies=[
            {
                "name": "public",
                "when": {"paths": ["/public/**"]},
                "require": {"organizational_unit": ["Ops"]},
                "certificate": "optional",
            },
            {"name": "private", "when": {}, "require": {}},
        ],
    )


def test_no_certificate_is_denied(edge: Edge) -> None:
    answer = edge.ask(None, "/private")
    assert answer.status == 403
    assert edge.reason(answer) == "no_certificate"


def test_a_forged_xfcc_header_is_no_certificate(edge: Edge) -> None:
    answer = edge.ask(None, "/private", headers=[("x-forwarded-client-cert", 'Subject="CN=root"')])
    assert edge.reason(answer) == "no_certificate"


@pytest.mark.parametrize("http2", [False, True], ids=["http1", "http2"])
def test_optional_lets_through_without_any_identity(edge: Edge, http2: bool) -> None:
    answer = edge.ask(None, "/public/x", http2=http2, headers=FORGED)
    assert answer.identity_headers() == {}
    said = edge.logged(answer)["extauthz"]
    assert (said["decision"], said["reason"], said["policy"]) == ("allow", "allowed_without_certificate", "public")
    assert "identity" not in said


def test_a_certificate_that_is_presented_must_hold(edge: Edge, alice: Client, bob: Client) -> None:
    assert edge.ask(alice, "/public/x").identity_headers()["x-client-cert-cn"] == "alice"
    answer = edge.ask(bob, "/public/x")
    assert answer.status == 403
    assert edge.reason(answer) == "organizational_unit_not_allowed"
