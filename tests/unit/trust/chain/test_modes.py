"""The modes that verify less, and say so; and certificates that are no clients in any mode."""

from datetime import timedelta

import pytest
from cryptography import x509

from extauthz.model.outcome import Fail, Pass
from extauthz.model.reason import Reason
from extauthz.trust.chain.anchor import Anchor
from extauthz.trust.chain.candidates import MAX_PRESENTED
from extauthz.trust.chain.verifier import ChainMode, ChainResult
from extauthz.trust.window import TICK, Window
from support import pki
from support.chains import cert, failure, passes, verifier, verify

NOW = pki.NOW
ROOT = pki.make_ca("Root")
ISSUING = pki.make_ca("Issuing CA", parent=ROOT, path_length=0)
LEAF = ISSUING.issue("alice")


def test_the_issuers_name_is_enough_when_that_is_asked_for() -> None:
    result = verify(
        pki.make_ca("ROOT ").issue("alice"), anchors=(ROOT,), mode=ChainMode.ISSUER_NAME, presented=(b"junk",)
    )
    expected = "names the configured CA 'CN=ROOT ,O=Example' as its issuer; its signature was not verified"
    assert result.outcome == Pass(expected.replace("ROOT ,", "ROOT\\ ,").replace("\\", "\\\\"))
    assert result.path == ()


def test_the_issuers_name_may_be_that_of_an_intermediate() -> None:
    result = verify(LEAF, anchors=(ROOT,), intermediates=(ISSUING,), mode=ChainMode.ISSUER_NAME)
    assert isinstance(result.outcome, Pass)


def test_another_issuers_name_is_untrusted() -> None:
    fail = failure(verify(LEAF, anchors=(ROOT,), mode=ChainMode.ISSUER_NAME))
    detail = "no configured CA has the name of the issuer, 'CN=Issuing CA,O=Example'"
    assert fail == Fail(Reason.UNTRUSTED_ISSUER, detail)


@pytest.mark.parametrize(
    ("offset", "valid"), [(timedelta(0), True), (TICK, False), (-pki.HOUR, True), (-pki.HOUR - pki.SECOND, False)]
)
def test_the_named_issuer_must_be_valid_itself(offset: timedelta, valid: bool) -> None:
    root = pki.make_ca("Root", not_before=NOW - pki.HOUR, not_after=NOW)
    result = verify(root.issue("alice"), anchors=(root,), mode=ChainMode.ISSUER_NAME, now=NOW + offset)
    assert isinstance(result.outcome, Pass) is valid
    if not valid:
        assert failure(result).reason is Reason.CHAIN_INVALID


def test_one_valid_issuer_of_that_name_is_enough_and_bounds_the_window() -> None:
    expired = pki.make_ca("Root", not_after=NOW - pki.DAY)
    valid = pki.make_ca("Root", not_after=NOW + pki.DAY)
    result = verify(valid.issue("alice"), anchors=(expired, valid), mode=ChainMode.ISSUER_NAME)
    assert isinstance(result.outcome, Pass)
    assert result.window == Window(NOW - pki.DAY + TICK, NOW + pki.DAY + TICK)


def test_unsafe_none_verifies_nothing_and_says_so() -> None:
    result = verify(
        pki.make_ca("Other").issue("alice"), anchors=(ROOT,), mode=ChainMode.UNSAFE_NONE, presented=(b"junk",) * 99
    )
    assert result == ChainResult(Pass("not verified"), Window.ALWAYS)


@pytest.mark.parametrize("mode", [ChainMode.VERIFY, ChainMode.ISSUER_NAME])
def test_a_ca_certificate_is_judged_like_any_other(mode: ChainMode) -> None:
    assert isinstance(verify(ISSUING, anchors=(ROOT,), mode=mode).outcome, Pass)


@pytest.mark.parametrize("mode", [ChainMode.VERIFY, ChainMode.ISSUER_NAME])
@pytest.mark.parametrize("anchor", [pki.make_ca("lone", ca=False), LEAF, ROOT])
def test_an_anchor_is_no_client(mode: ChainMode, anchor: pki.Leaf) -> None:
    fail = failure(verify(anchor, anchors=(anchor, ROOT), intermediates=(ISSUING,), mode=mode))
    assert fail.reason is Reason.CHAIN_INVALID
    assert fail.detail.startswith("the certificate is itself a configured anchor")


def test_more_presented_certificates_than_are_read() -> None:
    assert passes(verify(LEAF, anchors=(ROOT,), presented=(ISSUING,) * MAX_PRESENTED), "alice", "Issuing CA", "Root")
    fail = failure(verify(LEAF, anchors=(ROOT,), presented=(ISSUING,) * (MAX_PRESENTED + 1)))
    assert fail.reason is Reason.CHAIN_INVALID
    assert fail.detail == "17 certificates were presented beside the leaf; at most 16 are read"


@pytest.mark.parametrize("mode", [ChainMode.ISSUER_NAME, ChainMode.UNSAFE_NONE])
def test_trust_domains_cannot_be_tied_where_nobody_holds_to_them(mode: ChainMode) -> None:
    with pytest.raises(ValueError, match="in the mode verify only"):
        verifier([Anchor(cert(ROOT), ("example.org",))], mode=mode)


def test_long_names_make_short_details() -> None:
    root = pki.make_ca("é" * 4_000)
    for leaf, anchor in ((root.issue("é" * 4_000), root), (root.issue("é" * 4_000), ROOT)):
        for mode in (ChainMode.VERIFY, ChainMode.ISSUER_NAME):
            assert len(verify(leaf, anchors=(anchor,), mode=mode).outcome.detail) < 800


def test_long_names_of_an_unfit_path_make_short_details() -> None:
    constraints = x509.NameConstraints([x509.DNSName("other.example")], None)
    ca = pki.make_ca("x" * 4_000, parent=ROOT, extra_extensions=[constraints])
    fail = failure(verify(ca.issue("l" * 4_000), anchors=(ROOT,), intermediates=(ca,)))
    assert fail.reason is Reason.CHAIN_INVALID
    assert len(fail.detail) < 1_200
