import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from extauthz.demo.authority import Authority
from extauthz.demo.dev_pki import (
    SPIFFE_ID,
    DevPki,
    DirectoryNotEmptyError,
    crl_pem,
    make_dev_pki,
    replace_file,
    write_dev_pki,
)
from extauthz.identity.certificate import parse_certificate
from extauthz.identity.profile import profile
from extauthz.model.identity import CertIdentity, Kind

NOW = datetime(2026, 11, 23, 12, 0, 0, 500, tzinfo=UTC)


@pytest.fixture(scope="module")
def pki() -> DevPki:
    return make_dev_pki(NOW, days=10)


def certificate(pki: DevPki, name: str) -> x509.Certificate:
    return pki.clients[name].credential.certificate


GOOD = (
    *("alice", "carol", "ops", "pinned", "spiffe", "no-san", "odd-name", "revoked"),
    *("piv", "piv-card", "piv-lost", "cac-impostor"),
)


@pytest.mark.parametrize("name", GOOD)
def test_good_clients_are_signed_by_the_issuing_ca_and_valid_now(pki: DevPki, name: str) -> None:
    leaf = certificate(pki, name)
    leaf.verify_directly_issued_by(pki.issuing.credential.certificate)
    assert leaf.not_valid_before_utc < NOW < leaf.not_valid_after_utc
    assert leaf.not_valid_after_utc == NOW.replace(microsecond=0) + timedelta(days=10)


def test_the_issuing_ca_is_signed_by_the_root_and_the_root_by_itself(pki: DevPki) -> None:
    root, issuing = pki.root.credential.certificate, pki.issuing.credential.certificate
    issuing.verify_directly_issued_by(root)
    root.verify_directly_issued_by(root)
    constraints = issuing.extensions.get_extension_for_class(x509.BasicConstraints)
    assert constraints.critical
    assert (constraints.value.ca, constraints.value.path_length) == (True, 0)


def test_good_clients_send_the_issuing_ca_and_clients_of_a_root_send_nothing_more(pki: DevPki) -> None:
    assert pki.clients["alice"].credential.chain == (pki.issuing.credential.certificate,)
    assert pki.clients["rogue"].credential.chain == ()


def test_the_expired_client_ended_before_now(pki: DevPki) -> None:
    assert certificate(pki, "expired").not_valid_after_utc < NOW


def test_the_not_yet_valid_client_begins_after_now(pki: DevPki) -> None:
    assert certificate(pki, "not-yet-valid").not_valid_before_utc > NOW


def test_the_rogue_clients_issuer_is_another_ca(pki: DevPki) -> None:
    leaf = certificate(pki, "rogue")
    assert leaf.issuer == pki.rogue.credential.certificate.subject
    assert leaf.issuer != pki.issuing.credential.certificate.subject


def test_the_impostors_issuer_has_the_name_of_the_issuing_ca_and_not_its_key(pki: DevPki) -> None:
    leaf, issuing = certificate(pki, "impostor"), pki.issuing.credential
    assert leaf.issuer == issuing.certificate.subject
    with pytest.raises(Exception, match=r"^$"):  # InvalidSignature, which says nothing
        leaf.verify_directly_issued_by(issuing.certificate)


def test_no_san_has_no_san_extension(pki: DevPki) -> None:
    with pytest.raises(x509.ExtensionNotFound):
        certificate(pki, "no-san").extensions.get_extension_for_class(x509.SubjectAlternativeName)


def test_the_svid_has_one_uri_and_for_its_empty_subject_a_critical_san(pki: DevPki) -> None:
    leaf = certificate(pki, "spiffe")
    san = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert san.value.get_values_for_type(x509.UniformResourceIdentifier) == [SPIFFE_ID]
    assert leaf.subject.rdns == []
    assert san.critical


def test_the_ops_client_has_another_unit_than_the_others(pki: DevPki) -> None:
    units = {
        name: certificate(pki, name).subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
        for name in ("ops", "alice")
    }
    assert [one.value for one in units["ops"]] == ["Ops"]
    assert [one.value for one in units["alice"]] == ["Engineering"]


PROFILE = profile(["fpki", "dod"], dod_issuers=["CN=DEMO DOD ID CA-1,OU=PKI,OU=DoD,O=U.S. Government,C=US"])


def card(pki: DevPki, name: str) -> CertIdentity:
    return parse_certificate(certificate(pki, name).public_bytes(Encoding.DER), PROFILE).identity


@pytest.mark.parametrize(
    ("name", "kind", "number", "edipi"),
    [
        ("piv", Kind.PIV_AUTH, "47000257000046", None),
        ("piv-card", Kind.PIV_CARD_AUTH, "47000257000046", None),
        ("piv-lost", Kind.PIV_AUTH, "47000257000047", None),
        ("cac", Kind.CAC, "17000257000777", "1234567890"),
        ("cac-impostor", Kind.PIV_AUTH, "17000257000777", None),
    ],
)
def test_the_cards_are_what_their_names_say(pki: DevPki, name: str, kind: Kind, number: str, edipi: str | None) -> None:
    identity = card(pki, name)
    assert identity.fasc_n is not None
    assert identity.fasc_n.is_identifier
    assert (identity.kind, identity.fasc_n.unique_number, identity.edipi) == (kind, number, edipi)
    assert [one for one in identity.warnings if "issuer" not in one] == []


