"""One CRL: verified before it counts, and then all there."""

import hashlib
import mmap
import warnings
from collections.abc import Iterable
from pathlib import Path

import pytest
from cryptography import x509

from extauthz.identity.certificate import parse_certificate
from extauthz.trust.crl.index import RevokedEntry
from extauthz.trust.crl.load import CrlError, load_crl
from support import pki
from support.distribution_points import freshest_crl
from support.loaded_crls import CA, CANNOT, LEAF, ROOT, cert, load, refused

der = pki.der
NOW = pki.NOW


def test_a_sound_crl_is_all_there() -> None:
    data = CA.crl([(LEAF, "keyCompromise"), 0x77], number=9, revocation_date=NOW - pki.DAY)
    crl = load(data)
    assert crl.issuer_dn == "CN=Issuing CA,O=Example"
    assert crl.issuer_key == cert(CA).subject_key
    assert crl.signers[0].der == CA.der
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
    assert "the CRL is damaged or forged" in refused(ca.crl([1], spoilt_signature=True), ca)


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


# -- what it may not say ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("extension", "problem"),
    [
        (der.extension("1.2.3", b"\5\0", critical=True), "it has the critical extension 1.2.3, which is not supported"),
        ((x509.IssuerAlternativeName([x509.DNSName("a.example")]), True), "the critical extension 2.5.29.18"),
        (freshest_crl([pki.distribution_point("http://crl.example/delta")], critical=True), "extension 2.5.29.46"),
        (pki.scope(only_user_certs=True, only_ca_certs=True), "Only one of the following can be set to True"),
    ],
)
def test_a_crl_with_another_meaning_is_not_used(extension: pki.ExtensionSpec, problem: str) -> None:
    said = refused(CA.crl([LEAF], extra_extensions=[extension]))
    assert said.startswith(CANNOT)
    assert problem in said


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
    assert load(CA.crl(authority_key=None, extra_extensions=[extension])).signers[0].der == CA.der


def test_an_entry_that_cannot_be_read_spoils_the_crl() -> None:
    crl = CA.crl([LEAF, (0x99, "removeFromCRL")])
    expected = "the CRL of 'CN=Issuing CA,O=Example' cannot be used: an entry has the reason removeFromCRL"
    assert refused(crl).startswith(expected)


def test_an_unknown_critical_entry_extension_still_revokes() -> None:
    unknown = der.extension("1.2.3", b"\5\0", critical=True)
    crl = load(CA.crl([0x42], entry_extensions={0x42: [unknown]}))
    assert crl.entries.find(0x42) is not None


def test_the_signature_is_checked_before_the_content() -> None:
    both_wrong = CA.crl([(LEAF, "removeFromCRL")], spoilt_signature=True)
    assert "the CRL is damaged or forged" in refused(both_wrong)


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


# -- every kind of CRL ------------------------------------------------------------------------------------------------
def test_a_delta_crl_loads() -> None:
    crl = load(CA.crl([(LEAF, "removeFromCRL")], number=8, base_number=7))
    assert (crl.is_delta, crl.number, crl.base_number) == (True, 8, 7)
    assert crl.find(LEAF.serial, cert(LEAF).issuer_key) == RevokedEntry("removeFromCRL", NOW - 2 * pki.HOUR)
    assert str(crl).startswith("delta CRL of 'CN=Issuing CA,O=Example', number 8, ")
    assert load(CA.crl()).is_delta is False


def test_an_indirect_crl_lists_certificates_by_issuer() -> None:
    other = pki.make_ca("Other")
    foreign = other.issue("bob", serial=LEAF.serial)
    crl = load(CA.crl([pki.listed(foreign, "superseded", issuer=other.name)], scope=pki.scope(indirect=True)))
    assert crl.scope.indirect
    assert crl.find(LEAF.serial, cert(LEAF).issuer_key) is None
    assert crl.find(foreign.serial, cert(foreign).issuer_key) == RevokedEntry("superseded", NOW - 2 * pki.HOUR)


def test_a_direct_crl_says_nothing_of_other_issuers() -> None:
    crl = load(CA.crl([LEAF]))
    assert crl.find(LEAF.serial, cert(ROOT).subject_key) is None
    assert "which only an indirect CRL may do" in refused(CA.crl([pki.listed(LEAF, issuer=ROOT.name)]))


def test_a_limited_crl_loads_and_says_so() -> None:
    scope = load(CA.crl(scope=pki.scope(full_names=["http://crl.example/1"], reasons=["keyCompromise"]))).scope
    assert scope.names == frozenset({"uri:http://crl.example/1"})
    assert scope.only_some_reasons == frozenset({"keyCompromise"})


# -- where it comes from and where the index goes ---------------------------------------------------------------------
def test_a_crl_is_read_from_a_mapped_file_which_can_then_be_closed(tmp_path: Path) -> None:
    data = CA.crl([LEAF, 5])
    file = tmp_path / "ca.crl"
    file.write_bytes(data)
    with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        crl = load_crl(mapped, [cert(CA)])
        with pytest.raises(CrlError, match="has the name"):
            load_crl(mapped, [cert(ROOT)])
    assert (len(crl.entries), crl.size, crl.sha256) == (2, len(data), hashlib.sha256(data).digest())
    assert list(load_crl(memoryview(data), [cert(CA)]).entries) == list(crl.entries)


def test_the_index_can_be_put_elsewhere() -> None:
    parts: list[bytes] = []

    def keep(found: Iterable[bytes | bytearray]) -> bytes:
        parts.extend(bytes(one) for one in found)
        return b"".join(parts)

    crl = load_crl(CA.crl([LEAF, 5]), [cert(CA)], keep=keep)
    assert bytes(crl.entries.buffer) == b"".join(parts)
    assert crl.entries.find(5) is not None
