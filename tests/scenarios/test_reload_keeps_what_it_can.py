"""What a reload leaves as it was is not worked out again, and what it changes counts at once."""

import pytest

from support.edge_pki import EdgePki
from support.pki import Leaf
from support.questions import allowed, policy, question, reason
from support.service import RealService, eventually
from support.service_site import Site, StartService

MISSES = "extauthz_cache_misses_total"
REVOCATION = {"crls": [{"path": "issuing.crl"}]}


@pytest.fixture
def client(pki: EdgePki) -> Leaf:
    return pki.issue("alice")


def judged(service: RealService, client: Leaf) -> str:
    """Ask twice, as what is kept answers the second time."""
    first, second = (reason(service.check(question(client))) for _ in range(2))
    assert first == second
    return first


def test_clients_are_not_verified_again(start: StartService, site: Site, pki: EdgePki, client: Leaf) -> None:
    site.put(pki.crl())
    service = start(revocation=REVOCATION)
    assert judged(service, client) == "allowed"
    for policies in ([{"name": "everybody", "when": {}, "require": {}}], [{"name": "new", "when": {}, "require": {}}]):
        site.write(policies=policies)
        assert service.reload().status == 200
        assert judged(service, client) == "allowed"
        assert policy(service.check(question(client))) == policies[0]["name"]
    assert service.metric(MISSES) == 1.0


def test_a_stricter_policy_counts_at_once(start: StartService, site: Site, client: Leaf) -> None:
    service = start()
    assert judged(service, client) == "allowed"
    site.write(policies=[{"name": "everybody", "when": {}, "require": {"common_name": ["bob"]}}])
    service.reload()
    assert judged(service, client) == "common_name_not_allowed"


def test_a_new_crl_counts_at_once(start: StartService, site: Site, pki: EdgePki, client: Leaf) -> None:
    site.put(pki.crl())
    service = start(revocation=REVOCATION)
    other = pki.issue("bob")
    assert (judged(service, client), judged(service, other)) == ("allowed", "allowed")
    site.put(pki.crl(client, number=2))
    service.reload()
    assert (judged(service, client), judged(service, other)) == ("revoked", "allowed")
    site.put(pki.crl(number=3))
    service.reload()
    assert (judged(service, client), judged(service, other)) == ("allowed", "allowed")
    assert service.metric(MISSES) == 2.0


def test_a_ca_that_is_taken_away_vouches_no_more(start: StartService, site: Site, pki: EdgePki, client: Leaf) -> None:
    stranger = pki.authority("Stranger")
    (site.folder / "anchor.pem").write_bytes(pki.root.pem)
    trust = {"anchors": ["anchor.pem"], "intermediates": [str(pki.directory / "issuing.pem")]}
    service = start(trust=trust)
    assert judged(service, client) == "allowed"
    site.put(stranger.pem, "anchor.pem")
    service.reload()
    assert judged(service, client) == "untrusted_issuer"
    site.put(pki.root.pem, "anchor.pem")
    service.reload()
    assert judged(service, client) == "allowed"


def test_settings_of_trust_and_revocation_count_at_once(
    start: StartService, site: Site, pki: EdgePki, client: Leaf
) -> None:
    site.put(pki.crl())
    service = start(revocation=REVOCATION)
    assert judged(service, client) == "allowed"
    by_hand = {"issuer": client.cert.issuer.rfc4514_string(), "serial": f"{client.serial:x}"}
    site.write(revocation={**REVOCATION, "revoked": [by_hand]})
    service.reload()
    assert judged(service, client) == "revoked"
    site.write(revocation=REVOCATION)
    service.reload()
    assert judged(service, client) == "allowed"


def test_a_load_that_is_refused_leaves_what_is_remembered(
    start: StartService, site: Site, pki: EdgePki, client: Leaf
) -> None:
    service = start()
    assert judged(service, client) == "allowed"
    site.write(trust={"anchors": ["gone.pem"]})
    assert service.reload().status == 422
    assert judged(service, client) == "allowed"
    site.write(trust={"anchors": [str(pki.directory / "root.pem")]})
    eventually(
        lambda: reason(service.check(question(client))) == "untrusted_issuer" or None, "the intermediate to be gone"
    )


def test_counters_go_on_over_reloads_that_change_nothing(start: StartService, client: Leaf) -> None:
    service = start()
    for _ in range(3):
        assert allowed(service.check(question(client)))
        assert service.reload().status == 200
    hits = service.metric("extauthz_cache_hits_total")
    assert (hits, service.metric(MISSES)) == (2.0, 1.0)
