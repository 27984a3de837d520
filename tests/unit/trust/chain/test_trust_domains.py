"""An anchor that is tied to SPIFFE trust domains vouches for these, and for nothing else."""

import pytest

from extauthz.model.reason import Reason
from extauthz.trust.chain.anchor import Anchor
from support import pki
from support.chains import cert, passes, unfit, verify

PROD = pki.make_ca("Prod")
OTHER = pki.make_ca("Other")
TIED = Anchor(cert(PROD), ("prod.example",))
ANCHORS = (TIED, OTHER)


@pytest.mark.parametrize("uri", ["spiffe://prod.example/web", "SPIFFE://PROD.example/web"])
def test_a_tied_anchor_vouches_for_its_domain(uri: str) -> None:
    assert passes(verify(PROD.issue("web", uris=[uri]), anchors=ANCHORS), "web", "Prod")


@pytest.mark.parametrize(
    "options",
    [
        pki.Options(uris=["spiffe://other.example/web"]),
        pki.Options(uris=["spiffe://sub.prod.example/web"]),
    ],
)
def test_a_tied_anchor_vouches_for_no_other_domain(options: pki.Options) -> None:
    result = verify(PROD.issue("web", **options), anchors=ANCHORS)
    assert unfit(result, "web", "its anchor does not vouch for the trust domain", Reason.TRUST_DOMAIN_MISMATCH)


@pytest.mark.parametrize(
    "options",
    [
        pki.Options(),
        pki.Options(uris=["https://prod.example/web"]),
        pki.Options(uris=["spiffe://prod.example/web", "spiffe://prod.example/db"]),
        pki.Options(uris=["spiffe://prod.example"]),
    ],
)
def test_a_tied_anchor_vouches_for_svids_only(options: pki.Options) -> None:
    result = verify(PROD.issue("web", **options), anchors=ANCHORS)
    problem = "its anchor vouches only for X509-SVIDs, and it is none"
    assert unfit(result, "web", problem, Reason.TRUST_DOMAIN_MISMATCH)


@pytest.mark.parametrize(
    "options",
    [
        pki.Options(uris=["spiffe://prod.example/web"]),
        pki.Options(uris=["SPIFFE://PROD.EXAMPLE/web"]),
        pki.Options(uris=["spiffe://prod.example"]),
        pki.Options(uris=["urn:x:y", "spiffe://prod.example/web"]),
        pki.Options(uris=["spiffe://prod.example/%41"]),
        pki.Options(uris=["spiffe:prod.example/web"]),
        pki.Options(uris=["spiffe://user@prod.example/web"]),
    ],
)
def test_another_anchor_does_not_vouch_for_a_tied_domain(options: pki.Options) -> None:
    result = verify(OTHER.issue("web", **options), anchors=ANCHORS)
    problem = "its anchor is not among those that vouch for '"
    assert unfit(result, "web", problem, Reason.TRUST_DOMAIN_MISMATCH)


@pytest.mark.parametrize(
    "options",
    [
        pki.Options(),
        pki.Options(uris=["spiffe://free.example/web"]),
        pki.Options(uris=["https://prod.example/web"]),
    ],
)
def test_another_anchor_vouches_for_everything_else(options: pki.Options) -> None:
    assert passes(verify(OTHER.issue("web", **options), anchors=ANCHORS), "web", "Other")


def test_without_a_tied_anchor_nothing_is_tied() -> None:
    leaf = OTHER.issue("web", uris=["spiffe://prod.example/%41"])
    assert passes(verify(leaf, anchors=(OTHER,)), "web", "Other")


def test_of_two_paths_the_one_to_the_tied_anchor_is_taken() -> None:
    key = pki.make_ca("CA").key
    under_other, under_prod = pki.make_ca("CA", parent=OTHER, key=key), pki.make_ca("CA", parent=PROD, key=key)
    leaf = under_other.issue("web", uris=["spiffe://prod.example/web"])
    result = verify(leaf, anchors=ANCHORS, intermediates=(under_other, under_prod))
    assert passes(result, "web", "CA", "Prod")
    assert result.others == ()


def test_an_anchor_that_is_listed_twice_is_tied_to_all_its_domains() -> None:
    anchors = (TIED, PROD, Anchor(cert(PROD), ("stage.example",)))
    for domain in ("prod.example", "stage.example"):
        assert passes(verify(PROD.issue("web", uris=[f"spiffe://{domain}/web"]), anchors=anchors), "web", "Prod")
    result = verify(PROD.issue("web", uris=["spiffe://free.example/web"]), anchors=anchors)
    assert unfit(result, "web", "its anchor does not vouch", Reason.TRUST_DOMAIN_MISMATCH)
