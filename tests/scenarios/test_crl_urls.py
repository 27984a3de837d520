"""CRLs that the service fetches by itself, while servers come and go."""

from pathlib import Path
from typing import Any

import pytest

from support import http_answers
from support.edge_pki import EdgePki, now
from support.http_server import HttpServer
from support.pki import HOUR, SECOND, Leaf, distribution_point
from support.questions import allowed, question, reason
from support.service import RealService, eventually
from support.service_site import Site, StartService


def crl(pki: EdgePki, *revoked: Leaf, number: int = 1, seconds: float = 3600.0) -> bytes:
    """Return a CRL of the issuing CA that ends so many seconds from now."""
    at = now()
    return pki.issuing.crl(
        revoked, number=number, this_update=at - SECOND, next_update=at + seconds * SECOND, revocation_date=at - HOUR
    )


def becomes(service: RealService, client: Leaf, wanted: str) -> None:
    """Wait until a client is answered with this reason."""
    eventually(
        lambda: reason(service.check(question(client))) == wanted or None, f"the answer {wanted}", show=service.stderr
    )


def source(server: HttpServer, **more: object) -> dict[str, object]:
    return {"crls": [{"url": server.url("/ca.crl"), "refresh": "10s", **more}]}


@pytest.fixture
def client(pki: EdgePki) -> Leaf:
    return pki.issue("alice")


def test_a_crl_counts_at_the_start_and_its_successor_within_the_refresh_time(
    start: StartService, pki: EdgePki, client: Leaf
) -> None:
    with HttpServer() as server:
        server.serve("/ca.crl", crl(pki))
        service = start(revocation=source(server))
        assert allowed(service.check(question(client)))
        server.serve("/ca.crl", crl(pki, client, number=2))
        becomes(service, client, "revoked")
        label = server.url("/ca.crl")
        assert service.metric("extauthz_crl_number", crl=label) == 2.0
        assert service.metric("extauthz_crl_fetch_total", crl=label, result="success") == 2.0
        assert service.metric("extauthz_crl_fetch_total", crl=label, result="timeout") == 0.0
        assert service.stop() == 0


def _two_problems(service: RealService) -> list[Any] | None:
    problems = service.get("/readyz").json()["crl_problems"]
    return problems if len(problems) == 2 else None


def test_an_outage_keeps_the_last_good_crl_until_grace_has_passed_and_ends_by_itself(
    start: StartService, pki: EdgePki, client: Leaf
) -> None:
    with HttpServer() as server:
        at = now()
        server.serve("/ca.crl", crl(pki, seconds=4))
        service = start(revocation={**source(server), "grace": "8s"})
        server.behave("/ca.crl", http_answers.status(503))
        assert allowed(service.check(question(client)))
        becomes(service, client, "crl_stale")
        assert now() >= at + 12 * SECOND
        service.event("CRL is stale")
        outage, stale = eventually(lambda: _two_problems(service), "the outage and the staleness in /readyz")
        assert outage["source"] == stale["source"] == server.url("/ca.crl")
        assert stale["problem"].endswith("are denied crl_stale")
        assert service.get("/readyz").status == 200
        service.event("CRL lives on grace")
        assert service.metric("extauthz_crl_last_attempt_successful", crl=server.url("/ca.crl")) == 0.0
        server.serve("/ca.crl", crl(pki, number=2))
        becomes(service, client, "allowed")
        service.event("CRL is in force again")
        eventually(lambda: service.get("/readyz").json()["crl_problems"] == [] or None, "no problem in /readyz")


def test_it_waits_for_a_required_crl_and_no_longer(start: StartService, pki: EdgePki, client: Leaf) -> None:
    with HttpServer() as server:
        server.behave("/ca.crl", http_answers.status(503))
        service = start(wait=False, revocation=source(server))
        assert service.wait_for_crls()["sources"] == [server.url("/ca.crl")]
        ready = service.get("/readyz")
        assert (ready.status, ready.json()["reasons"]) == (503, ["waiting_for_crls"])
        assert ready.json()["waiting_for_crls"] == [server.url("/ca.crl")]
        assert reason(service.check(question(client))) == "crl_missing"
        server.serve("/ca.crl", crl(pki))
        service.event("ready")
        assert service.get("/readyz").status == 200
        assert allowed(service.check(question(client)))
        server.behave("/ca.crl", http_answers.status(503))
        asked = server.count("/ca.crl")
        server.wait_for("/ca.crl", asked + 1)
        assert service.get("/readyz").status == 200


