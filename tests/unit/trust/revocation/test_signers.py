"""Whose signature on a CRL counts for a certificate (RFC 5280 §6.3.3 (f))."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from extauthz.identity.certificate import Certificate
from extauthz.model.outcome import Fail, Pass
from extauthz.trust.chain.verifier import ChainResult, ChainVerifier
from extauthz.trust.crl.load import Crl
from extauthz.trust.revocation.evidence import Acceptance
from extauthz.trust.revocation.signers import SignerPaths, accept_with_path, accept_within_validity
from extauthz.trust.revocation.status import UnknownCause
from extauthz.trust.window import TICK, Window
from support import pki
from support.revocation import cert, certs, loaded

NOW = pki.NOW
ROOT = pki.make_ca("Root")
CA = pki.make_ca("CA", parent=ROOT)
PATH = certs(CA, ROOT)


def signer(**options: object) -> pki.Authority:
    """Make a certificate with the CA's name, issued by the root, that signs CRLs and nothing else."""
    more = pki.Options(**{"ca": False, "key_usage": ("cRLSign",), "eku": (), **options})  # type: ignore[typeddict-item]
    return pki.make_ca("CA", parent=ROOT, **more)


def crl_of(issuer: pki.Authority) -> Crl:
    return loaded([issuer.crl()], issuer)[0]


def good(_path: Sequence[Certificate]) -> Acceptance:
    return Acceptance(Window.ALWAYS)


def accept(crl: Crl, *known: pki.Leaf, path: Sequence[Certificate] = PATH, now: datetime = NOW) -> Acceptance:
    paths = SignerPaths(ChainVerifier(certs(ROOT), certs(*known)))
    return accept_with_path(crl, path, now, paths, good)


# -- the issuer itself -----------------------------------------------------------------------------------------------
def test_the_issuer_on_the_path_may_sign() -> None:
    assert accept(crl_of(CA)) == Acceptance(Window.ALWAYS)
    assert accept(crl_of(ROOT), path=certs(ROOT)).refusal is None


def test_without_key_usage_it_may_too() -> None:
    plain = pki.make_ca("CA", parent=ROOT, key_usage=False)
    assert accept(crl_of(plain), path=certs(plain, ROOT)) == Acceptance(Window.ALWAYS)


def test_an_issuer_that_may_not_sign_crls_needs_another_certificate_that_may() -> None:
    silent = pki.make_ca("CA", parent=ROOT, key=CA.key, key_usage=["keyCertSign"])
    path = certs(silent, ROOT)
    assert accept(crl_of(CA), CA, path=path).refusal is None
    elsewhere = pki.make_ca("CA", key=CA.key)
    assert accept(crl_of(elsewhere), elsewhere, path=path).cause is UnknownCause.MISSING


def test_the_issuers_key_under_another_name_is_another_issuer() -> None:
    other = pki.make_ca("Other", key=CA.key)
    assert accept(crl_of(other), other).cause is UnknownCause.MISSING


# -- a certificate beside it -----------------------------------------------------------------------------------------
def test_a_signer_with_a_path_to_the_same_anchor_is_accepted() -> None:
    one = signer()
    found = accept(crl_of(one), one)
    assert found.refusal is None
    assert found.window.holds_at(NOW)
    assert found.window.end <= cert(one).identity.not_after + TICK


def test_a_signer_under_another_anchor_is_a_stranger() -> None:
    stranger = pki.make_ca("CA", parent=pki.make_ca("Root 2"))
    found = accept(crl_of(stranger), stranger)
    assert found.cause is UnknownCause.MISSING
    assert found.refusal is not None
    assert found.refusal.endswith("is signed by neither the issuer's key nor another with a path to the same anchor")


