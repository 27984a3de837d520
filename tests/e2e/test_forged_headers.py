"""No header that a client writes passes for one of extauthz's, in any spelling that an upstream may read as one.

Envoy's default for ``headers_with_underscores_action`` is ALLOW, so names with ``_`` reach the upstream unless
extauthz has them removed.
"""

import pytest

from support.edge import Edge, StartEdge
from support.edge_pki import Client
from support.envoy_bootstrap import HttpEdge
from support.https_client import HeaderLines

FORGED = [
    ("x-client-cert-subject", "CN=root"),
    ("x-client-cert-subject", "CN=root again"),
    ("X-CLIENT-CERT-CN", "root"),
    ("X-Client-Cert-Spiffe-Id", "spiffe://example.org/root"),  # alice has no such value
    ("x-client-cert-edipi", ""),
    ("x_client_cert_subject", "CN=root"),
    ("X_Client_Cert_Cn", "root"),
    ("x-client_cert-subject", "CN=root"),
    ("x_client-cert_spiffe_id", "spiffe://example.org/root"),
    ("x-client-cert_upn", "root@example"),
    ("x-client-cert-unknown", "root"),
    ("x_client_cert_unknown", "root"),
    ("x-client-cert-", "root"),
    ("x-user", "root"),
    ("X-User", "root"),
    ("x_user", "root"),
    ("x-tenant", "root"),  # mapped to a field that alice does not have
    ("x_tenant", "root"),
]
INNOCENT = [
    ("x-client-certificate", "mine"),
    ("my-x-client-cert-subject", "mine"),
    ("x_request_colour", "blue"),
    ("x-users", "mine"),
]


@pytest.fixture(scope="module")
def edge(start_edge: StartEdge) -> Edge:
    return start_edge(
        edges={"raw": HttpEdge(raw_headers=True), "merged": HttpEdge(raw_headers=False)},
        headers={"map": {"x-user": "common_name", "x-tenant": "card_uuid"}},
    )


def ours(headers: HeaderLines) -> list[tuple[str, str]]:
    """Return the header lines that an upstream might take for managed ones."""
    spelled = [(name.lower().replace("_", "-"), value) for name, value in headers]
    return sorted(
        (name, value) for name, value in spelled if name.startswith("x-client-cert-") or name in {"x-user", "x-tenant"}
    )


@pytest.mark.parametrize("encoding", ["raw", "merged"])
@pytest.mark.parametrize("http2", [False, True], ids=["http1", "http2"])
class TestForgedHeaders:
    def test_none_of_them_arrives(self, edge: Edge, alice: Client, encoding: str, http2: bool) -> None:
        honest = edge.ask(alice, to=encoding, http2=http2)
        forged = edge.ask(alice, to=encoding, http2=http2, headers=FORGED)
        expected = dict(ours(honest.upstream_headers))
        found = ours(forged.upstream_headers)
        assert len(found) == len(dict(found))
        assert dict(found) | {"x-client-cert-session-expires": ""} == expected | {"x-client-cert-session-expires": ""}
        assert expected["x-client-cert-subject"] == "CN=alice,OU=Ops,O=Example"
        assert expected["x-user"] == "alice"
        assert "x-tenant" not in expected

    def test_other_headers_arrive_as_they_were_sent(
        self, edge: Edge, alice: Client, encoding: str, http2: bool
    ) -> None:
        arrived = edge.ask(alice, to=encoding, http2=http2, headers=[*FORGED, *INNOCENT]).upstream_headers
        assert set(INNOCENT) <= {(name.lower(), value) for name, value in arrived}


def test_names_with_underscores_would_arrive_if_nobody_removed_them(edge: Edge, alice: Client) -> None:
    arrived = edge.ask(alice, headers=[("x_other_service_user", "root")]).upstream_headers
    assert ("x_other_service_user", "root") in arrived
