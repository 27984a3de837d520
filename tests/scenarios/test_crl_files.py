"""CRL files that go bad, go back, or are too much for the process that reads them."""

import os
import signal

import pytest

from support.edge_pki import EdgePki
from support.pki import Leaf
from support.questions import allowed, policy, question, reason
from support.service import RealService, eventually
from support.service_site import Site, StartService

REVOCATION = {"crls": [{"path": "issuing.crl"}]}


@pytest.fixture
def client(pki: EdgePki) -> Leaf:
    return pki.issue("alice")


def problem(service: RealService) -> str:
    """Wait for one problem of a source and return it."""
    found = eventually(lambda: service.get("/readyz").json()["crl_problems"] or None, "a problem", show=service.stderr)
    return str(found[0]["problem"])


def test_a_bad_crl_leaves_the_last_good_one_and_the_rest_of_a_reload(
    start: StartService, site: Site, pki: EdgePki, client: Leaf
) -> None:
    site.put(pki.crl(client))
    service = start(revocation=REVOCATION)
    site.put(b"nonsense")
    site.write(policies=[{"name": "new", "when": {}, "require": {}}])
    assert service.reload().status == 200
    assert reason(service.check(question(client))) == "revoked"
    other = service.check(question(pki.issue("bob")))
    assert (allowed(other), policy(other)) == (True, "new")
    assert "is no CRL" in problem(service)
    assert service.get("/readyz").status == 200
    assert service.metric("extauthz_crl_rejected", crl="issuing.crl") == 1.0
    assert service.metric("extauthz_crl_last_attempt_successful", crl="issuing.crl") == 0.0
    site.put(pki.crl(number=2))
    eventually(lambda: allowed(service.check(question(client))) or None, "the good CRL in use", show=service.stderr)
    assert service.get("/readyz").json()["crl_problems"] == []
    over = service.event("CRL problem is over")
    assert (over["source"], over["where"]) == ("issuing.crl", str(site.folder / "issuing.crl"))


def test_a_bad_crl_at_the_start_denies_its_issuers_clients_alone(
    start: StartService, site: Site, pki: EdgePki, client: Leaf
) -> None:
    other = pki.authority("Other CA", parent=pki.root)
    at_other = pki.issue("bob", by=other)
    pki.save("other", at_other)
    (site.folder / "other.pem").write_bytes(other.pem)
    site.put(pki.crl())
    begins, ends = client.cert.not_valid_before_utc, client.cert.not_valid_after_utc
    site.put(other.crl(this_update=begins, next_update=ends, spoilt_signature=True), "other.crl")
    crls = [{"path": "issuing.crl"}, {"path": "other.crl", "required": False}]
    intermediates = [str(pki.directory / "issuing.pem"), "other.pem"]
    service = start(
        trust={"anchors": [str(pki.directory / "root.pem")], "intermediates": intermediates},
        revocation={"crls": crls},
    )
    assert allowed(service.check(question(client)))
    assert reason(service.check(question(at_other))) == "crl_invalid"


def test_a_required_crl_that_is_bad_from_the_start_keeps_the_service_unready(
    start: StartService, site: Site, pki: EdgePki, client: Leaf
) -> None:
    site.put(b"nonsense")
    service = start(wait=False, revocation=REVOCATION)
    assert service.wait_for_crls()["sources"] == ["issuing.crl"]
    assert service.get("/readyz").status == 503
    site.put(pki.crl())
    service.event("ready")
    assert allowed(service.check(question(client)))


def test_an_older_crl_is_refused_and_the_newer_one_goes_on_counting(
    start: StartService, site: Site, pki: EdgePki, client: Leaf
) -> None:
    site.put(pki.crl(client, number=2))
    service = start(revocation=REVOCATION)
    site.put(pki.crl(number=1))
    assert "is older than the one that was in force before (number 2 of " in problem(service)
    assert reason(service.check(question(client))) == "revoked"
    assert service.metric("extauthz_crl_rollbacks_total", crl="issuing.crl") == 1.0
    assert service.metric("extauthz_crl_number", crl="issuing.crl") == 2.0


def test_what_was_seen_survives_a_restart(start: StartService, site: Site, pki: EdgePki, client: Leaf) -> None:
    site.put(pki.crl(client, number=2))
    sections = {**REVOCATION, "state_directory": "state"}
    assert start(revocation=sections).stop() == 0
    site.put(pki.crl(number=1))
    service = start(wait=False, revocation=sections)
    service.wait_for_crls()
    assert reason(service.check(question(client))) == "crl_invalid"
    site.put(pki.crl(number=3))
    service.event("ready")
    assert allowed(service.check(question(client)))


def test_without_a_state_directory_nothing_is_known_after_a_restart(
    start: StartService, site: Site, pki: EdgePki, client: Leaf
) -> None:
    """What is said of it in the threat model is so: the memory is the state directory's, or ends with the process."""
    site.put(pki.crl(client, number=2))
    assert start(revocation=REVOCATION).stop() == 0
    site.put(pki.crl(number=1))
    assert allowed(start(revocation=REVOCATION).check(question(client)))


def test_the_indexing_process_may_be_killed_at_its_work(
    start: StartService, site: Site, pki: EdgePki, client: Leaf
) -> None:
    site.put(pki.crl())
    service = start(revocation=REVOCATION)
    (worker,) = service.children
    os.kill(worker, signal.SIGSTOP)  # so that the next CRL keeps it busy for as long as the test likes
    site.put(pki.crl(client, number=2))
    for _ in range(20):
        assert allowed(service.check(question(client)))
    os.kill(worker, signal.SIGKILL)
    eventually(
        lambda: reason(service.check(question(client))) == "revoked" or None, "the new CRL in use", show=service.stderr
    )
    assert worker not in service.children


def test_the_indexing_process_ends_with_the_service(start: StartService, site: Site, pki: EdgePki) -> None:
    site.put(pki.crl())
    service = start(revocation=REVOCATION)
    (worker,) = service.children
    service.signal(signal.SIGKILL)
    service.wait()
    eventually(lambda: not os.path.exists(f"/proc/{worker}/fd/0") or None, "the end of the other process")  # noqa: PTH110  (no path of ours)
