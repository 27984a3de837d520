"""XFCC's ``Chain`` brings the intermediates that a client sends; ``source.certificate`` is the leaf alone."""

import pytest

from support.edge import Edge, StartEdge
from support.edge_pki import Client, EdgePki


@pytest.fixture(scope="module")
def root_alone(authority: EdgePki) -> dict[str, object]:
    return {"anchors": [str(authority.directory / "root.pem")]}


@pytest.fixture(scope="module")
def by_xfcc(start_edge: StartEdge, root_alone: dict[str, object]) -> Edge:
    return start_edge(trust=root_alone, sources=[{"type": "xfcc"}])


def test_the_chain_in_xfcc_needs_no_configured_intermediate(by_xfcc: Edge, alice: Client) -> None:
    assert by_xfcc.ask(alice).status == 200


def test_the_leaf_alone_needs_one(start_edge: StartEdge, root_alone: dict[str, object], alice: Client) -> None:
    edge = start_edge(trust=root_alone, sources=[{"type": "envoy_peer"}])
    answer = edge.ask(alice)
    assert answer.status == 403
    assert edge.reason(answer) == "untrusted_issuer"


def test_a_long_chain_of_rsa_4096_fits(by_xfcc: Edge, authority: EdgePki) -> None:
    above = authority.authority("Policy CA", parent=authority.root, key="rsa4096")
    issuing = authority.authority("RSA Issuing CA", parent=above, key="rsa4096")
    sans = [f"service-{number}.clients.example" for number in range(60)]
    client = authority.client("rsa", by=issuing, key="rsa4096", dns=sans)
    answer = by_xfcc.ask(client)
    assert answer.identity_headers()["x-client-cert-cn"] == "rsa"
    (header,) = [value for name, value in answer.upstream_headers if name == "x-forwarded-client-cert"]
    assert len(header) > 12_000
    assert header.count("-----BEGIN%20CERTIFICATE-----") == 4  # Cert, and the three of Chain
