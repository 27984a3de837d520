"""Weak signatures and keys are refused for reasons of their own; anchors are trusted for their key alone."""

from collections.abc import Callable
from typing import Unpack

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from extauthz.model.outcome import Fail
from extauthz.model.reason import Reason
from extauthz.trust.chain.algorithms import AlgorithmPolicy, ca_key_flaw, signature_flaw
from support import pki
from support.chains import failure, link, passes, unfit, verify

ROOT = pki.make_ca("Root")
WEAK_RSA = rsa.generate_private_key(65537, 1024)  # noqa: S505  (weak on purpose)
LOWER_KEY = ec.generate_private_key(ec.SECP256R1())
WEAK = AlgorithmPolicy(unsafe_sha1=True, min_rsa_bits=1024)


def test_a_signature_with_a_weak_hash(issue_with_sha1: Callable[[pki.Authority], pki.Leaf]) -> None:
    root = pki.make_ca("Root", key="rsa")
    result = verify(leaf := issue_with_sha1(root), anchors=(root,))
    problem = "it is signed with sha1, which is too weak to be accepted"
    assert unfit(result, "alice", problem, Reason.SIGNATURE_TOO_WEAK)
    assert passes(verify(leaf, anchors=(root,), algorithms=WEAK), "alice", "Root")


def test_an_intermediate_that_is_signed_with_a_weak_hash(issue_with_sha1: Callable[[pki.Authority], pki.Leaf]) -> None:
    root = pki.make_ca("Root", key="rsa")
    certified = issue_with_sha1(_CaMaker(root.der, root.key, root.serial, None))
    weak = pki.Authority(certified.der, LOWER_KEY, certified.serial, None)
    leaf = weak.issue("bob")
    result = verify(leaf, anchors=(root,), presented=(weak,))
    assert unfit(result, "alice", "it is signed with sha1", Reason.SIGNATURE_TOO_WEAK)
    assert passes(verify(leaf, anchors=(weak,)), "bob", "alice")


class _CaMaker(pki.Authority):
    """Issues CAs where leaves are asked for."""

    def issue(self, common_name: str | None = "client", **options: Unpack[pki.Options]) -> pki.Leaf:
        options["key"] = LOWER_KEY
        return pki.make_ca(common_name, parent=self, **options)


def test_a_weak_ca_key() -> None:
    weak = pki.make_ca("CA", key=WEAK_RSA)
    leaf = weak.issue("alice")
    result = verify(leaf, anchors=(weak,))
    assert unfit(result, "CA", "its RSA key has 1024 bits, less than 2048", Reason.KEY_TOO_WEAK)
    assert passes(verify(leaf, anchors=(weak,), algorithms=WEAK), "alice", "CA")
    intermediate = pki.make_ca("CA", parent=ROOT, key=WEAK_RSA)
    result = verify(intermediate.issue("alice"), anchors=(ROOT,), presented=(intermediate,))
    assert unfit(result, "CA", "its RSA key has 1024 bits", Reason.KEY_TOO_WEAK)


def test_more_bits_can_be_asked_for() -> None:
    root = pki.make_ca("CA", key="rsa")
    result = verify(root.issue("alice"), anchors=(root,), algorithms=AlgorithmPolicy(min_rsa_bits=2049))
    assert unfit(result, "CA", "its RSA key has 2048 bits, less than 2049", Reason.KEY_TOO_WEAK)


def test_a_curve_that_is_not_accepted_for_a_ca() -> None:
    odd = pki.make_ca("CA", key=ec.generate_private_key(ec.SECP256K1()))
    problem = "its key (secp256k1) is of a kind that is not accepted for a CA"
    assert unfit(verify(odd.issue("alice"), anchors=(odd,)), "CA", problem, Reason.KEY_TOO_WEAK)


def test_a_dsa_key_makes_no_ca() -> None:
    flaw = ca_key_flaw(link(pki.make_ca("CA", key="dsa")), AlgorithmPolicy())
    assert flaw is not None
    assert flaw.text == "its key (dsa) is of a kind that is not accepted for a CA"


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        (WEAK_RSA, "its RSA key has 1024 bits, less than 2048"),
        (ec.generate_private_key(ec.SECP192R1()), "its curve secp192r1 has 192 bits, less than 224"),
    ],
)
def test_a_weak_key_of_a_leaf(key: pki.keys.PrivateKey, problem: str) -> None:
    result = verify(ROOT.issue("alice", key=key), anchors=(ROOT,))
    assert unfit(result, "alice", problem, Reason.KEY_TOO_WEAK)


@pytest.mark.parametrize("key", ["dsa", "ed448", "ec521", ec.generate_private_key(ec.SECP256K1())])
def test_the_key_of_a_leaf_may_be_of_any_kind(key: str | pki.keys.PrivateKey) -> None:
    assert passes(verify(ROOT.issue("alice", key=key), anchors=(ROOT,)), "alice", "Root")


def test_a_signature_of_a_kind_that_cannot_be_checked_leads_nowhere() -> None:
    root = pki.make_ca("Root", key="dsa")
    detail = (
        "the key of 'CN=Root,O=Example', which has to verify 'CN=alice,O=Example', is of a kind (dsa) not supported"
    )
    assert failure(verify(root.issue("alice"), anchors=(root,))) == Fail(Reason.SIGNATURE_TOO_WEAK, detail)
    namesake = pki.make_ca("Root")
    fail = failure(verify(root.issue("alice", key_ids=False), anchors=(root, namesake)))
    assert fail.reason is Reason.UNTRUSTED_ISSUER


@pytest.mark.parametrize(
    "algorithm",
    [
        pki.der.sequence(pki.der.oid("1.2.3.4")),
        pki.der.sequence(pki.der.oid("1.2.840.113549.1.1.10")),  # RSA-PSS without its parameters
    ],
)
def test_an_algorithm_that_nobody_knows_is_not_signed_and_not_sound(algorithm: bytes) -> None:
    root = pki.make_ca("Root", key="rsa")
    leaf = root.issue("alice", inner_algorithm=algorithm, outer_algorithm=algorithm)
    assert failure(verify(leaf, anchors=(root,))).reason is Reason.UNTRUSTED_ISSUER
    flaw = signature_flaw(link(leaf), WEAK)
    assert flaw is not None
    assert flaw.text == "it is signed with an algorithm that is not known"
