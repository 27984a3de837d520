"""A mesh that forwards names without certificates, asked as its proxies ask: over gRPC, to the answer on the wire."""

import pytest

from extauthz.wire.proto.envoy.service.auth.v3.external_auth_pb2 import CheckRequest
from support.edge_pki import EdgePki
from support.forms import xfcc
from support.questions import allowed, headers, policy, question, reason
from support.service import eventually
from support.service_site import Site, StartService

WAYPOINT = "spiffe://cluster.local/ns/web/sa/waypoint"
CART = "spiffe://cluster.local/ns/shop/sa/cart"
ADMIN = "spiffe://cluster.local/ns/shop/sa/admin"
HASH = "5d" * 32
POLICIES = [
    {
        "name": "names",
        "when": {"paths": ["/names/**"]},
        "certificate": "unsafe_forwarded_identity",
        "require": {"spiffe_id": ["spiffe://cluster.local/ns/shop/sa/*"]},
    },
    {"name": "certificates", "when": {}, "require": {}},
]


def source(element: str = "only") -> list[dict[str, object]]:
    only = {"trust_domains": ["cluster.local"]}
    return [{"type": "xfcc", "element": element, "by": [WAYPOINT], "unsafe_identity_only": only}]


def asking(header: str, path: str = "/names/x") -> CheckRequest:
    asked = question(path=path)
    asked.attributes.request.http.headers["x-forwarded-client-cert"] = header
    return asked


def waypoint(uri: str) -> str:
    """Return all that an ambient waypoint writes."""
    return xfcc(None, by=[WAYPOINT], uris=[uri])


def sidecar(uri: str) -> str:
    """Return what a sidecar without ``cert: true`` writes about a workload."""
    return xfcc(None, by=[WAYPOINT], hash_=HASH, subject="", uris=[uri])


def test_a_name_opens_the_policy_that_takes_it_and_no_other(start: StartService, site: Site) -> None:
    service = start(sources=source(), policies=POLICIES)
    answer = service.check(asking(waypoint(CART)))
    assert (allowed(answer), policy(answer)) == (True, "names")
    assert reason(answer) == "allowed_by_forwarded_identity"
    assert headers(answer) == {
        "x-client-cert-spiffe-id": CART,
        "x-client-cert-san": f"uri:{CART}",
        "x-client-cert-policy": "names",
    }
    removed = set(answer.ok_response.headers_to_remove)
    assert {"x-client-cert-sha256", "x-client-cert-subject", "x-client-cert-kind"} <= removed
    other = service.check(asking(waypoint(CART), path="/"))
    assert (allowed(other), reason(other)) == (False, "forwarded_identity_not_allowed")
    lines = eventually(lambda: site.decisions() if len(site.decisions()) == 2 else None, "two lines in the log")
    told = {"spiffe_id": CART, "forwarded_by": [WAYPOINT]}
    assert [(line["sha256"], line["identity"]) for line in lines] == [(None, told), (None, told)]


@pytest.mark.parametrize("element", ["only", "last"])
@pytest.mark.parametrize("written", [waypoint(CART), sidecar(CART)], ids=["waypoint", "sidecar"])
def test_both_forms_are_read_from_both_places(start: StartService, element: str, written: str) -> None:
    service = start(sources=source(element), policies=POLICIES)
    assert allowed(service.check(asking(written)))


def test_a_name_that_a_client_sends_along_is_not_believed(start: StartService) -> None:
    forged = f"{waypoint(ADMIN)},{sidecar(CART)}"
    service = start(sources=source("last"), policies=POLICIES)
    answer = service.check(asking(forged))
    assert (allowed(answer), reason(answer)) == (False, "source_untrusted")


def test_a_certificate_is_never_passed_over_for_its_name(start: StartService, pki: EdgePki) -> None:
    rogue = pki.issue("cart", by=pki.authority("Rogue"), uris=[CART])
    good = pki.issue("cart", uris=[CART])
    service = start(sources=source(), policies=POLICIES)
    for leaf, expected in ((rogue, "untrusted_issuer"), (good, "allowed")):
        answer = service.check(asking(xfcc(leaf.der, by=[WAYPOINT], uris=[CART])))
        assert reason(answer) == expected
    broken = f'By={WAYPOINT};Cert="-----BEGIN%20CERTIFICATE-----";URI={CART}'
    assert reason(service.check(asking(broken))) == "source_malformed"


def test_every_start_warns_of_both_settings(start: StartService) -> None:
    warned = [event["warning"] for event in start(sources=source(), policies=POLICIES).events("configuration warning")]
    for setting in ("sources[0].unsafe_identity_only", "policies[0].certificate"):
        assert len([one for one in warned if f" {setting}: " in one]) == 1
