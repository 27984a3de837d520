"""What extauthz says about a decision is in Envoy's access log, for allows and denies."""

from datetime import UTC, datetime, timedelta

import pytest

from support.edge import Edge, StartEdge
from support.edge_pki import Client


@pytest.fixture(scope="module")
def edge(start_edge: StartEdge) -> Edge:
    return start_edge(
        policies=[
            {"name": "sales-only", "when": {"paths": ["/sales/**"]}, "require": {"organizational_unit": ["Sales"]}},
            {"name": "everybody", "when": {}, "require": {}, "session_lifetime": "10m"},
        ]
    )


def test_an_allow_is_logged_with_its_identity(edge: Edge, alice: Client) -> None:
    said = edge.logged(edge.ask(alice))["extauthz"]
    assert (said["decision"], said["reason"], said["policy"]) == ("allow", "allowed", "everybody")
    assert len(said["decision_id"]) == 32
    assert said["identity"]["subject"] == "CN=alice,OU=Ops,O=Example"
    assert said["identity"]["sha256"] == alice.leaf.sha256.hex()
    assert said["identity"]["emails"] == ["alice@example.com"]
    expires = datetime.fromisoformat(said["session_expires"])
    assert timedelta(minutes=9) < expires - datetime.now(UTC) <= timedelta(minutes=10)


def test_a_deny_is_logged_with_what_the_certificate_claimed(edge: Edge, alice: Client) -> None:
    said = edge.logged(edge.ask(alice, "/sales/q3"))["extauthz"]
    assert (said["decision"], said["reason"]) == ("deny", "organizational_unit_not_allowed")
    assert said["policy"] == "sales-only"
    assert said["identity"]["subject"] == "CN=alice,OU=Ops,O=Example"
    assert "session_expires" not in said
