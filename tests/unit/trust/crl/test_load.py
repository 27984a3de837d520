"""One CRL: verified before it counts, and refused whole with a sentence."""

import hashlib
import warnings

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from extauthz.identity.certificate import Certificate, parse_certificate
from extauthz.trust.crl import load as crl_module
from extauthz.trust.crl.load import Crl, CrlError, load_crl
from support import pki

der = pki.der
NOW = pki.NOW
ROOT = pki.make_ca("Root")
CA = pki.make_ca("Issuing CA", parent=ROOT)
LEAF = CA.issue("alice")


def cert(one: pki.Leaf) -> Certificate:
    return parse_certificate(one.der)


PRIVATE_KEY = CA.key.private_bytes(
    serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
)


def load(crl: bytes, *issuers: pki.Leaf) -> Crl:
    return load_crl(crl, [cert(one) for one in issuers or (ROOT, CA)])


def refused(crl: bytes, *issuers: pki.Leaf) -> str:
    with pytest.raises(CrlError) as caught:
        load(crl, *issuers)
    return str(caught.value)


def test_a_sound_crl_is_all_there() -> None:
    data = CA.crl([(LEAF, "keyCompromise"), 0x77], number=9, revocation_date=NOW - pki.DAY)
    crl = load(data)
    assert crl.issuer_dn == "CN=Issuing CA,O=Example"
    assert crl.issuer_key == cert(CA).subject_key
    assert crl.signer.der == CA.der
    assert crl.number == 9
    assert crl.this_update == NOW - pki.HOUR
    assert crl.next_update == NOW + pki.DAY
    assert crl.sha256 == hashlib.sha256(data).digest()
    assert len(crl.entries) == 2
    entry = crl.entries.find(LEAF.serial)
    assert entry is not None
    assert (entry.reason, entry.date) == ("keyCompromise", NOW - pki.DAY)
    assert crl.entries.find(0x78) is None


def test_a_crl_says_what_it_is() -> None:
    text = "CRL of 'CN=Issuing CA,O=Example', number 9, of 2026-06-01T11:00:00+00:00, next 2026-06-02T12:00:00+00:00"
    assert str(load(CA.crl(number=9))) == text
    text = (
        "CRL of 'CN=Issuing CA,O=Example', without a number, of 2026-06-01T11:00:00+00:00, with no next one announced"
    )
    assert str(load(CA.crl(number=None, next_update=None))) == text


@pytest.mark.parametrize("kind", ["ec", "ec384", "ec521", "rsa", "ed25519", "ed448"])
def test_crls_of_every_usual_key(kind: str) -> None:
    ca = pki.make_ca("CA", key=kind)
    assert load(ca.crl([1]), ca).entries.find(1) is not None
    assert "has the key that signed the CRL" in refused(ca.crl([1], spoilt_signature=True), ca)


def test_the_newer_of_two_crls_has_the_greater_age() -> None:
    crls_by_age = [
        CA.crl(this_update=NOW - pki.DAY, number=5),
        CA.crl(this_update=NOW, number=None),
        CA.crl(this_update=NOW, number=1),
        CA.crl(this_update=NOW, number=2),
    ]
    ages = [load(one).age for one in crls_by_age]
    assert ages == sorted(ages)


def test_a_minimal_crl_without_extensions_loads() -> None:
    assert load(CA.crl([5], number=None, authority_key=None, version=1)).entries.find(5) is not None


@pytest.mark.parametrize("next_update", [pki.FAR, NOW])
def test_both_forms_of_time(next_update: object) -> None:
    assert load(CA.crl(next_update=next_update)).next_update == next_update  # type: ignore[arg-type]  # two datetimes


# -- which key signed it ---------------------------------------------------------------------------------------------
def test_of_two_keys_with_one_name_the_one_that_signed_is_found() -> None:
    old, new = pki.make_ca("Issuing CA"), pki.make_ca("Issuing CA")
    for signer in (old, new):
        for authority_key in (b"", None, b"\1" * 20):
            crl = load(signer.crl(authority_key=authority_key), old, new)
            assert crl.signer.der == signer.der


def test_the_issuer_may_be_encoded_in_another_way() -> None:
    crl = load(CA.crl(issuer_name=pki.name("ISSUING  ca")))
    assert crl.issuer_key == cert(CA).subject_key


def test_an_issuer_that_is_not_configured_is_named() -> None:
    other = pki.make_ca("Other")
    assert refused(other.crl()) == "no configured certificate has the name of the CRL's issuer, 'CN=Other,O=Example'"


@pytest.mark.parametrize("crl", [CA.crl(spoilt_signature=True), CA.crl(key=LEAF.key), pki.make_ca("Issuing CA").crl()])
def test_a_signature_of_another_key_is_refused_and_the_issuer_named(crl: bytes) -> None:
    expected = "no configured certificate of 'CN=Issuing CA,O=Example' has the key that signed the CRL"
    assert refused(crl) == expected


def test_a_changed_entry_spoils_the_signature() -> None:
    crl = CA.crl([0x123456])
    assert "has the key that signed the CRL" in refused(pki.with_bytes_replaced(crl, b"\x12\x34\x56", b"\x12\x34\x57"))


