"""``session-expires`` is now + session_lifetime, but never after the certificate's own end."""

from datetime import UTC, datetime, timedelta

from support.edge import Edge
from support.edge_pki import Client, EdgePki, now


def expires(edge: Edge, client: Client) -> datetime:
    return datetime.fromisoformat(edge.ask(client).identity_headers()["x-client-cert-session-expires"])


def test_a_long_lived_certificate_gets_the_session_lifetime(plain_edge: Edge, alice: Client) -> None:
    before = now()
    at = expires(plain_edge, alice)
    assert before + timedelta(hours=1) <= at <= datetime.now(UTC) + timedelta(hours=1)


def test_a_session_ends_with_its_certificate(plain_edge: Edge, authority: EdgePki) -> None:
    ends = now() + timedelta(minutes=10)
    assert expires(plain_edge, authority.client("brief", not_after=ends)) == ends
