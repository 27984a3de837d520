"""CRL signers: a path to the very anchor of the certificate whose CRL they signed (RFC 5280 §6.3.3 (f))."""

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from extauthz.model.outcome import Fail, Pass
from extauthz.model.reason import Reason
from extauthz.trust.chain.anchor import Anchor
from extauthz.trust.chain.verifier import ChainMode, ChainResult, ChainVerifier
from extauthz.trust.window import TICK, Window
from support import pki
from support.chains import cert, failure, passes, unfit, verifier

NOW = pki.NOW
ROOT = pki.make_ca("Root")
CA = pki.make_ca("CA", parent=ROOT)
SIGNER = CA.issue("signer", key_usage=("cRLSign",), eku=())


def signed(
    signer: pki.Leaf,
    *configured: pki.Leaf,
    anchor: pki.Leaf = ROOT,
    also: tuple[pki.Leaf, ...] = (),
) -> ChainResult:
    result = verifier((ROOT, *also), configured).verify_signer(cert(signer), cert(anchor), NOW)
    assert result.window.holds_at(NOW)
    return result


@pytest.mark.parametrize("configured", [(CA,), (CA, SIGNER)])
def test_a_signer_that_is_no_ca(configured: tuple[pki.Leaf, ...]) -> None:
    assert passes(signed(SIGNER, *configured), "signer", "CA", "Root")


def test_the_issuing_ca_itself() -> None:
    assert passes(signed(CA, CA), "CA", "Root")
    assert passes(signed(CA), "CA", "Root")


def test_the_anchor_itself() -> None:
    result = signed(ROOT)
    assert passes(result, "Root")
    assert result.outcome == Pass("it is the anchor")
    expired = pki.make_ca("Root", not_after=NOW - pki.DAY)
    assert unfit(signed(expired, anchor=expired, also=(expired,)), "Root", "expired")


def test_another_anchor_is_not_good_enough() -> None:
    other = pki.make_ca("Other Root")
    fail = failure(signed(SIGNER, CA, anchor=other, also=(other,)))
    detail = "no path of names and signatures leads from 'CN=signer,O=Example' to 'CN=Other Root,O=Example'"
    assert fail == Fail(Reason.UNTRUSTED_ISSUER, detail)


@pytest.mark.parametrize("signer", [CA, SIGNER])
def test_what_is_no_configured_anchor_is_none(signer: pki.Leaf) -> None:
    assert failure(signed(signer, CA, anchor=CA)).reason is Reason.UNTRUSTED_ISSUER


def test_a_path_may_lead_through_another_anchor() -> None:
    assert passes(signed(SIGNER, anchor=ROOT, also=(CA,)), "signer", "CA", "Root")
    assert passes(signed(SIGNER, anchor=CA, also=(CA,)), "signer", "CA")


def test_a_stranger_is_not_trusted() -> None:
    assert failure(signed(pki.make_ca("CA"), CA)).reason is Reason.UNTRUSTED_ISSUER


def test_an_unfit_path_is_told() -> None:
    expired = pki.make_ca("CA", parent=ROOT, key=CA.key, not_after=NOW - pki.DAY)
    assert unfit(signed(SIGNER, expired), "CA", "expired")
    late = CA.issue("signer", not_after=NOW - pki.SECOND)
    assert unfit(signed(late, CA), "signer", "expired")


def test_a_key_that_signs_must_be_one_of_a_ca() -> None:
    weak = CA.issue("signer", key=rsa.generate_private_key(65537, 1024))  # noqa: S505  (weak on purpose)
    assert unfit(signed(weak, CA), "signer", "its RSA key has 1024 bits", Reason.KEY_TOO_WEAK)


def test_what_the_cas_may_be_used_for_and_trust_domains_are_not_looked_at() -> None:
    servers = pki.make_ca("CA", parent=ROOT, eku=(pki.SERVER_AUTH,))
    tied = verifier([Anchor(cert(ROOT), ("example.org",))], [servers])
    assert passes(tied.verify_signer(cert(servers.issue("signer")), cert(ROOT), NOW), "signer", "CA", "Root")


@pytest.mark.parametrize("mode", list(ChainMode))
def test_the_mode_does_not_matter(mode: ChainMode) -> None:
    result = verifier([ROOT], [CA], mode).verify_signer(cert(SIGNER), cert(ROOT), NOW)
    assert passes(result, "signer", "CA", "Root")


def test_the_answer_holds_while_all_stay_valid() -> None:
    brief = CA.issue("signer", not_before=NOW - pki.HOUR, not_after=NOW + pki.HOUR)
    assert signed(brief, CA).window == Window(NOW - pki.HOUR, NOW + pki.HOUR + TICK)
    renewed = pki.make_ca("CA", parent=ROOT, key=CA.key, not_before=NOW + pki.SECOND)
    assert signed(brief, CA, renewed).window.end == NOW + pki.SECOND


def test_certificates_that_are_named_for_signing_crls_vouch_for_no_client() -> None:
    one = ChainVerifier([cert(ROOT)], signers=[cert(CA), cert(SIGNER)])
    assert passes(one.verify_signer(cert(SIGNER), cert(ROOT), NOW), "signer", "CA", "Root")
    assert failure(one.verify(cert(CA.issue("alice")), (), NOW)).reason is Reason.UNTRUSTED_ISSUER
    brief = pki.make_ca("CA", parent=ROOT, not_after=NOW + pki.HOUR)
    two = ChainVerifier([cert(ROOT)], [cert(CA)], signers=[cert(brief)])
    assert two.verify(cert(CA.issue("alice")), (), NOW).window.end > NOW + pki.HOUR
    assert two.verify_signer(cert(CA), cert(ROOT), NOW).window.end == NOW + pki.HOUR + TICK