def test_it_does_not_wait_for_a_crl_that_is_not_required(start: StartService, client: Leaf) -> None:
    with HttpServer() as server:
        server.behave("/ca.crl", http_answers.status(503))
        service = start(revocation=source(server, required=False))
        assert service.get("/readyz").status == 200
        assert reason(service.check(question(client))) == "crl_missing"


def test_a_server_that_hangs_holds_up_the_start_no_longer_than_the_time_out(start: StartService, client: Leaf) -> None:
    with HttpServer() as server:
        server.behave("/ca.crl", http_answers.silent())
        service = start(revocation={**source(server, required=False), "fetch": {"timeout": "1s"}})
        assert reason(service.check(question(client))) == "crl_missing"
        label = server.url("/ca.crl")
        assert service.metric("extauthz_crl_fetch_total", crl=label, result="timeout") == 1.0


def test_what_is_no_crl_changes_nothing(start: StartService, pki: EdgePki, client: Leaf) -> None:
    with HttpServer() as server:
        server.serve("/ca.crl", crl(pki, client))
        service = start(revocation=source(server))
        server.serve("/ca.crl", b"<html>maintenance</html>")
        label = server.url("/ca.crl")
        eventually(
            lambda: service.metric("extauthz_crl_fetch_total", crl=label, result="unusable") or None, "the bad answer"
        )
        assert reason(service.check(question(client))) == "revoked"
        service.event("CRL problem")


def test_fetched_crls_are_there_after_a_restart_without_network(
    start: StartService, site: Site, pki: EdgePki, client: Leaf
) -> None:
    with HttpServer() as server:
        server.serve("/ca.crl", crl(pki, client))
        sections = {**source(server), "state_directory": str(site.folder / "state")}
        assert start(revocation=sections).stop() == 0
    service = start(revocation=sections)
    assert reason(service.check(question(client))) == "revoked"


def test_an_older_crl_is_refused_also_after_a_restart(
    start: StartService, site: Site, pki: EdgePki, client: Leaf
) -> None:
    with HttpServer() as server:
        server.serve("/ca.crl", crl(pki, client, number=2))
        state = site.folder / "state"
        sections = {**source(server), "state_directory": str(state)}
        assert start(revocation=sections).stop() == 0
        for one in (state / "fetched").iterdir():
            one.unlink()
        server.serve("/ca.crl", crl(pki, number=1))
        service = start(wait=False, revocation=sections)
        service.wait_for_crls()
        assert reason(service.check(question(client))) == "crl_invalid"
        label = server.url("/ca.crl")
        assert service.metric("extauthz_crl_rollbacks_total", crl=label) == 1.0
        server.serve("/ca.crl", crl(pki, number=3))
        becomes(service, client, "allowed")


def test_a_certificates_own_distribution_point_is_asked_where_the_host_is_listed(
    start: StartService, pki: EdgePki
) -> None:
    with HttpServer() as server:
        server.serve("/own.crl", crl(pki))
        with_point = pki.issue("with point", distribution_points=[distribution_point(server.url("/own.crl"))])
        elsewhere = pki.issue(
            "elsewhere",
            distribution_points=[distribution_point(server.url("/own.crl").replace("127.0.0.1", "localhost"))],
        )
        points = {"hosts": ["127.0.0.1"]}
        service = start(revocation={"distribution_points": points, "fetch": {"private_addresses": True}})
        assert reason(service.check(question(elsewhere))) == "crl_missing"
        assert reason(service.check(question(with_point))) == "crl_missing"
        becomes(service, with_point, "allowed")
        assert server.count("/own.crl") == 1
        assert service.metric("extauthz_crl_entries", crl="distribution_points:127.0.0.1#1") == 0.0


def test_a_distribution_point_at_a_private_address_is_refused(
    start: StartService, pki: EdgePki, tmp_path: Path
) -> None:
    with HttpServer() as server:
        server.serve("/own.crl", crl(pki))
        client = pki.issue("with point", distribution_points=[distribution_point(server.url("/own.crl"))])
        service = start(revocation={"distribution_points": {"hosts": ["127.0.0.1"]}})
        assert reason(service.check(question(client))) == "crl_missing"
        label = "distribution_points:127.0.0.1#1"
        eventually(
            lambda: service.metric("extauthz_crl_fetch_total", crl=label, result="address_refused") or None,
            "the refusal",
        )
        assert server.count("/own.crl") == 0
