"""Presented certificates cost signatures only under keys that are trusted, and all of one name are tried."""

import pytest

from extauthz.identity.certificate import Certificate
from extauthz.model.outcome import Fail
from extauthz.model.reason import Reason
from extauthz.trust import signatures
from extauthz.trust.chain import signature_checks
from extauthz.trust.chain.certified import CertifiedIssuers
from extauthz.trust.chain.configured import ConfiguredCertificates
from extauthz.trust.chain.signature_checks import SignatureChecks
from support import pki
from support.chains import cert, failure, link, passes, verify

NOW = pki.NOW
ROOT = pki.make_ca("Root")
UPPER = pki.make_ca("Upper", parent=ROOT)
LOWER = pki.make_ca("Lower", parent=UPPER)
LEAF = LOWER.issue("alice")


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Count the signatures that are checked for a client: (who signed, what)."""
    checks: list[tuple[str, str]] = []

    def note(certificate: Certificate, issuer: Certificate) -> bool:
        checks.append((issuer.identity.subject_dn, certificate.identity.subject_dn))
        return signatures.is_signed_by(certificate, issuer)

    monkeypatch.setattr(signature_checks, "is_signed_by", note)
    return checks


def test_a_configured_chain_costs_one_signature(checked: list[tuple[str, str]]) -> None:
    assert passes(verify(LEAF, anchors=(ROOT,), intermediates=(UPPER, LOWER)), "alice", "Lower", "Upper", "Root")
    assert checked == [("CN=Lower,O=Example", "CN=alice,O=Example")]


def test_a_presented_chain_costs_one_signature_a_link(checked: list[tuple[str, str]]) -> None:
    stranger = pki.make_ca("Stranger", parent=ROOT)
    result = verify(LEAF, anchors=(ROOT,), presented=(LOWER, stranger, UPPER))
    assert passes(result, "alice", "Lower", "Upper", "Root")
    assert len(checked) == 3


def test_certificates_that_sign_one_another_cost_nothing(checked: list[tuple[str, str]]) -> None:
    one, other = pki.make_ca("CA"), pki.make_ca("CA")
    crossed = [pki.make_ca("CA", parent=parent, key=child.key) for parent in (one, other) for child in (one, other)]
    fail = failure(verify(one.issue("alice"), anchors=(ROOT,), presented=(one, other, *crossed)))
    assert fail.reason is Reason.UNTRUSTED_ISSUER
    assert checked == []


def test_a_forged_certificate_costs_one_signature_under_the_real_key(checked: list[tuple[str, str]]) -> None:
    forged = [pki.make_ca("Lower", parent=ROOT, signing_key=LEAF.key) for _ in range(16)]
    fail = failure(verify(forged[0].issue("alice"), anchors=(ROOT,), presented=forged))
    detail = "'CN=Lower,O=Example' is not signed by the certificate that has its issuer's name, 'CN=Root,O=Example'"
    assert fail == Fail(Reason.UNTRUSTED_ISSUER, detail)
    assert checked == [("CN=Root,O=Example", "CN=Lower,O=Example")] * 16


def test_the_work_for_one_client_is_bounded(checked: list[tuple[str, str]]) -> None:
    slow = pki.make_ca("Root", key="ec384")
    forged = [pki.make_ca("Lower", parent=slow, signing_key=LEAF.key) for _ in range(16)]
    fail = failure(verify(forged[0].issue("alice"), anchors=(slow,), presented=forged))
    detail = "no path to an anchor was found within the signature checks that one client may cause"
    assert fail == Fail(Reason.UNTRUSTED_ISSUER, detail)
    assert len(checked) == 6


@pytest.mark.parametrize(("kind", "length"), [("ec384", 5), ("rsa3072", 8), ("ed448", 8), ("ec", 8)])
def test_long_paths_of_slow_keys_are_within_the_bound(kind: str, length: int) -> None:
    chain = [pki.make_ca("Root", key=kind)]
    for number in range(length):
        chain.append(pki.make_ca(f"CA {number}", parent=chain[-1], key=kind))
    assert len(verify(chain[-1].issue("alice"), anchors=chain[:1], presented=chain[1:]).path) == length + 2


def test_hostile_company_does_not_keep_the_leaf_from_being_looked_at() -> None:
    slow = pki.make_ca("Root", key="ec384")
    real = pki.make_ca("Lower", parent=slow)
    forged = [pki.make_ca("Lower", parent=slow, key=real.key, signing_key=LEAF.key, not_after=NOW) for _ in range(15)]
    result = verify(real.issue("alice"), anchors=(slow,), presented=(*forged, real), now=NOW + pki.SECOND)
    assert passes(result, "alice", "Lower", "Root")


def test_of_several_with_one_name_all_are_tried() -> None:
    others = [pki.make_ca("Lower", parent=UPPER) for _ in range(5)]
    for chosen in others:
        result = verify(chosen.issue("alice", key_ids=False), anchors=(ROOT,), presented=(*others, UPPER))
        assert passes(result, "alice", "Lower", "Upper", "Root")
        assert result.path[1].der == chosen.der


@pytest.mark.parametrize(
    "unlikely",
    [
        pki.make_ca("Lower", parent=UPPER, key=LOWER.key, not_after=NOW - pki.SECOND),
        pki.make_ca("Lower", parent=UPPER, key=LOWER.key, not_before=NOW + pki.SECOND),
        pki.make_ca("Lower", parent=UPPER),
        pki.make_ca("Lower", parent=pki.make_ca("Elsewhere"), key=LOWER.key),
        pki.make_ca("Lower", parent=UPPER, key=LOWER.key, ca=False),
    ],
)
@pytest.mark.parametrize("likely_first", [True, False])
def test_one_that_does_not_help_hides_none_that_does(unlikely: pki.Authority, likely_first: bool) -> None:
    lower = (LOWER, unlikely) if likely_first else (unlikely, LOWER)
    for presented, configured in (((*lower, UPPER), ()), ((UPPER,), lower), ((), (UPPER, *lower)), (lower, (UPPER,))):
        result = verify(LEAF, anchors=(ROOT,), presented=presented, intermediates=configured)
        assert passes(result, "alice", "Lower", "Upper", "Root")
        assert result.path[1].der == LOWER.der


def test_the_issuer_that_the_key_identifier_names_is_followed_first() -> None:
    twin = pki.make_ca("Lower", parent=ROOT, key=LOWER.key, key_ids=False)
    configured = ConfiguredCertificates([cert(ROOT)], [cert(UPPER), cert(twin), cert(LOWER)])
    leaf = link(LEAF)
    certified = CertifiedIssuers(leaf, (), configured, SignatureChecks(), NOW)
    assert [one.certificate.der for one in certified.issuers_of(leaf)] == [LOWER.der, twin.der]


def test_a_certificate_that_signed_itself_adds_nothing() -> None:
    rekeyed = pki.make_ca("Root", parent=ROOT)
    looped = pki.make_ca("Root", parent=rekeyed, key=rekeyed.key)
    result = verify(rekeyed.issue("alice"), anchors=(ROOT,), presented=(rekeyed, looped))
    assert passes(result, "alice", "Root", "Root")
    assert result.others == ()
