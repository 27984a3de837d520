"""A CRL's signer has a certificate of its own, which may be revoked too."""

import pytest

from extauthz.model.outcome import Fail, Outcome, Pass
from extauthz.model.reason import Reason
from extauthz.trust.chain.verifier import ChainVerifier
from extauthz.trust.revocation.check import MAX_SIGNERS_IN_TURN, RevocationChecker
from extauthz.trust.revocation.settings import RevocationScope, RevocationSettings, WhenUnknown
from extauthz.trust.window import Window
from support import pki
from support.revocation import certs, store_of

NOW = pki.NOW
STALE = NOW - pki.SECOND
ROOT = pki.make_ca("Root")
CA = pki.make_ca("CA", parent=ROOT)
LEAF = CA.issue("alice")
CHAIN, ONLY_LEAF = RevocationScope.CHAIN, RevocationScope.LEAF
ALLOW_MISSING = RevocationSettings(when_missing=WhenUnknown.ALLOW)
LATER = NOW + 9 * pki.DAY


def crl_signer(common_name: str = "CA", parent: pki.Authority = ROOT, **more: object) -> pki.Authority:
    """Make a certificate that signs CRLs and is no CA."""
    options = {"ca": False, "key_usage": ("cRLSign",), "eku": (), **more}
    return pki.make_ca(common_name, parent=parent, **pki.Options(**options))  # type: ignore[typeddict-item]


SIGNER = crl_signer()
OF_SIGNER = SIGNER.crl(number=50, next_update=LATER)


LONG = "x" * 64


def ask(
    *crls: bytes,
    scope: RevocationScope = CHAIN,
    leaf: pki.Leaf = LEAF,
    known: tuple[pki.Leaf, ...] = (SIGNER,),
    settings: RevocationSettings = RevocationSettings(),  # noqa: B008  (immutable)
) -> tuple[Outcome, Window]:
    store = store_of(*crls, issuers=(CA, ROOT, *known))
    verifier = ChainVerifier(certs(ROOT), certs(CA, *known))
    checker = RevocationChecker(store, settings, scope=scope, verifier=verifier)
    outcome, window = checker.check([certs(leaf, CA, ROOT)], NOW)
    assert window.holds_at(NOW)
    return outcome, window


def denied(outcome: Outcome, reason: Reason) -> str:
    assert isinstance(outcome, Fail)
    assert outcome.reason is reason, outcome.detail
    return outcome.detail


def test_with_the_leaf_alone_checked_nothing_need_be_known_of_the_signer() -> None:
    assert isinstance(ask(OF_SIGNER, scope=ONLY_LEAF)[0], Pass)


def test_with_the_leaf_alone_checked_a_revoked_signer_is_not_used() -> None:
    revoking = ROOT.crl([SIGNER])
    outcome, window = ask(OF_SIGNER, revoking, scope=ONLY_LEAF)
    detail = denied(outcome, Reason.CRL_INVALID)
    assert "number 50" in detail
    assert "is not used, because of its signer: 'CN=CA,O=Example': revoked 2026-06-01T10:00:00+00:00" in detail
    assert window.end < LATER
    assert isinstance(ask(CA.crl(), OF_SIGNER, revoking, scope=ONLY_LEAF)[0], Pass)


def test_what_a_revoked_signer_lists_is_revoked_all_the_same() -> None:
    for scope in RevocationScope:
        denied(ask(CA.crl(), SIGNER.crl([LEAF]), ROOT.crl([SIGNER]), scope=scope)[0], Reason.REVOKED)


def test_with_the_chain_checked_the_signer_must_be_good() -> None:
    outcome, window = ask(OF_SIGNER, ROOT.crl(next_update=NOW + pki.HOUR))
    assert isinstance(outcome, Pass)
    assert window.end < NOW + pki.DAY
    assert "there is no CRL of this issuer" in denied(ask(OF_SIGNER)[0], Reason.CRL_INVALID)
    assert "is stale" in denied(ask(OF_SIGNER, ROOT.crl(next_update=STALE))[0], Reason.CRL_INVALID)
    assert "revoked" in denied(ask(OF_SIGNER, ROOT.crl([SIGNER]))[0], Reason.CRL_INVALID)


def test_what_may_be_missing_of_clients_may_be_missing_of_signers() -> None:
    assert isinstance(ask(OF_SIGNER, settings=ALLOW_MISSING)[0], Pass)


