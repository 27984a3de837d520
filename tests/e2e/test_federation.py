"""Smart cards, partners behind a bridge and workloads, through a real Envoy: every member of a federation of PKIs."""

from collections.abc import Iterator
from typing import Any

import pytest

from support.edge import Edge
from support.edge_pki import Client, EdgePki, now
from support.envoy_bootstrap import HttpEdge
from support.federation import TRUST_DOMAIN, Federation

FEDERATION = Federation(now())


@pytest.fixture(scope="module")
def federal_edge(tmp_path_factory: pytest.TempPathFactory, authority: EdgePki, transport: str) -> Iterator[Edge]:
    folder = tmp_path_factory.mktemp("federation")
    everybody = {"name": "everybody", "when": {"paths": ["/"]}, "require": {}}
    doors = {"name": "doors", "when": {"paths": ["/door"]}, "require": {"kind": ["piv-card-auth"]}}
    sailors = {"name": "sailors", "when": {"paths": ["/sailors"]}, "require": {"edipi": ["1234567890"]}}
    agency = {"name": "agency", "when": {"paths": ["/agency"]}, "require": {"agency_code": ["4700"]}}
    services = {
        "name": "services",
        "when": {"paths": ["/services"]},
        "require": {"spiffe_id": [f"spiffe://{TRUST_DOMAIN}/ns/*/sa/api"]},
    }
    policies = [everybody, doors, sailors, agency, services]
    sections: dict[str, Any] = dict(FEDERATION.write(folder / "pki"))
    # Envoy itself trusts another root: it lets everybody in, and extauthz alone decides.
    edges = {"https": HttpEdge(accept_untrusted=True)}
    with Edge(folder, authority, edges=edges, policies=policies, transport=transport, **sections) as edge:
        yield edge


@pytest.fixture(scope="module")
def present(authority: EdgePki) -> dict[str, Client]:
    """Return every member as a client with files."""
    return {
        name: Client(leaf, authority.save(f"member-{name}", leaf, [leaf.der]))
        for name, (leaf, _) in FEDERATION.members.items()
    }


@pytest.mark.parametrize("name", FEDERATION.members)
def test_every_member_gets_what_its_card_and_the_crls_say(
    federal_edge: Edge, present: dict[str, Client], name: str
) -> None:
    expected = FEDERATION.members[name][1]
    answer = federal_edge.ask(present[name])
    logged = federal_edge.logged(answer)["extauthz"]
    assert (answer.status, logged["reason"]) == (200 if expected.reason == "allowed" else 403, expected.reason)
    if expected.reason == "allowed":
        assert answer.identity_headers()["x-client-cert-kind"] == expected.kind


@pytest.mark.parametrize(
    ("name", "path", "reason"),
    [
        ("card", "/door", "allowed"),
        ("piv", "/door", "kind_not_allowed"),
        ("cac", "/sailors", "allowed"),
        ("piv", "/sailors", "edipi_not_allowed"),
        ("piv", "/agency", "allowed"),
        ("derived", "/agency", "agency_code_not_allowed"),
        ("svid", "/services", "allowed"),
        ("piv", "/services", "spiffe_id_not_allowed"),
    ],
)
def test_policies_ask_for_what_only_a_card_says(
    federal_edge: Edge, present: dict[str, Client], name: str, path: str, reason: str
) -> None:
    assert federal_edge.reason(federal_edge.ask(present[name], path)) == reason


def test_the_upstream_learns_the_numbers_of_a_cac(federal_edge: Edge, present: dict[str, Client]) -> None:
    headers = federal_edge.ask(present["cac"], headers=[("x-client-cert-edipi", "9999999999")]).identity_headers()
    assert headers["x-client-cert-edipi"] == "1234567890"
    assert headers["x-client-cert-card-uuid"] == "94e28c68-84db-44db-8a0e-f502d6689b14"
    assert headers["x-client-cert-upn"] == "1234567890117004@mil"