@pytest.mark.parametrize("usage", [("keyCertSign",), ("digitalSignature",), ()])
def test_a_key_that_may_not_sign_crls_is_refused(usage: tuple[str, ...]) -> None:
    ca = pki.make_ca("CA", key_usage=usage)
    expected = "the keyUsage of 'CN=CA,O=Example' does not allow it to sign CRLs (cRLSign is missing)"
    assert refused(ca.crl(), ca) == expected


def test_without_key_usage_a_key_may_sign_crls() -> None:
    ca = pki.make_ca("CA", key_usage=False)
    assert load(ca.crl(), ca).signer.der == ca.der


def test_one_certificate_of_the_key_that_may_sign_crls_is_enough() -> None:
    without = pki.make_ca("CA", key_usage=("keyCertSign",))
    allowed = pki.make_ca("CA", key=without.key)
    assert load(without.crl(), without, allowed).signer.der == allowed.der


def test_a_weak_hash_is_refused_by_name() -> None:
    ca = pki.make_ca("CA", key="rsa")
    sha256, sha1 = (der.oid(f"1.2.840.113549.1.1.{number}") for number in (11, 5))
    crl = pki.with_bytes_replaced(ca.crl(), sha256, sha1)
    assert refused(crl, ca) == "the CRL of 'CN=CA,O=Example' is signed with sha1, which is too weak to be accepted"


def test_an_unknown_signature_algorithm_verifies_with_no_key() -> None:
    ca = pki.make_ca("CA", key="rsa")
    crl = pki.with_bytes_replaced(ca.crl(), der.oid("1.2.840.113549.1.1.11"), der.oid("1.2.840.113549.1.1.99"))
    assert "has the key that signed the CRL" in refused(crl, ca)


def test_a_signature_with_unused_bits_is_refused() -> None:
    """The library verifies it all the same."""
    found = x509.load_der_x509_crl(CA.crl())
    even = found.signature[:-1] + bytes((found.signature[-1] & 0xFE,))
    spoilt = der.sequence(found.tbs_certlist_bytes, pki.keys.ECDSA_SHA256, der.tlv(der.BIT_STRING, b"\1" + even))
    assert refused(spoilt) == "the CRL cannot be read (a signature that is not made of whole octets)"


def test_a_crl_names_a_long_issuer_shortly() -> None:
    long = pki.make_ca("x" * 5_000)
    assert len(str(load(long.crl(), long))) < 400


# -- what it is not --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "the CRL is empty"),
        (b"junk", "the CRL cannot be read (an element is cut off)"),
        (b"\x04\0", "the CRL cannot be read (tag 0x04 where 0x30 belongs)"),
        (b"\x30\x80\0\0", "the CRL cannot be read"),
        (b"\x30\x02\5\0", "the CRL cannot be read (tag 0x05 where 0x30 belongs)"),
        (b"\x30\x02\x30\0", "the CRL cannot be read (an element is cut off)"),
        (der.sequence(der.sequence(), der.sequence(), der.bits(b"")), "the CRL cannot be read (ValueError: "),
        (CA.crl()[:-1], "the CRL cannot be read (an element is cut off)"),
        (CA.crl() + b"\0", "1 bytes follow the end of the CRL"),
        (CA.crl() + CA.crl(), "bytes follow the end of the CRL"),
        (CA.der, "a certificate was given where a CRL belongs"),
        pytest.param(pki.keys.spki(CA.key), "a public key was given where a CRL belongs", id="public_key"),
        pytest.param(PRIVATE_KEY, "a private key was given where a CRL belongs", id="private_key"),
        (pki.pem_crl(CA.crl()), "the CRL is PEM where DER is expected"),
        (b"\n" + CA.pem, "the CRL is PEM where DER is expected"),
        (CA.crl(outer_algorithm=pki.keys.RSA_SHA256), "the CRL cannot be read (ValueError: Inner and outer"),
        (CA.crl(version=3), "the CRL cannot be read (InvalidVersion: "),
    ],
)
def test_what_is_not_a_crl_is_refused_with_a_sentence(data: bytes, problem: str) -> None:
    assert problem in refused(data)


class PanicException(BaseException):
    """What the library raises when it breaks down."""


def test_a_panic_of_the_library_is_a_sentence_and_the_end_of_the_program_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def break_down(_data: bytes) -> None:
        raise PanicException

    def interrupt(_data: bytes) -> None:
        raise KeyboardInterrupt

    crl = CA.crl()
    monkeypatch.setattr(x509, "load_der_x509_crl", break_down)
    assert refused(crl) == "the CRL cannot be read (PanicException)"
    monkeypatch.setattr(x509, "load_der_x509_crl", interrupt)
    with pytest.raises(KeyboardInterrupt):
        load(crl)


def test_a_crl_of_more_than_the_bound_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = CA.crl()
    monkeypatch.setattr(crl_module, "MAX_CRL_BYTES", len(data))
    assert load(data).number == 1
    monkeypatch.setattr(crl_module, "MAX_CRL_BYTES", len(data) - 1)
    assert refused(data) == f"the CRL has {len(data)} bytes; at most {len(data) - 1} are read"


