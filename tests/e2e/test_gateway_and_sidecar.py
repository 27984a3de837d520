"""A gateway that sets XFCC and a sidecar that appends to it: the client is the element before the sidecar's own."""

from collections.abc import Iterator

import pytest

from support import pki
from support.edge import Edge, StartEdge
from support.edge_pki import Client, EdgePki
from support.envoy import RealEnvoy
from support.envoy_bootstrap import HttpEdge, bootstrap
from support.https_client import Answer, HeaderLines, HttpsClient

GATEWAY = "spiffe://example.org/ns/gateways/sa/edge"
SIDECAR = "spiffe://example.org/ns/apps/sa/web"


@pytest.fixture(scope="module")
def identities(authority: EdgePki) -> dict[str, str]:
    """Make the two proxies' certificates, each good as a server's and as a client's; proxy -> stem of its files."""
    usages = [pki.SERVER_AUTH, pki.CLIENT_AUTH]
    for name, uri in (("gateway-proxy", GATEWAY), ("sidecar-proxy", SIDECAR)):
        authority.save(name, authority.issue(name, dns=["localhost"], uris=[uri], eku=usages))
    return {GATEWAY: "gateway-proxy", SIDECAR: "sidecar-proxy"}


@pytest.fixture(scope="module")
def sidecar(start_edge: StartEdge, identities: dict[str, str]) -> Edge:
    return start_edge(
        edges={"inbound": HttpEdge(server=identities[SIDECAR], xfcc="APPEND_FORWARD")},
        sources=[{"type": "xfcc", "element": {"from_right": 2}, "by": [GATEWAY]}],
    )


@pytest.fixture(scope="module")
def gateway(sidecar: Edge, authority: EdgePki, identities: dict[str, str]) -> Iterator[int]:
    """Start the gateway before the sidecar and return its port."""
    made = bootstrap(
        {"https": HttpEdge(server=identities[GATEWAY], authorized=False)},
        pki=authority.directory,
        extauthz=["127.0.0.1:1"],
        upstream_port=sidecar.envoy.ports["inbound"],
        upstream_tls=authority.directory / identities[GATEWAY],
    )
    with RealEnvoy(made) as envoy:
        yield envoy.ports["https"]


def ask(port: int, authority: EdgePki, client: Client, headers: HeaderLines = ()) -> Answer:
    credentials = client.credentials
    with HttpsClient(port, server_ca=authority.directory / "root.pem", credentials=credentials) as connection:
        return connection.request("/", headers=headers)


def test_the_client_of_the_gateway_is_the_client(gateway: int, authority: EdgePki, alice: Client) -> None:
    answer = ask(gateway, authority, alice)
    assert answer.identity_headers()["x-client-cert-subject"] == "CN=alice,OU=Ops,O=Example"
    (header,) = [value for name, value in answer.upstream_headers if name == "x-forwarded-client-cert"]
    assert [by for by in (GATEWAY, SIDECAR) if f"By={by};" in header] == [GATEWAY, SIDECAR]


def test_what_a_client_writes_at_the_gateway_is_gone(
    gateway: int, authority: EdgePki, alice: Client, bob: Client
) -> None:
    forged = pki.xfcc(bob.leaf.der, by=[GATEWAY])
    answer = ask(gateway, authority, alice, [("x-forwarded-client-cert", forged)])
    assert answer.identity_headers()["x-client-cert-cn"] == "alice"


def test_a_client_of_the_sidecar_itself_has_no_element_of_the_gateway(sidecar: Edge, alice: Client) -> None:
    answer = sidecar.ask(alice)
    assert (answer.status, sidecar.reason(answer)) == (403, "source_ambiguous")


@pytest.mark.parametrize("by", [(), (SIDECAR,), (GATEWAY + "x",), (GATEWAY, SIDECAR)])
def test_an_element_of_nobody_or_another_proxy_is_not_trusted(
    sidecar: Edge, alice: Client, bob: Client, by: tuple[str, ...]
) -> None:
    forged = pki.xfcc(bob.leaf.der, by=by)
    answer = sidecar.ask(alice, headers=[("x-forwarded-client-cert", forged)])
    assert (answer.status, sidecar.reason(answer)) == (403, "source_untrusted")