@pytest.mark.parametrize(
    ("offset", "accepted"), [(-pki.SECOND, False), (0 * TICK, True), (pki.DAY, True), (pki.DAY + TICK, False)]
)
def test_a_signer_counts_within_its_validity(offset: timedelta, accepted: bool) -> None:
    one = signer(not_before=NOW, not_after=NOW + pki.DAY)
    found = accept(crl_of(one), one, now=NOW + offset)
    assert (found.refusal is None) is accepted
    assert found.window.holds_at(NOW + offset)
    assert found.window.holds_at(NOW + pki.HOUR) is accepted
    if not accepted:
        assert found.cause is UnknownCause.INVALID
        assert found.refusal is not None
        assert "is not used, because of its signer 'CN=CA,O=Example': " in found.refusal


def test_a_signer_that_is_the_anchor_needs_no_path() -> None:
    leaf_of_root = certs(CA, ROOT)
    found = accept(crl_of(ROOT), path=leaf_of_root)
    assert found.refusal is None


def test_what_is_said_of_the_signers_revocation_counts() -> None:
    one = signer()
    until = Window(NOW, NOW + pki.HOUR)
    asked: list[Sequence[Certificate]] = []

    def revoked(path: Sequence[Certificate]) -> Acceptance:
        asked.append(path)
        return Acceptance(until, "it is revoked")

    paths = SignerPaths(ChainVerifier(certs(ROOT)))
    crl = crl_of(one)
    found = accept_with_path(crl, PATH, NOW, paths, revoked)
    assert found == Acceptance(until, f"the {crl} is not used, because of its signer: it is revoked")
    assert [[link.der for link in path] for path in asked] == [[one.der, ROOT.der]]


def test_of_several_certificates_of_the_signer_one_that_is_accepted_is_enough() -> None:
    sound = signer()
    stranger = pki.make_ca("CA", key=sound.key)
    expired = signer(key=sound.key, not_after=NOW - pki.DAY)
    for order in ((expired, stranger, sound), (sound, stranger, expired)):
        (crl,) = loaded([sound.crl()], *order)
        assert len(crl.signers) == 3
        assert accept(crl).refusal is None


def test_of_several_refusals_the_one_that_tells_more_is_given() -> None:
    expired = signer(not_after=NOW - pki.DAY)
    stranger = pki.make_ca("CA", key=expired.key)
    for order in ((expired, stranger), (stranger, expired)):
        (crl,) = loaded([expired.crl()], *order)
        found = accept(crl)
        assert found.cause is UnknownCause.INVALID
        assert found.refusal is not None


# -- paths are kept --------------------------------------------------------------------------------------------------
class Counting(ChainVerifier):
    """Counts how often a path is looked for."""

    asked = 0

    def verify_signer(self, signer: Certificate, anchor: Certificate, now: datetime) -> ChainResult:
        self.asked += 1
        return super().verify_signer(signer, anchor, now)


def test_a_path_is_looked_for_again_only_when_it_may_have_changed() -> None:
    one = cert(signer(not_after=NOW + pki.DAY))
    verifier = Counting(certs(ROOT))
    paths = SignerPaths(verifier)
    assert isinstance(paths.find(one, cert(ROOT), NOW).outcome, Pass)
    paths.find(one, cert(ROOT), NOW + pki.DAY)
    assert verifier.asked == 1
    assert isinstance(paths.find(one, cert(ROOT), NOW + pki.DAY + TICK).outcome, Fail)
    assert verifier.asked == 2
    paths.find(one, cert(CA), NOW)
    assert verifier.asked == 3


def test_without_a_verifier_there_is_no_path() -> None:
    found = accept_with_path(crl_of(signer()), PATH, NOW, SignerPaths(None), good)
    assert found.cause is UnknownCause.MISSING


# -- without a path --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("offset", "accepted"),
    [(-pki.SECOND, False), (-TICK, False), (0 * TICK, True), (pki.DAY, True), (pki.DAY + TICK, False)],
)
def test_a_configured_signer_is_believed_within_its_validity(offset: timedelta, accepted: bool) -> None:
    one = pki.make_ca("CA", not_before=NOW, not_after=NOW + pki.DAY)
    found = accept_within_validity(crl_of(one), NOW + offset)
    assert (found.refusal is None) is accepted
    assert found.window.holds_at(NOW + offset)
    assert (found.window == Window(NOW, NOW + pki.DAY + TICK)) is accepted
