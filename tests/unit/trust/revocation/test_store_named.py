"""Serial numbers that the operator named: revoked, and nothing said of any other certificate."""

import pytest

from extauthz.trust.revocation.status import Good, Revoked, Unknown
from extauthz.trust.revocation.store import CrlStore, serial_from_hex
from support import pki
from support.revocation import cert, evidence, store_of

NOW = pki.NOW
CA = pki.make_ca("Issuing CA")
DN = "CN=Issuing CA,O=Example"
LEAF = CA.issue("alice", serial=0x0A1B2C)
OTHER = CA.issue("bob", serial=0x77)


def test_of_an_unknown_issuer_nothing_is_known() -> None:
    assert CrlStore().check(DN, "0a1b2c") == Unknown("there is no CRL of this issuer")
    assert CrlStore().check_der(LEAF.der, now=NOW) == Unknown("there is no CRL of this issuer")


def test_a_named_certificate_is_revoked_and_its_neighbours_are_good() -> None:
    store = CrlStore()
    store.add_revoked(DN, "0a1b2c")
    for now in (None, NOW):
        assert store.check(DN, "0a1b2c", now=now) == Revoked(None)
        assert store.check(DN, "77", now=now) == Good()
        assert store.check_der(LEAF.der, now=now) == Revoked(None)
        assert store.check_der(OTHER.der, now=now) == Good()
    assert store.check("CN=Other", "0a1b2c") == Unknown("there is no CRL of this issuer")


def test_a_named_certificate_makes_no_other_good_where_a_request_is_decided() -> None:
    store = CrlStore()
    store.add_revoked(DN, "0a1b2c")
    assert evidence(store, LEAF).status == Revoked(None)
    assert evidence(store, OTHER).status == Unknown("there is no CRL of this issuer")


@pytest.mark.parametrize("dn", [DN, "cn=issuing ca, o=EXAMPLE", "CN=Issuing  CA,O=example"])
@pytest.mark.parametrize("serial", ["0a1b2c", "0A1B2C", "a1b2c", "0000a1b2c", "0a:1b:2c", "A:1B:2C"])
def test_names_and_serial_numbers_are_compared_by_what_they_mean(dn: str, serial: str) -> None:
    store = CrlStore()
    store.add_revoked(dn, serial)
    assert store.check_der(LEAF.der) == Revoked(None)
    assert store.revoked_count() == 1


def test_a_negative_serial_number() -> None:
    store = CrlStore()
    store.add_revoked(DN, "-1f")
    assert store.check(DN, "-1F") == Revoked(None)
    assert store.check(DN, "1f") == Good()
    assert store.check_der(CA.issue("odd", serial=-0x1F).der) == Revoked(None)


@pytest.mark.parametrize("serial", ["", "xyz", "0x1f", " 1f", "1f\n", "1_f", "1f:", ":1f", "1f::2c", "--1", "1:2", "٣"])
def test_a_malformed_serial_number_is_refused_when_added_and_unknown_when_asked(serial: str) -> None:
    store = CrlStore()
    store.add_revoked(DN, "1f")
    with pytest.raises(ValueError, match="is not a serial number in hex"):
        store.add_revoked(DN, serial)
    assert store.check(DN, serial) == Unknown(f"{serial!r} is not a serial number in hex")


def test_a_malformed_name_is_refused_when_added_and_unknown_when_asked() -> None:
    store = CrlStore()
    with pytest.raises(ValueError, match=r"\w"):
        store.add_revoked("not a name", "1f")
    with pytest.raises(ValueError, match=r"\w"):
        store.clear_issuer("not a name")
    assert isinstance(store.check("not a name", "1f"), Unknown)


def test_a_certificate_that_cannot_be_parsed_is_unknown() -> None:
    store = CrlStore()
    store.add_revoked(DN, "1f")
    status = store.check_der(b"junk")
    assert isinstance(status, Unknown)
    assert status.why.startswith("the certificate cannot be parsed: ")


def test_serial_from_hex_reads_the_form_of_identities() -> None:
    assert serial_from_hex("-1f") == -31
    assert serial_from_hex(cert(LEAF).identity.serial_number) == LEAF.serial


def test_a_name_by_hand_outranks_a_crl_and_does_not_replace_it() -> None:
    store = store_of(CA.crl(next_update=NOW - pki.DAY), issuers=(CA,))
    store.add_revoked(DN, "0a1b2c")
    assert store.check_der(LEAF.der, now=NOW) == Revoked(None)
    assert store.check_der(LEAF.der) == Revoked(None)
    assert isinstance(store.check_der(OTHER.der, now=NOW), Unknown)
