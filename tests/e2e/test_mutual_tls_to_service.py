"""Mutual TLS between Envoy and extauthz: only a proxy that is on the list may ask, and others get a deny."""

import pytest

from support.edge import Edge, StartEdge
from support.edge_pki import Client, EdgePki
from support.envoy_bootstrap import HttpEdge

GATEWAY = "spiffe://example.org/ns/gateways/sa/edge"


@pytest.fixture(scope="module")
def listen(authority: EdgePki) -> dict[str, object]:
    service = authority.issue("extauthz", dns=["localhost"], eku=["1.3.6.1.5.5.7.3.1"])
    files = authority.save("extauthz", service)
    tls = {
        "cert": str(files.certificate),
        "key": str(files.key),
        "client_ca": str(authority.directory / "root.pem"),
        "allowed_clients": ["uri:spiffe://example.org/ns/gateways/sa/*", "dns:*.gateways.example"],
    }
    return {"grpc": {"address": "127.0.0.1:0", "tls": tls}, "admin": {"address": "127.0.0.1:0"}}


def start(start_edge: StartEdge, listen: dict[str, object], proxy: Client, *, fail_open: bool) -> Edge:
    stem = proxy.credentials.certificate.with_suffix("")
    return start_edge(listen=listen, client_tls=stem, edges={"https": HttpEdge(failure_mode_allow=fail_open)})


def test_a_listed_proxy_is_answered(
    start_edge: StartEdge, listen: dict[str, object], authority: EdgePki, alice: Client
) -> None:
    edge = start(start_edge, listen, authority.client("gateway", uris=[GATEWAY]), fail_open=False)
    assert edge.ask(alice).identity_headers()["x-client-cert-cn"] == "alice"


def test_another_proxy_of_the_same_ca_gets_a_deny_even_where_it_fails_open(
    start_edge: StartEdge, listen: dict[str, object], authority: EdgePki, alice: Client
) -> None:
    sidecar = authority.client("sidecar", uris=["spiffe://example.org/ns/apps/sa/web"], dns=["gateways.example"])
    edge = start(start_edge, listen, sidecar, fail_open=True)
    answer = edge.ask(alice)
    assert (answer.status, edge.reason(answer)) == (403, "caller_not_allowed")
    assert not edge.reached(answer)
    assert "identity" not in edge.logged(answer)["extauthz"]


def test_a_proxy_of_another_ca_gets_no_connection(
    start_edge: StartEdge, listen: dict[str, object], authority: EdgePki, alice: Client
) -> None:
    stranger = authority.client("stranger", uris=[GATEWAY], by=authority.authority("Strangers"))
    edge = start(start_edge, listen, stranger, fail_open=False)
    answer = edge.ask(alice)
    assert answer.status == 503
    assert not edge.reached(answer)
