"""A path of names and signatures with a certificate on it that is not fit."""

import pytest
from cryptography import x509

from extauthz.model.outcome import Fail
from extauthz.model.reason import Reason
from support import pki
from support.chains import failure, unfit, verify

NOW = pki.NOW
ROOT = pki.make_ca("Root")
ISSUING = pki.make_ca("Issuing CA", parent=ROOT, path_length=0)
LEAF = ISSUING.issue("alice")


def _constraints_with_a_minimum() -> bytes:
    subtree = pki.der.context(2, b"example", constructed=False) + pki.der.context(0, b"\1", constructed=False)
    permitted = pki.der.context(0, pki.der.sequence(subtree))
    return pki.der.extension("2.5.29.30", pki.der.sequence(permitted), critical=True)


UNFIT = [
    (pki.Options(ca=False, key_usage=("keyCertSign",)), "it is not a CA (basicConstraints)"),
    (pki.Options(basic_constraints=False), "it is not a CA (basicConstraints)"),
    (pki.Options(key_usage=("digitalSignature",)), "its keyUsage does not allow it to sign certificates"),
    (pki.Options(key_usage=("cRLSign",), key_usage_critical=False), "its keyUsage does not allow"),
    (pki.Options(key_usage=()), "its keyUsage does not allow"),
    (pki.Options(eku=(pki.SERVER_AUTH,)), "its extendedKeyUsage does not allow it to issue client certificates"),
    (pki.Options(not_after=NOW - pki.SECOND), "expired 2026-06-01T11:59:59+00:00"),
    (pki.Options(not_before=NOW + pki.SECOND), "not valid before 2026-06-01T12:00:01+00:00"),
    (
        pki.Options(extra_extensions=[(x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), b"\5\0"), True)]),
        "its critical extension 1.2.3 is not supported",
    ),
    (
        pki.Options(extra_extensions=[pki.der.extension("2.5.29.33", b"\x05\0", critical=True)]),
        "its policyMappings cannot be read: tag 0x05 where 0x30 belongs",
    ),
    (
        pki.Options(extra_extensions=[_constraints_with_a_minimum()]),
        "its nameConstraints have minimum or maximum fields, which are not supported",
    ),
]


@pytest.mark.parametrize(("options", "problem"), UNFIT)
def test_an_unfit_intermediate(options: pki.Options, problem: str) -> None:
    ca = pki.make_ca("CA", parent=ROOT, **options)
    result = verify(ca.issue("alice"), anchors=(ROOT,), presented=(ca,))
    assert unfit(result, "CA", problem)


@pytest.mark.parametrize(("options", "problem"), UNFIT)
def test_an_unfit_anchor(options: pki.Options, problem: str) -> None:
    root = pki.make_ca("CA", **options)
    assert unfit(verify(root.issue("alice"), anchors=(root,)), "CA", problem)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (
            pki.Options(extra_extensions=[(x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), b"\5\0"), True)]),
            "its critical extension 1.2.3 is not supported",
        ),
        (pki.Options(not_after=NOW - pki.SECOND), "expired 2026-06-01T11:59:59+00:00"),
        (pki.Options(not_before=NOW + pki.SECOND), "not valid before 2026-06-01T12:00:01+00:00"),
    ],
)
def test_an_unfit_leaf(options: pki.Options, problem: str) -> None:
    assert unfit(verify(ISSUING.issue("alice", **options), anchors=(ROOT,), presented=(ISSUING,)), "alice", problem)


def test_a_ca_of_version_1_is_none() -> None:
    old = pki.make_ca("CA", parent=ROOT, version=1, no_extensions=True)
    assert unfit(verify(old.issue("alice"), anchors=(ROOT,), presented=(old,)), "CA", "it is not an X.509 version 3")


def test_a_ca_without_a_name_is_none() -> None:
    nameless = pki.make_ca(parent=ROOT, subject=x509.Name([]))
    outcome = verify(nameless.issue("alice"), anchors=(ROOT,), presented=(nameless,)).outcome
    assert isinstance(outcome, Fail)
    assert "it has no subject, which a CA must have" in outcome.detail


def test_the_unfit_link_of_the_path_that_exists_is_told_beside_one_that_does_not() -> None:
    stranger = pki.make_ca("CA")
    expired = pki.make_ca("CA", parent=ROOT, not_after=NOW - pki.DAY)
    result = verify(expired.issue("alice"), anchors=(ROOT,), intermediates=(stranger, expired))
    assert unfit(result, "CA", "expired 2026-05-31T12:00:00+00:00")


def test_of_two_paths_the_one_whose_certificates_are_fit_is_told() -> None:
    key = pki.make_ca("CA").key
    expired = pki.make_ca("CA", parent=ROOT, key=key, not_after=NOW - pki.DAY)
    other = pki.make_ca("Other Root", path_length=0)
    deep = pki.make_ca("CA", parent=other, key=key)
    result = verify(deep.issue("alice"), anchors=(ROOT, other), intermediates=(expired, deep))
    assert unfit(result, "Other Root", "its path length allows 0")


def test_of_several_unfit_paths_the_shortest_is_told() -> None:
    first, second = pki.make_ca("First", path_length=0), pki.make_ca("Second", path_length=0)
    key = pki.make_ca("CA").key
    cas = [pki.make_ca("CA", parent=root, key=key) for root in (first, second)]
    middle = pki.make_ca("Middle", parent=first)
    cas.append(pki.make_ca("CA", parent=middle, key=key))
    result = verify(cas[0].issue("alice"), anchors=(first, second), intermediates=(*cas[::-1], middle))
    assert unfit(result, "Second", "its path length allows 0 certificates between it and the leaf, not 1")


def test_the_problem_of_the_leaf_comes_first() -> None:
    root = pki.make_ca("Root", not_after=NOW - pki.DAY)
    leaf = root.issue("alice", not_after=NOW - pki.DAY)
    assert unfit(verify(leaf, anchors=(root,)), "alice", "expired")


def test_a_path_that_is_too_long() -> None:
    chain = [ROOT]
    for number in range(9):
        chain.append(pki.make_ca(f"CA {number}", parent=chain[-1]))
    fine = verify(chain[8].issue("alice"), anchors=(ROOT,), presented=chain[1:9])
    assert len(fine.path) == 10
    expected = "more than 8 CAs stand between 'CN=alice,O=Example' and any anchor, or there are too many paths"
    for presented, configured in ((chain[1:], []), ([], chain[1:])):
        fail = failure(verify(chain[9].issue("alice"), anchors=(ROOT,), presented=presented, intermediates=configured))
        assert fail == Fail(Reason.CHAIN_INVALID, expected)
