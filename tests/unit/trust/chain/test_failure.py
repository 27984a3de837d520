"""Explaining a refusal takes bounded work, whatever certificates there are."""

from extauthz.identity.certificate import Certificate, parse_certificate
from extauthz.model.outcome import Fail
from extauthz.model.reason import Reason
from extauthz.trust.chain.failure import MAX_LINKS, MAX_SIGNATURE_CHECKS, explain
from support import pki

ROOT = pki.make_ca("Root")


def cert(one: pki.Leaf) -> Certificate:
    return parse_certificate(one.der)


def test_many_authorities_of_one_name_end_the_search() -> None:
    leaf = pki.make_ca("CA").issue("alice", key_ids=False)
    strangers = [cert(pki.make_ca("CA")) for _ in range(MAX_SIGNATURE_CHECKS + 1)]
    fail = explain(cert(leaf), [cert(ROOT)], [cert(ROOT), *strangers], pki.NOW, "no")
    detail = f"no path to an anchor was found within {MAX_SIGNATURE_CHECKS} signature checks"
    assert fail == Fail(Reason.UNTRUSTED_ISSUER, detail)


def test_the_authority_that_the_key_identifier_names_is_tried_first() -> None:
    expired = pki.make_ca("CA", not_after=pki.NOW - pki.DAY)
    strangers = [cert(pki.make_ca("CA")) for _ in range(MAX_SIGNATURE_CHECKS + 1)]
    fail = explain(cert(expired.issue("alice")), [cert(expired)], [*strangers, cert(expired)], pki.NOW, "no")
    assert fail.reason is Reason.CHAIN_INVALID
    assert fail.detail.startswith("'CN=CA,O=Example': expired")


def test_authorities_that_sign_each_other_end_the_search() -> None:
    first = pki.make_ca("First")
    second = pki.make_ca("Second", parent=first)
    first_again = pki.make_ca("First", parent=second, key=first.key)
    others = [cert(second), cert(first_again), cert(first)]
    fail = explain(cert(second.issue("alice")), [cert(ROOT)], [cert(ROOT), *others], pki.NOW, "no")
    detail = "the chain goes round in circles, or on and on, at 'CN=First,O=Example' (issuer 'CN=Second,O=Example')"
    assert fail == Fail(Reason.UNTRUSTED_ISSUER, detail)


def test_a_path_is_followed_only_so_far() -> None:
    chain = [ROOT]
    for number in range(MAX_LINKS):
        chain.append(pki.make_ca(f"CA {number}", parent=chain[-1]))
    certificates = [cert(one) for one in chain]
    short = explain(cert(chain[MAX_LINKS - 2].issue("alice")), certificates[:1], certificates, pki.NOW, "too long")
    assert short.reason is Reason.CHAIN_INVALID
    assert short.detail.endswith("refused by the path verifier: too long")
    long = explain(cert(chain[MAX_LINKS - 1].issue("alice")), certificates[:1], certificates, pki.NOW, "too long")
    assert long.reason is Reason.UNTRUSTED_ISSUER


def test_what_nothing_else_explains_is_told_in_the_verifiers_words() -> None:
    leaf = ROOT.issue("alice")
    fail = explain(cert(leaf), [cert(ROOT)], [cert(ROOT)], pki.NOW, "because")
    detail = "'CN=alice,O=Example' < 'CN=Root,O=Example': refused by the path verifier: because"
    assert fail == Fail(Reason.CHAIN_INVALID, detail)


def test_search_and_explanation_share_their_signature_checks() -> None:
    strangers = [cert(pki.make_ca("CA")) for _ in range(5)]
    authority = pki.make_ca("CA", not_after=pki.NOW - pki.DAY)
    leaf = cert(authority.issue("alice", key_ids=False))
    candidates = [*strangers, cert(authority)]
    enough = explain(leaf, [cert(authority)], candidates, pki.NOW, "no", spent=MAX_SIGNATURE_CHECKS - 6)
    assert enough.reason is Reason.CHAIN_INVALID
    too_few = explain(leaf, [cert(authority)], candidates, pki.NOW, "no", spent=MAX_SIGNATURE_CHECKS - 5)
    assert too_few.detail == f"no path to an anchor was found within {MAX_SIGNATURE_CHECKS} signature checks"


def test_long_names_are_cut() -> None:
    root = pki.make_ca("r" * 4_000, not_after=pki.NOW - pki.DAY)
    leaf = root.issue("l" * 4_000)
    unfit = explain(cert(leaf), [cert(root)], [cert(root)], pki.NOW, "no")
    unknown = explain(cert(leaf), [cert(ROOT)], [cert(ROOT)], pki.NOW, "no")
    assert (unfit.reason, unknown.reason) == (Reason.CHAIN_INVALID, Reason.UNTRUSTED_ISSUER)
    assert max(len(unfit.detail), len(unknown.detail)) < 800
