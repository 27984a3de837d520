"""What was given where a certificate belongs."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs7, pkcs12

from extauthz.identity.certificate import parse_certificate
from extauthz.identity.diagnosis import diagnose
from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from support import pki
from support.pki import der

CA = pki.make_ca("Issuing CA", key="rsa")
LEAF = CA.issue("alice")
DER, RAW = serialization.Encoding.DER, serialization.NoEncryption()
PKCS8, OLD = serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL
EC_KEY, RSA_KEY = LEAF.key, CA.key
assert isinstance(EC_KEY, ec.EllipticCurvePrivateKey)
assert isinstance(RSA_KEY, rsa.RSAPrivateKey)
REQUEST = x509.CertificateSigningRequestBuilder().subject_name(LEAF.name).sign(EC_KEY, hashes.SHA256())
WHOLE = pkcs12.serialize_key_and_certificates(b"a", EC_KEY, LEAF.cert, None, RAW)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (CA.crl([LEAF]), "a CRL"),
        (CA.crl([], number=None, authority_key=None, version=1), "a CRL"),
        (CA.crl([], this_update=pki.FAR, next_update=None), "a CRL"),
        (REQUEST.public_bytes(DER), "a certificate request"),
        (pki.keys.spki(EC_KEY), "a public key"),
        (pki.keys.spki(RSA_KEY), "a public key"),
        (EC_KEY.private_bytes(DER, PKCS8, RAW), "a private key"),
        (EC_KEY.private_bytes(DER, OLD, RAW), "a private key"),
        (RSA_KEY.private_bytes(DER, PKCS8, RAW), "a private key"),
        (RSA_KEY.private_bytes(DER, OLD, RAW), "a private key"),
        (der.sequence(der.integer(1), der.octets(bytes(32))), "a private key"),
        (der.sequence(der.integer(1), der.octets(bytes(32)), der.context(1, der.bits(b""))), "a private key"),
        (EC_KEY.private_bytes(DER, PKCS8, serialization.BestAvailableEncryption(b"a")), "an encrypted private key"),
        (WHOLE, "a PKCS #12 key store"),
        (der.sequence(der.integer(3), der.sequence()), "a PKCS #12 key store"),
        (pkcs7.serialize_certificates([LEAF.cert], DER), "a PKCS #7 bundle"),
    ],
    ids=[
        "crl",
        "crl_v1",
        "crl_far",
        "request",
        "ec_public_key",
        "rsa_public_key",
        "ec_pkcs8",
        "ec_sec1",
        "rsa_pkcs8",
        "rsa_pkcs1",
        "sec1_bare",
        "sec1_with_public",
        "encrypted_pkcs8",
        "pkcs12",
        "pkcs12_bare",
        "pkcs7",
    ],
)
def test_other_things_are_named(data: bytes, says: str) -> None:
    with pytest.raises(DecodeError) as caught:
        parse_certificate(data)
    assert caught.value.reason is Reason.CERTIFICATE_MALFORMED
    assert caught.value.detail == f"structure: {says} was given where a certificate belongs"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (LEAF.der + b"\0", "1 bytes follow the certificate"),
        (LEAF.der + LEAF.der, f"{len(LEAF.der)} bytes follow the certificate"),
        (LEAF.der[:-1], "not DER: an element is cut off"),
        (LEAF.der[1:], "not DER of a certificate: it does not start with a SEQUENCE"),
        (b"hello world", "not DER: an element is cut off"),
        (b"0", "not DER: an element is cut off"),
        (b"\x30\x80\x00\x00", "not DER: an indefinite or impossible length"),
        (b"\x04\x01a", "not DER of a certificate: it does not start with a SEQUENCE"),
        (b"-----BEGIN CERTIFICATE-----\n", "PEM text was given where DER belongs; decode it first"),
    ],
)
def test_what_is_not_one_element_is_named_too(data: bytes, says: str) -> None:
    with pytest.raises(DecodeError) as caught:
        parse_certificate(data)
    assert caught.value.reason is Reason.CERTIFICATE_MALFORMED
    assert caught.value.detail == f"structure: {says}"


@pytest.mark.parametrize(
    "data",
    [
        der.sequence(),
        der.sequence(der.sequence(), der.sequence(), der.bits(b"")),
        der.sequence(der.sequence(der.integer(1)), der.sequence(), der.bits(b"")),
        der.sequence(der.sequence(*[der.sequence()] * 4), der.sequence(), der.bits(b"")),
        LEAF.der,
    ],
)
def test_nothing_is_said_about_what_cannot_be_told(data: bytes) -> None:
    assert diagnose(data) == ""


def test_the_library_speaks_when_nothing_can_be_told() -> None:
    with pytest.raises(DecodeError) as caught:
        parse_certificate(der.sequence())
    assert caught.value.detail.startswith("structure: ValueError: error parsing asn1 value")
