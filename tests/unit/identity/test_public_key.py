"""The kind of key."""

import hashlib

import pytest

from extauthz.identity.certificate import parse_certificate
from extauthz.model.errors import DecodeError
from extauthz.model.identity import PublicKeyInfo
from extauthz.model.reason import Reason
from support import pki
from support.pki import der

CA = pki.make_ca("Issuing CA")


@pytest.mark.parametrize(
    ("kind", "info"),
    [
        ("ec", PublicKeyInfo("ec", curve="secp256r1")),
        ("ec384", PublicKeyInfo("ec", curve="secp384r1")),
        ("ec521", PublicKeyInfo("ec", curve="secp521r1")),
        ("rsa", PublicKeyInfo("rsa", bits=2048)),
        ("dsa", PublicKeyInfo("dsa", bits=2048)),
        ("ed25519", PublicKeyInfo("ed25519")),
        ("ed448", PublicKeyInfo("ed448")),
    ],
)
def test_known_kinds(kind: str, info: PublicKeyInfo) -> None:
    leaf = CA.issue(key=kind)
    certificate = parse_certificate(leaf.der)
    assert certificate.identity.key == info
    assert certificate.spki_sha256 == leaf.spki_sha256


@pytest.mark.parametrize(
    ("algorithm", "oid"),
    [
        pytest.param(der.sequence(der.oid("1.2.643.7.1.1.1.1"), der.sequence()), "1.2.643.7.1.1.1.1", id="gost"),
        pytest.param(der.sequence(der.oid("1.2.3.4.5")), "1.2.3.4.5", id="made_up"),
        pytest.param(der.sequence(der.oid("1.3.101.110")), "1.3.101.110", id="x25519"),
    ],
)
def test_other_kinds_are_named_by_oid_and_pinned_by_their_bytes(algorithm: bytes, oid: str) -> None:
    spki = der.sequence(algorithm, der.bits(bytes(range(32))))
    certificate = parse_certificate(CA.issue(raw_spki=spki).der)
    assert certificate.identity.key == PublicKeyInfo(f"unknown:{oid}")
    assert certificate.spki_sha256 == hashlib.sha256(spki).digest()


@pytest.mark.parametrize(
    "spki",
    [
        pytest.param(
            der.sequence(
                der.sequence(der.oid("1.2.840.10045.2.1"), der.oid("1.2.840.10045.3.1.7")),
                der.bits(b"\x04" + bytes(64)),
            ),
            id="point_off_the_curve",
        ),
        pytest.param(
            der.sequence(der.sequence(der.oid("1.2.840.113549.1.1.1"), der.tlv(der.NULL, b"")), der.bits(b"\x30\x00")),
            id="rsa_without_numbers",
        ),
    ],
)
def test_a_broken_key_refuses_the_certificate(spki: bytes) -> None:
    with pytest.raises(DecodeError) as caught:
        parse_certificate(CA.issue(raw_spki=spki).der)
    assert caught.value.reason is Reason.CERTIFICATE_MALFORMED
    assert caught.value.detail.startswith("public key: ")
