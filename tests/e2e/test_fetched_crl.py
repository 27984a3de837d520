"""A CRL that extauthz fetches by itself reaches connections that are already open, and outlives its server's outage."""

from pathlib import Path

import pytest

from support import http_answers, pki
from support.edge import StartEdge
from support.edge_pki import Client, EdgePki, now
from support.http_server import HttpServer
from support.https_client import Answer
from support.service import eventually

REFRESH = "10s"
"""The shortest that can be configured."""
PATIENCE = 30.0


def _denied(answer: Answer) -> Answer | None:
    return answer if answer.status == 403 else None


def _allowed(answer: Answer) -> Answer | None:
    return answer if answer.status == 200 else None


def crl(authority: EdgePki, *revoked: pki.Leaf, number: int, lifetime: float = 3600.0) -> bytes:
    """Return a CRL of the issuing CA in DER that ends ``lifetime`` seconds from now."""
    at = now()
    return authority.issuing.crl(
        revoked,
        number=number,
        this_update=at - pki.SECOND,
        next_update=at + lifetime * pki.SECOND,
        revocation_date=at - pki.HOUR,
    )


@pytest.mark.parametrize("http2", [False, True], ids=["http1", "http2"])
def test_a_fetched_crl_revokes_in_a_live_connection(
    start_edge: StartEdge, authority: EdgePki, alice: Client, http2: bool
) -> None:
    victim = authority.client("victim-of-fetch")
    with HttpServer() as server:
        server.serve("/ca.crl", crl(authority, number=1))
        edge = start_edge(revocation={"crls": [{"url": server.url("/ca.crl"), "refresh": REFRESH}]})
        with edge.connect(victim, http2=http2) as live, edge.connect(alice, http2=http2) as honest:
            first = live.ask("/")
            assert first.status == 200
            server.serve("/ca.crl", crl(authority, victim.leaf, number=2))
            refused = eventually(lambda: _denied(live.ask("/")), "the fetched CRL to count")
            assert (edge.reason(refused), refused.local_port) == ("revoked", first.local_port)
            assert honest.ask("/").status == 200


def test_an_outage_ends_in_crl_stale_and_heals_by_itself(
    start_edge: StartEdge, authority: EdgePki, alice: Client
) -> None:
    with HttpServer() as server:
        server.serve("/ca.crl", crl(authority, number=1, lifetime=6.0))
        edge = start_edge(
            revocation={"crls": [{"url": server.url("/ca.crl"), "refresh": REFRESH}], "grace": "6s"},
        )
        server.behave("/ca.crl", http_answers.status(503))
        with edge.connect(alice) as live:
            assert live.ask("/").status == 200
            server.wait_for("/ca.crl", 2, within=PATIENCE)  # it asked again and got nothing
            refused = eventually(lambda: _denied(live.ask("/")), "the CRL to become stale")
            assert edge.reason(refused) == "crl_stale"
            server.serve("/ca.crl", crl(authority, number=2))
            again = eventually(lambda: _allowed(live.ask("/")), "the service to recover")
            assert again.local_port == refused.local_port


def test_a_fetched_crl_survives_a_restart_without_network(
    start_edge: StartEdge, authority: EdgePki, alice: Client, tmp_path: Path
) -> None:
    revoked = authority.client("revoked-before-the-restart")
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    with HttpServer() as server:
        server.serve("/ca.crl", crl(authority, revoked.leaf, number=5))
        section = {"crls": [{"url": server.url("/ca.crl"), "refresh": REFRESH}], "state_directory": str(state)}
        assert start_edge(revocation=section).ask(alice).status == 200
        server.stop()
        edge = start_edge(revocation=section)
        assert edge.ask(alice).status == 200
        assert edge.reason(edge.ask(revoked)) == "revoked"
