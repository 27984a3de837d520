"""Signatures: the right key says yes, everything else says no, and nothing raises."""

from collections.abc import Callable

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from extauthz.identity.certificate import parse_certificate
from extauthz.trust.signatures import is_signed_by, signature_verifies
from support import pki

KINDS = ("ec", "ec384", "ec521", "rsa", "ed25519", "ed448")


def signed_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    child, parent = (parse_certificate(one.public_bytes(Encoding.DER)) for one in (certificate, issuer))
    return is_signed_by(child, parent)


@pytest.mark.parametrize("kind", KINDS)
def test_only_the_issuers_key_verifies(kind: str) -> None:
    ca, other = pki.make_ca("CA", key=kind), pki.make_ca("Other", key=kind)
    leaf = ca.issue("alice")
    assert signed_by(leaf.cert, ca.cert)
    assert not signed_by(leaf.cert, other.cert)
    assert not signed_by(ca.issue("alice", spoilt_signature=True).cert, ca.cert)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("other", KINDS)
def test_a_key_of_another_kind_verifies_nothing(kind: str, other: str) -> None:
    if kind[:2] != other[:2] or kind in {"ed25519", "ed448"}:
        signed = pki.make_ca("CA", key=kind).issue("alice")
        stranger = pki.make_ca("Stranger", key=other)
        assert not signed_by(signed.cert, stranger.cert)


@pytest.mark.parametrize("kind", ["ed25519", "ed448"])
@pytest.mark.parametrize("named", ["2.16.840.1.101.3.4.3.2", "1.3.101.112", "1.3.101.113"])
def test_an_edwards_key_verifies_nothing_under_the_name_of_another_algorithm(kind: str, named: str) -> None:
    own = {"ed25519": "1.3.101.112", "ed448": "1.3.101.113"}[kind]
    algorithm = pki.der.sequence(pki.der.oid(named))
    ca = pki.make_ca("CA", key=kind)
    leaf = ca.issue("alice", inner_algorithm=algorithm, outer_algorithm=algorithm)
    assert signed_by(leaf.cert, ca.cert) is (named == own)


def test_other_bytes_than_the_signed_ones_do_not_verify() -> None:
    ca = pki.make_ca()
    leaf = ca.issue("alice")
    tbs = leaf.cert.tbs_certificate_bytes
    assert signature_verifies(leaf.cert, memoryview(tbs), ca.cert)
    assert not signature_verifies(leaf.cert, tbs + b"\0", ca.cert)


def test_dsa_is_not_supported() -> None:
    ca = pki.make_ca("CA", key="dsa")
    assert not signed_by(ca.issue("alice").cert, ca.cert)


@pytest.mark.parametrize(
    "algorithm",
    [
        pki.der.sequence(pki.der.oid("1.2.3.4")),
        pki.der.sequence(pki.der.oid("1.2.840.113549.1.1.10")),  # RSA-PSS without its parameters
        pki.der.sequence(pki.der.oid("1.2.840.113549.1.1.2"), b"\5\0"),  # MD2
    ],
)
def test_an_algorithm_that_the_library_does_not_know_is_not_signed(algorithm: bytes) -> None:
    ca = pki.make_ca("CA", key="rsa")
    leaf = ca.issue("alice", inner_algorithm=algorithm, outer_algorithm=algorithm)
    assert not signed_by(leaf.cert, ca.cert)


def test_pss() -> None:
    ca = pki.make_ca("CA", key="rsa")
    assert isinstance(ca.key, rsa.RSAPrivateKey)
    builder = x509.CertificateBuilder(ca.name, pki.name("alice"), ca.key.public_key(), 1, pki.NOW, pki.FAR)
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
    assert signed_by(builder.sign(ca.key, hashes.SHA256(), rsa_padding=pss), ca.cert)


def test_weak_hashes_still_verify_because_the_strength_is_judged_elsewhere(
    issue_with_sha1: Callable[[pki.Authority], pki.Leaf],
) -> None:
    ca = pki.make_ca("CA", key="rsa")
    leaf = issue_with_sha1(ca)
    assert leaf.cert.signature_hash_algorithm is not None
    assert leaf.cert.signature_hash_algorithm.name == "sha1"
    assert signed_by(leaf.cert, ca.cert)
