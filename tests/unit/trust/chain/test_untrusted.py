"""Why there is no path of names and signatures to an anchor."""

import pytest

from extauthz.model.outcome import Fail
from extauthz.model.reason import Reason
from support import pki
from support.chains import failure, verify

NOW = pki.NOW
ROOT = pki.make_ca("Root")
ISSUING = pki.make_ca("Issuing CA", parent=ROOT, path_length=0)
LEAF = ISSUING.issue("alice")


def test_an_unknown_issuer_is_untrusted() -> None:
    other = pki.make_ca("Other")
    detail = "the issuer of 'CN=alice,O=Example', 'CN=Other,O=Example', is neither configured nor presented"
    assert failure(verify(other.issue("alice"), anchors=(ROOT,))) == Fail(Reason.UNTRUSTED_ISSUER, detail)


def test_a_missing_intermediate_is_named() -> None:
    detail = "the issuer of 'CN=alice,O=Example', 'CN=Issuing CA,O=Example', is neither configured nor presented"
    assert failure(verify(LEAF, anchors=(ROOT,))) == Fail(Reason.UNTRUSTED_ISSUER, detail)


def test_a_chain_that_ends_before_an_anchor_says_where() -> None:
    other = pki.make_ca("Other")
    ca = pki.make_ca("CA", parent=other)
    detail = "the issuer of 'CN=CA,O=Example', 'CN=Other,O=Example', is neither configured nor presented"
    assert failure(verify(ca.issue("alice"), anchors=(ROOT,), presented=(ca,))) == Fail(Reason.UNTRUSTED_ISSUER, detail)


def test_a_presented_root_is_not_an_anchor() -> None:
    other = pki.make_ca("Other")
    fail = failure(verify(other.issue("alice"), anchors=(ROOT,), presented=(other,)))
    assert fail.reason is Reason.UNTRUSTED_ISSUER


def test_a_presented_root_with_the_anchors_name_is_not_the_anchor() -> None:
    impostor = pki.make_ca("Root")
    fail = failure(verify(impostor.issue("alice"), anchors=(ROOT,), presented=(impostor,)))
    assert fail.reason is Reason.UNTRUSTED_ISSUER


def test_a_configured_intermediate_is_not_an_anchor() -> None:
    other = pki.make_ca("Other")
    fail = failure(verify(other.issue("alice"), anchors=(ROOT,), intermediates=(other,)))
    assert fail.reason is Reason.UNTRUSTED_ISSUER


def test_the_name_of_an_anchor_without_its_signature_is_untrusted() -> None:
    forged = pki.make_ca("Root").issue("alice")
    detail = "'CN=alice,O=Example' is not signed by the certificate that has its issuer's name, 'CN=Root,O=Example'"
    assert failure(verify(forged, anchors=(ROOT,))) == Fail(Reason.UNTRUSTED_ISSUER, detail)


@pytest.mark.parametrize("options", [pki.Options(spoilt_signature=True), pki.Options(signing_key=LEAF.key)])
def test_a_bad_signature_is_untrusted(options: pki.Options) -> None:
    fail = failure(verify(ISSUING.issue("alice", **options), anchors=(ROOT,), presented=(ISSUING,)))
    assert fail.reason is Reason.UNTRUSTED_ISSUER


def test_a_self_signed_leaf_is_untrusted() -> None:
    lone = pki.make_ca("lone", ca=False)
    assert failure(verify(lone, anchors=(ROOT,))).reason is Reason.UNTRUSTED_ISSUER
    assert failure(verify(lone, anchors=(ROOT,), presented=(lone,))).reason is Reason.UNTRUSTED_ISSUER


def test_without_an_anchor_nothing_is_trusted() -> None:
    fail = failure(verify(LEAF, anchors=(), intermediates=(ROOT, ISSUING)))
    assert fail.reason is Reason.UNTRUSTED_ISSUER