# -- what it may not say ---------------------------------------------------------------------------------------------
def _idp(**only: bool) -> x509.IssuingDistributionPoint:
    flags = {
        "only_contains_user_certs": False,
        "only_contains_ca_certs": False,
        "indirect_crl": False,
        "only_contains_attribute_certs": False,
    } | only
    where = None if any(only.values()) else [x509.UniformResourceIdentifier("http://crl.example/1")]
    return x509.IssuingDistributionPoint(
        full_name=where,
        relative_name=None,
        only_some_reasons=None,
        **flags,
    )


@pytest.mark.parametrize(
    ("extension", "problem"),
    [
        ((x509.DeltaCRLIndicator(1), True), "this is a delta CRL"),
        ((x509.DeltaCRLIndicator(1), False), "this is a delta CRL"),
        ((_idp(), True), "covers only some certificates"),
        ((_idp(), False), "covers only some certificates"),
        ((_idp(indirect_crl=True), True), "covers only some certificates"),
        ((_idp(only_contains_user_certs=True), True), "covers only some certificates"),
        (der.extension("1.2.3", b"\5\0", critical=True), "the critical extension 1.2.3, which is not supported"),
        ((x509.IssuerAlternativeName([x509.DNSName("a.example")]), True), "the critical extension 2.5.29.18"),
    ],
)
def test_a_crl_with_another_meaning_is_not_used(extension: pki.ExtensionSpec, problem: str) -> None:
    assert problem in refused(CA.crl([LEAF], extra_extensions=[extension]))


@pytest.mark.parametrize(
    "extension",
    [
        der.extension("1.2.3", b"\5\0"),
        (x509.IssuerAlternativeName([x509.DNSName("a.example")]), False),
        (
            x509.FreshestCRL(
                [x509.DistributionPoint([x509.UniformResourceIdentifier("http://crl.example/delta")], None, None, None)]
            ),
            False,
        ),
    ],
)
def test_other_extensions_change_nothing(extension: pki.ExtensionSpec) -> None:
    assert load(CA.crl([LEAF], extra_extensions=[extension])).entries.find(LEAF.serial) is not None


def test_critical_extensions_that_are_processed_are_accepted() -> None:
    critical = [(x509.CRLNumber(5), True), (x509.AuthorityKeyIdentifier(b"\1", None, None), True)]
    assert load(CA.crl(number=None, authority_key=None, extra_extensions=critical)).number == 5


def test_an_authority_key_identifier_without_a_key_identifier_is_no_hint_and_no_harm() -> None:
    names = [x509.DirectoryName(ROOT.name)]
    extension = x509.AuthorityKeyIdentifier(None, names, 7)
    assert load(CA.crl(authority_key=None, extra_extensions=[extension])).signer.der == CA.der


def test_an_entry_that_cannot_be_read_spoils_the_crl() -> None:
    crl = CA.crl([LEAF, (0x99, "removeFromCRL")])
    expected = "the CRL of 'CN=Issuing CA,O=Example' cannot be used: an entry has the reason removeFromCRL"
    assert refused(crl).startswith(expected)


def test_an_unknown_critical_entry_extension_still_revokes() -> None:
    unknown = der.extension("1.2.3", b"\5\0", critical=True)
    crl = load(CA.crl([0x42], entry_extensions={0x42: [unknown]}))
    assert crl.entries.find(0x42) is not None


def test_the_signature_is_checked_before_the_content() -> None:
    both_wrong = CA.crl([(LEAF, "removeFromCRL")], extra_extensions=[(_idp(), True)], spoilt_signature=True)
    assert "has the key that signed the CRL" in refused(both_wrong)


def test_a_reading_of_random_bytes_ends_in_a_sentence() -> None:
    crl = CA.crl([LEAF, (7, "superseded")])
    for at in range(0, len(crl), 3):
        broken = crl[:at] + bytes((crl[at] ^ 0xFF,)) + crl[at + 1 :]
        assert refused(broken)


def test_odd_names_do_not_warn() -> None:
    odd = pki.make_ca("CA", subject=x509.Name([x509.NameAttribute(x509.NameOID.COUNTRY_NAME, "X", _validate=False)]))
    assert load(odd.crl(), odd).issuer_dn == "C=X"


def test_a_crl_whose_extensions_make_the_library_warn_does_not_write_to_the_log(
    recwarn: pytest.WarningsRecorder,
) -> None:
    """An authority key identifier may carry a serial number, and the library warns of one that is not positive."""
    name = pki.der.context(4, CA.name.public_bytes())
    serial = pki.der.context(2, b"\xff", constructed=False)
    identifier = pki.der.extension("2.5.29.35", pki.der.sequence(pki.der.context(1, name), serial))
    warnings.simplefilter("always")
    load_crl(CA.crl(authority_key=None, extra_extensions=[identifier]), [parse_certificate(CA.der)])
    assert len(recwarn) == 0
