"""A CA that calls itself the DoD's gives no EDIPI below somebody else's anchor."""

import pytest

from extauthz.identity.certificate import Certificate, parse_certificate
from extauthz.identity.profile import profile
from extauthz.model.outcome import Pass
from extauthz.model.reason import Reason
from extauthz.trust.chain.anchor import Anchor
from extauthz.trust.chain.verifier import ChainMode, ChainVerifier
from support import cards, pki
from support.chains import cert, failure

DOD = pki.make_ca("DoD Root")
CORPORATE = pki.make_ca("Corporate Root")
GENUINE = cards.dod_ca(DOD)
IMPOSTOR = cards.dod_ca(CORPORATE)
PROFILE = profile(["fpki", "dod"], dod_issuers=[cards.DOD_ISSUER])
ANCHORS = (Anchor(cert(DOD), dod=True), Anchor(cert(CORPORATE)))
CAS = tuple(map(cert, (GENUINE, IMPOSTOR)))


def read(leaf: pki.Leaf) -> Certificate:
    return parse_certificate(leaf.der, PROFILE)


def test_an_impostor_of_the_dod_is_refused() -> None:
    leaf = read(cards.cac(IMPOSTOR))
    assert leaf.identity.edipi == cards.EDIPI
    result = ChainVerifier(ANCHORS, CAS).verify(leaf, (), pki.NOW)
    fail = failure(result)
    assert fail.reason is Reason.CHAIN_INVALID
    assert "its issuer has the name of one of the DoD's, and its anchor is not the DoD's" in fail.detail


@pytest.mark.parametrize(
    ("leaf", "anchors"),
    [
        (cards.cac(GENUINE), ANCHORS),
        (cards.piv_auth(IMPOSTOR), ANCHORS),
        (cards.cac(IMPOSTOR), (cert(CORPORATE),)),
    ],
    ids=["genuine", "without-an-edipi", "no-anchor-is-called-the-dods"],
)
def test_everybody_else_is_judged_by_the_chain_alone(leaf: pki.Leaf, anchors: tuple[Anchor | Certificate, ...]) -> None:
    assert isinstance(ChainVerifier(anchors, CAS).verify(read(leaf), (), pki.NOW).outcome, Pass)


def test_the_dods_anchors_need_a_verified_chain() -> None:
    with pytest.raises(ValueError, match="anchors are tied to what they vouch for in the mode verify only"):
        ChainVerifier(ANCHORS, mode=ChainMode.ISSUER_NAME)