def test_the_cas_above_the_signer_are_checked_with_it() -> None:
    middle = pki.make_ca("Middle", parent=ROOT)
    signer = crl_signer(parent=middle)
    crls = signer.crl(), middle.crl()
    known = (signer, middle)
    assert isinstance(ask(*crls, ROOT.crl(), known=known)[0], Pass)
    assert "'CN=Middle,O=Example': revoked" in denied(
        ask(*crls, ROOT.crl([middle]), known=known)[0], Reason.CRL_INVALID
    )


def test_the_anchor_signs_without_being_asked_about() -> None:
    leaf = ROOT.issue("bob")
    store = store_of(ROOT.crl([ROOT]), issuers=(ROOT,))
    checker = RevocationChecker(store, scope=CHAIN, verifier=ChainVerifier(certs(ROOT)))
    assert isinstance(checker.check([certs(leaf, ROOT)], NOW)[0], Pass)
    issued_by_ca = CA.issue("carol", distribution_points=[pki.distribution_point(crl_issuer=ROOT.name)])
    indirect = ROOT.crl([ROOT], scope=pki.scope(indirect=True))
    for scope in RevocationScope:
        outcome, _ = ask(indirect, leaf=issued_by_ca, scope=scope)
        assert isinstance(outcome, Pass), outcome


# -- signers that depend on one another ------------------------------------------------------------------------------
def test_a_signer_cannot_say_of_itself_that_it_is_not_revoked() -> None:
    own = crl_signer(parent=CA)
    detail = denied(ask(own.crl(), ROOT.crl(), known=(own,))[0], Reason.CRL_INVALID)
    assert "only its own CRLs would say that it is not revoked" in detail
    assert isinstance(ask(own.crl(), CA.crl(), ROOT.crl(), known=(own,))[0], Pass)


def test_two_signers_cannot_say_it_of_each_other() -> None:
    one = crl_signer(parent=CA)
    two = crl_signer(parent=CA)
    detail = denied(ask(one.crl(), two.crl(), ROOT.crl(), known=(one, two))[0], Reason.CRL_INVALID)
    assert "only its own CRLs would say that it is not revoked" in detail


def test_what_is_said_of_signers_of_signers_stays_short() -> None:
    ca = pki.make_ca(LONG, parent=ROOT)
    signers = [crl_signer(LONG, parent=ca) for _ in range(4)]
    leaf = ca.issue("alice")
    crls = [one.crl(number=number) for number, one in enumerate(signers)]
    store = store_of(*crls, issuers=(ca, *signers))
    checker = RevocationChecker(store, scope=CHAIN, verifier=ChainVerifier(certs(ROOT), certs(ca, *signers)))
    detail = denied(checker.check([certs(leaf, ca, ROOT)], NOW)[0], Reason.CRL_INVALID)
    assert len(detail) < 1_000
    assert "…; and 2 more" in detail


def test_a_signer_that_its_ca_named_as_crl_issuer_for_itself_can() -> None:
    point = pki.distribution_point(crl_issuer=pki.name("CRL issuer"))
    issuer = crl_signer("CRL issuer", parent=CA, distribution_points=[point])
    leaf = CA.issue("carol", distribution_points=[point])
    crls = issuer.crl(scope=pki.scope(indirect=True)), ROOT.crl()
    assert isinstance(ask(*crls, leaf=leaf, known=(issuer,))[0], Pass)
    listed = issuer.crl([pki.listed(issuer, issuer=CA.name)], scope=pki.scope(indirect=True))
    denied(ask(listed, ROOT.crl(), leaf=leaf, known=(issuer,))[0], Reason.CRL_INVALID)


@pytest.mark.parametrize("length", [MAX_SIGNERS_IN_TURN, MAX_SIGNERS_IN_TURN + 1])
def test_a_row_of_signers_is_followed_so_far(length: int) -> None:
    """Each signer's certificate is from a CA of its own, whose CRLs the next signer signs; the last CA's, the CA."""
    above = [pki.make_ca(f"CA {number}", parent=ROOT) for number in range(length)]
    names = ["CA", *(f"CA {number}" for number in range(length - 1))]
    signers = [crl_signer(name, parent=parent) for name, parent in zip(names, above, strict=True)]
    crls = [one.crl() for one in signers]
    outcome, _ = ask(*crls, above[-1].crl(), ROOT.crl(), known=(*above, *signers))
    if length == MAX_SIGNERS_IN_TURN:
        assert isinstance(outcome, Pass), outcome
    else:
        assert "too many signers of CRLs depend on one another" in denied(outcome, Reason.CRL_INVALID)