def test_both_certificates_of_the_card_name_the_same_card(pki: DevPki) -> None:
    person, alone = card(pki, "piv"), card(pki, "piv-card")
    assert (person.card_uuid, person.fasc_n) == (alone.card_uuid, alone.fasc_n)
    assert (person.upns, alone.upns) == (("0000000046@demo.example",), ())


def test_the_common_access_card_is_signed_by_the_dod_s_authority(pki: DevPki) -> None:
    certificate(pki, "cac").verify_directly_issued_by(pki.dod.credential.certificate)
    assert pki.clients["cac"].credential.chain == (pki.dod.credential.certificate,)


def test_the_server_certificate_names_localhost_and_both_loopback_addresses(pki: DevPki) -> None:
    san = pki.server.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert san.get_values_for_type(x509.DNSName) == ["localhost"]
    assert [str(one) for one in san.get_values_for_type(x509.IPAddress)] == ["127.0.0.1", "::1"]


REVOKED = ("revoked", "piv-lost")


def test_the_issuing_crl_lists_the_revoked_clients_and_nobody_else(pki: DevPki) -> None:
    crl = pki.issuing_crl()
    key = pki.issuing.credential.key.public_key()
    assert crl.is_signature_valid(key)
    assert [entry.serial_number for entry in crl] == [certificate(pki, name).serial_number for name in REVOKED]
    assert crl.next_update_utc == NOW.replace(microsecond=0) + timedelta(days=10)


def test_a_later_crl_lists_more_and_has_a_higher_number(pki: DevPki) -> None:
    first, second = pki.issuing_crl(), pki.issuing_crl("carol")
    serials = {entry.serial_number for entry in second}
    assert serials == {certificate(pki, name).serial_number for name in (*REVOKED, "carol")}
    numbers = [crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number for crl in (first, second)]
    assert numbers == [1, 2]


@pytest.mark.parametrize(
    ("crl", "authority"), [(DevPki.root_crl, lambda pki: pki.root), (DevPki.dod_crl, lambda pki: pki.dod)]
)
def test_the_other_crls_are_empty_and_signed_by_their_authorities(
    pki: DevPki,
    crl: Callable[[DevPki], x509.CertificateRevocationList],
    authority: Callable[[DevPki], Authority],
) -> None:
    made = crl(pki)
    assert len(made) == 0
    assert made.is_signature_valid(authority(pki).credential.key.public_key())


def test_no_key_is_used_twice(pki: DevPki) -> None:
    keys = [client.credential.key for client in pki.clients.values()]
    keys += [one.credential.key for one in (pki.root, pki.issuing, pki.dod, pki.rogue)]
    assert len({key.private_numbers().private_value for key in keys}) == len(keys)


def test_private_keys_are_readable_by_their_owner_only(pki: DevPki, tmp_path: Path) -> None:
    written = write_dev_pki(pki, tmp_path / "pki")
    keys = [one.path for one in written if one.path.suffix == ".key"]
    assert len(keys) == len(pki.clients) + 5
    assert {stat.S_IMODE(path.stat().st_mode) for path in keys} == {0o600}


def test_overwriting_a_key_makes_it_private_again(pki: DevPki, tmp_path: Path) -> None:
    (tmp_path / "server.key").write_text("old")
    (tmp_path / "server.key").chmod(0o644)
    write_dev_pki(pki, tmp_path, force=True)
    assert stat.S_IMODE((tmp_path / "server.key").stat().st_mode) == 0o600


def test_what_is_written_is_what_was_made(pki: DevPki, tmp_path: Path) -> None:
    write_dev_pki(pki, tmp_path)
    chain = x509.load_pem_x509_certificates((tmp_path / "clients" / "alice.chain.pem").read_bytes())
    assert chain == [certificate(pki, "alice"), pki.issuing.credential.certificate]
    assert x509.load_pem_x509_certificates((tmp_path / "clients" / "alice.pem").read_bytes()) == chain[:1]
    crl = x509.load_pem_x509_crl((tmp_path / "crls" / "issuing-ca.crl").read_bytes())
    assert [entry.serial_number for entry in crl] == [certificate(pki, name).serial_number for name in REVOKED]


def test_a_directory_that_is_not_empty_is_refused_and_left_alone(pki: DevPki, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(DirectoryNotEmptyError, match="is not empty"):
        write_dev_pki(pki, tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == ["mine.txt"]


def test_force_keeps_files_of_other_names(pki: DevPki, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    write_dev_pki(pki, tmp_path, force=True)
    assert (tmp_path / "mine.txt").read_text() == "keep"
    assert (tmp_path / "root-ca.pem").exists()


def test_replacing_a_file_makes_a_new_one_and_leaves_nothing_beside_it(pki: DevPki, tmp_path: Path) -> None:
    path = tmp_path / "one.crl"
    path.write_bytes(b"old")
    before = path.stat().st_ino
    replace_file(path, crl_pem(pki.root_crl()))
    assert path.stat().st_ino != before
    assert path.read_bytes().startswith(b"-----BEGIN X509 CRL-----")
    assert list(tmp_path.iterdir()) == [path]


def test_keys_are_p256(pki: DevPki) -> None:
    assert isinstance(pki.server.key.curve, ec.SECP256R1)
