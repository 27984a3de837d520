"""The upstream of a good client gets the identity, as plain headers, exactly once."""

from datetime import datetime

import pytest

from support.edge import Edge
from support.edge_pki import Client, EdgePki

SANS = ("dns:rich.example", "uri:urn:device:7", "email:rich@example.com", "ip:10.1.2.3", "upn:rich@corp.example")


@pytest.fixture(scope="module")
def rich(authority: EdgePki) -> Client:
    return authority.client(
        "rich",
        organizational_unit="Ops",
        dns=["rich.example"],
        uris=["urn:device:7"],
        emails=["rich@example.com"],
        ips=["10.1.2.3"],
        upns=["rich@corp.example"],
    )


@pytest.mark.parametrize("http2", [False, True], ids=["http1", "http2"])
def test_every_field_of_the_identity_arrives(plain_edge: Edge, rich: Client, http2: bool) -> None:
    answer = plain_edge.ask(rich, http2=http2)
    assert answer.http_version == ("HTTP/2" if http2 else "HTTP/1.1")
    headers = dict(answer.identity_headers())
    session_expires = headers.pop("x-client-cert-session-expires")
    assert datetime.fromisoformat(session_expires).tzinfo is not None
    assert headers == {
        "x-client-cert-subject": "CN=rich,OU=Ops,O=Example",
        "x-client-cert-issuer": "CN=Issuing CA,O=Example",
        "x-client-cert-serial": format(rich.leaf.serial, "x"),
        "x-client-cert-cn": "rich",
        "x-client-cert-san": ",".join(SANS),
        "x-client-cert-sha256": rich.leaf.sha256.hex(),
        "x-client-cert-not-after": rich.leaf.cert.not_valid_after_utc.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-client-cert-kind": "software",
        "x-client-cert-upn": "rich@corp.example",
        "x-client-cert-email": "rich@example.com",
        "x-client-cert-policy": "default",
    }


def test_a_spiffe_identity_arrives_without_what_it_does_not_have(plain_edge: Edge, authority: EdgePki) -> None:
    workload = authority.client("workload", uris=["spiffe://example.org/ns/web/sa/api"])
    headers = plain_edge.ask(workload).identity_headers()
    assert headers["x-client-cert-spiffe-id"] == "spiffe://example.org/ns/web/sa/api"
    assert headers["x-client-cert-kind"] == "spiffe"
    assert not {"x-client-cert-upn", "x-client-cert-email", "x-client-cert-edipi"} & set(headers)
