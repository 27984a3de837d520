"""Policies are chosen by server name, host, path and method, as the client really asked."""

import pytest

from support.edge import Edge, StartEdge
from support.edge_pki import Client
from support.envoy_bootstrap import HttpEdge


def policy(name: str, **when: object) -> dict[str, object]:
    return {"name": name, "when": when, "require": {}}


@pytest.fixture(scope="module")
def edge(start_edge: StartEdge) -> Edge:
    return start_edge(
        edges={"https": HttpEdge(), "without_sni": HttpEdge(tls_session=False)},
        policies=[
            policy("sni-exact", sni=["pay.example"]),
            policy("sni-wildcard", sni=["*.tenants.example"]),
            policy("deletes", methods=["DELETE"]),
            policy("host-and-path", hosts=["api.example"], paths=["/v1/**"]),
            policy("host", hosts=["api.example"]),
            policy("path", paths=["/v1/*/items"]),
            policy("rest"),
        ],
    )


@pytest.mark.parametrize(
    ("sni", "expected"),
    [
        ("pay.example", "sni-exact"),
        ("PAY.example", "sni-exact"),
        ("a.tenants.example", "sni-wildcard"),
        ("a.b.tenants.example", "rest"),
        ("tenants.example", "rest"),
        ("xpay.example", "rest"),
    ],
)
def test_the_server_name_of_the_handshake_chooses(edge: Edge, alice: Client, sni: str, expected: str) -> None:
    assert edge.ask(alice, sni=sni).identity_headers()["x-client-cert-policy"] == expected


def test_without_include_tls_session_no_server_name_arrives(edge: Edge, alice: Client) -> None:
    answer = edge.ask(alice, to="without_sni", sni="pay.example")
    assert answer.identity_headers()["x-client-cert-policy"] == "rest"


@pytest.mark.parametrize("http2", [False, True], ids=["http1", "http2"])
@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (("api.example", "/v1/x"), "host-and-path"),
        (("API.example:8443", "/v1"), "host-and-path"),
        (("api.example.", "/v1/x?y=/../z"), "host-and-path"),
        (("api.example", "/v2/x"), "host"),
        (("other.example", "/v1/a/items"), "path"),
        (("other.example", "/v1/%61/items"), "path"),
        (("other.example", "/v1/a/b/items"), "rest"),
        (("api.example.other.example", "/"), "rest"),
    ],
)
def test_host_and_path_choose(edge: Edge, alice: Client, target: tuple[str, str], expected: str, http2: bool) -> None:
    host, path = target
    answer = edge.ask(alice, path, host=host, http2=http2)
    assert answer.identity_headers()["x-client-cert-policy"] == expected


def test_the_method_chooses(edge: Edge, alice: Client) -> None:
    answer = edge.ask(alice, "/", method="DELETE", host="api.example")
    assert answer.identity_headers()["x-client-cert-policy"] == "deletes"
