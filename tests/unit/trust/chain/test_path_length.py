"""pathLenConstraint: the CAs below are counted, self-issued ones are not."""

from extauthz.trust.chain.path_length import path_length_flaw
from support import pki
from support.chains import links, passes, unfit, verify

ROOT = pki.make_ca("Root")
PROBLEM = "its path length allows 0 certificates between it and the leaf, not 1"


def test_more_intermediates_than_the_path_length_allows() -> None:
    first = pki.make_ca("First", parent=ROOT, path_length=0)
    second = pki.make_ca("Second", parent=first)
    assert unfit(verify(second.issue("alice"), anchors=(ROOT,), presented=(first, second)), "First", PROBLEM)


def test_as_many_intermediates_as_the_path_length_allows() -> None:
    first = pki.make_ca("First", parent=ROOT, path_length=1)
    second = pki.make_ca("Second", parent=first, path_length=0)
    result = verify(second.issue("alice"), anchors=(ROOT,), presented=(first, second))
    assert passes(result, "alice", "Second", "First", "Root")


def test_the_path_length_of_an_anchor_counts_too() -> None:
    root = pki.make_ca("Short Root", path_length=0)
    ca = pki.make_ca("CA", parent=root)
    assert unfit(verify(ca.issue("alice"), anchors=(root,), presented=(ca,)), "Short Root", PROBLEM)


def test_self_issued_certificates_do_not_count() -> None:
    first = pki.make_ca("First", parent=ROOT, path_length=0)
    rekeyed = pki.make_ca("First", parent=first)
    leaf = rekeyed.issue("alice")
    assert passes(verify(leaf, anchors=(ROOT,), presented=(first, rekeyed)), "alice", "First", "First", "Root")
    below = pki.make_ca("Below", parent=rekeyed)
    result = verify(below.issue("alice"), anchors=(ROOT,), presented=(first, rekeyed, below))
    assert unfit(result, "First", PROBLEM)


def test_the_leaf_does_not_count_whatever_it_is() -> None:
    signer = pki.make_ca("Signer", parent=(short := pki.make_ca("Short", path_length=0)))
    assert path_length_flaw(links(signer, short)) is None
