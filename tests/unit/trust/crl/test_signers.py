"""Who signed a CRL: by name, by key, and only with the right to."""

import pytest
from cryptography import x509

from support import pki
from support.loaded_crls import CA, CANNOT, LEAF, ROOT, cert, load, refused

der = pki.der
NOW = pki.NOW


def test_of_two_keys_with_one_name_the_one_that_signed_is_found() -> None:
    old, new = pki.make_ca("Issuing CA"), pki.make_ca("Issuing CA")
    for signer in (old, new):
        for authority_key in (b"", None, b"\1" * 20):
            crl = load(signer.crl(authority_key=authority_key), old, new)
            assert crl.signers[0].der == signer.der


def test_the_issuer_may_be_encoded_in_another_way() -> None:
    crl = load(CA.crl(issuer_name=pki.name("ISSUING  ca")))
    assert crl.issuer_key == cert(CA).subject_key


def test_an_issuer_that_is_not_configured_is_named() -> None:
    other = pki.make_ca("Other")
    assert refused(other.crl()) == "no certificate at hand has the name of the CRL's issuer, 'CN=Other,O=Example'"


DAMAGED = "the signature does not verify with the key of 'CN=Issuing CA,O=Example': the CRL is damaged or forged"


@pytest.mark.parametrize(
    "crl",
    [
        CA.crl(spoilt_signature=True),
        CA.crl(key=LEAF.key, authority_key=cert(CA).subject_key_id),
        pki.with_bytes_replaced(CA.crl([0x123456]), b"\x12\x34\x56", b"\x12\x34\x57"),
    ],
)
def test_a_signature_that_the_named_key_did_not_make_is_of_a_damaged_or_forged_crl(crl: bytes) -> None:
    assert refused(crl) == DAMAGED


def test_a_signature_of_another_key_is_refused_and_both_keys_are_named() -> None:
    stranger = pki.make_ca("Issuing CA")
    there, here = key_id(stranger), key_id(CA)
    says = "the CRL of 'CN=Issuing CA,O=Example' says that it was signed with the key "
    assert refused(stranger.crl()) == f"{says}{there}; certificates of that name have {here}"
    renewed = pki.make_ca("Issuing CA")
    both = f"{says}{there}; certificates of that name have {here} and {key_id(renewed)}"
    assert refused(stranger.crl(), CA, renewed) == both
    long = refused(stranger.crl(authority_key=b"\1" * 33))
    assert long == f"{says}{'01' * 32}…; certificates of that name have {here}"
    assert refused(stranger.crl(authority_key=b"\1" * 32)) == long.replace("…", "")


def test_without_key_identifiers_only_the_name_can_be_told() -> None:
    expected = (
        "the signature of the CRL of 'CN=Issuing CA,O=Example' verifies with the key of no certificate of that name"
    )
    stranger = pki.make_ca("Issuing CA")
    assert refused(stranger.crl(authority_key=None)) == expected
    assert refused(stranger.crl(), pki.make_ca("Issuing CA", key_ids=False)) == expected


def key_id(one: pki.Leaf) -> str:
    identifier = cert(one).subject_key_id
    assert identifier is not None
    return identifier.hex()


@pytest.mark.parametrize("usage", [("keyCertSign",), ("digitalSignature",), ()])
def test_a_key_that_may_not_sign_crls_is_refused(usage: tuple[str, ...]) -> None:
    ca = pki.make_ca("CA", key_usage=usage)
    expected = "the keyUsage of 'CN=CA,O=Example' does not allow it to sign CRLs (cRLSign is missing)"
    assert refused(ca.crl(), ca) == expected


def test_without_key_usage_a_key_may_sign_crls() -> None:
    ca = pki.make_ca("CA", key_usage=False)
    assert load(ca.crl(), ca).signers[0].der == ca.der


def test_every_certificate_of_the_key_that_may_sign_crls_is_a_signer() -> None:
    without = pki.make_ca("CA", key_usage=("keyCertSign",))
    allowed, renewed = pki.make_ca("CA", key=without.key), pki.make_ca("CA", key=without.key, key_usage=False)
    other = pki.make_ca("CA")
    crl = load(without.crl(), other, without, renewed, allowed, renewed)
    assert [one.der for one in crl.signers] == [renewed.der, allowed.der]


def test_the_signer_that_the_authority_key_identifier_names_is_the_first() -> None:
    plain = pki.make_ca("CA", key_ids=False)
    named = pki.make_ca("CA", key=plain.key)
    assert [one.der for one in load(plain.crl(), plain, named).signers] == [named.der, plain.der]
    assert [one.der for one in load(plain.crl(authority_key=None), plain, named).signers] == [plain.der, named.der]


def test_a_certificate_that_is_no_ca_may_sign_crls() -> None:
    signer = pki.make_ca("Issuing CA", parent=ROOT, ca=False, key_usage=("cRLSign",))
    assert [one.der for one in load(signer.crl(), CA, signer).signers] == [signer.der]


def test_a_weak_hash_is_refused_by_name() -> None:
    ca = pki.make_ca("CA", key="rsa")
    sha256, sha1 = (der.oid(f"1.2.840.113549.1.1.{number}") for number in (11, 5))
    crl = pki.with_bytes_replaced(ca.crl(), sha256, sha1)
    assert refused(crl, ca) == "the CRL of 'CN=CA,O=Example' is signed with sha1, which is too weak to be accepted"


@pytest.mark.parametrize(
    "oid",
    [
        pytest.param("1.2.3.4", id="unknown"),
        pytest.param("2.16.840.1.101.3.4.3.2", id="DSA"),
        pytest.param("1.2.840.113549.1.1.10", id="PSS without its parameters"),
    ],
)
def test_a_signature_algorithm_that_is_not_supported_is_named(oid: str) -> None:
    algorithm = der.sequence(der.oid(oid))
    tbs = der.sequence(der.integer(1), algorithm, CA.name.public_bytes(), der.time(NOW))
    crl = der.sequence(tbs, algorithm, der.tlv(der.BIT_STRING, b"\0" + bytes(64)))
    expected = f"the CRL of 'CN=Issuing CA,O=Example' is signed with {oid}, an algorithm that is not supported"
    assert refused(crl) == expected


def test_eddsa_needs_no_hash_and_a_spoilt_signature_of_it_is_damage() -> None:
    ca = pki.make_ca("CA", key="ed25519")
    assert load(ca.crl(), ca).signers[0].der == ca.der
    assert "the CRL is damaged or forged" in refused(ca.crl(spoilt_signature=True), ca)


def test_a_signature_with_unused_bits_is_refused() -> None:
    """The library verifies it all the same."""
    found = x509.load_der_x509_crl(CA.crl())
    even = found.signature[:-1] + bytes((found.signature[-1] & 0xFE,))
    spoilt = der.sequence(found.tbs_certlist_bytes, pki.keys.ECDSA_SHA256, der.tlv(der.BIT_STRING, b"\1" + even))
    assert refused(spoilt) == f"{CANNOT}a signature that is not made of whole octets"


def test_a_crl_names_a_long_issuer_shortly() -> None:
    long = pki.make_ca("x" * 5_000)
    assert len(str(load(long.crl(), long))) < 400
