"""Pins: one exact certificate, or one exact key."""

import base64
from datetime import timedelta
from threading import Thread

import pytest

from extauthz.identity.certificate import parse_certificate
from extauthz.trust.pins import CertPin, CertPinStore, ExpiringPin, SpkiPin
from support import pki

CA = pki.make_ca()
ALICE = CA.issue("alice")
BOB = CA.issue("bob")
RENEWED = CA.issue("alice", key=ALICE.key)
HEX = ALICE.sha256.hex()


def _colons(text: str) -> str:
    return ":".join(text[at : at + 2] for at in range(0, len(text), 2))


@pytest.mark.parametrize(
    "text", [HEX, HEX.upper(), _colons(HEX), _colons(HEX.upper())], ids=["lower", "upper", "colons", "upper_colons"]
)
def test_a_pin_reads_hex_in_any_case_with_or_without_colons(text: str) -> None:
    assert CertPin.from_hex(text) == CertPin.from_der(ALICE.der)
    assert SpkiPin.from_hex(text).digest == ALICE.sha256


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "has 64 digits, not 0"),
        (HEX[:-1], "has 64 digits, not 63"),
        (HEX + "00", "has 64 digits, not 66"),
        (HEX[:-1] + "g", "holds only the digits"),
        (HEX + "\n", "holds only the digits"),
        (" " + HEX, "holds only the digits"),
        ("0x" + HEX[2:], "holds only the digits"),
        ("٣" + HEX[1:], "holds only the digits"),
        (_colons(HEX) + ":", "colons in a SHA-256 pin"),
        (HEX[:2] + ":" + HEX[2:], "colons in a SHA-256 pin"),
        (_colons(HEX).replace(":", "::", 1), "colons in a SHA-256 pin"),
    ],
    ids=[
        "empty",
        "too_short",
        "too_long",
        "not_a_digit",
        "newline",
        "space",
        "prefix",
        "arabic_digit",
        "last_colon",
        "one_colon",
        "two_colons",
    ],
)
def test_a_pin_in_malformed_hex_is_refused_with_a_sentence(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        CertPin.from_hex(text)
    with pytest.raises(ValueError, match=problem):
        SpkiPin.from_hex(text)


def test_a_certificate_pin_prints_as_lower_case_hex() -> None:
    assert str(CertPin.from_der(ALICE.der)) == HEX


def test_a_certificate_pin_matches_only_the_exact_certificate() -> None:
    pin = CertPin.from_der(ALICE.der)
    assert pin.matches(ALICE.der)
    assert not pin.matches(RENEWED.der)
    assert not pin.matches(b"")


@pytest.mark.parametrize(("der", "problem"), [(b"", "is empty"), (ALICE.pem, "is PEM"), (b"\n" + ALICE.pem, "is PEM")])
def test_a_certificate_pin_is_not_made_from_what_can_never_match(der: bytes, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        CertPin.from_der(der)


@pytest.mark.parametrize("kind", [CertPin, SpkiPin])
def test_a_pin_is_32_bytes(kind: type[CertPin | SpkiPin]) -> None:
    with pytest.raises(ValueError, match="has 32 bytes, not 31"):
        kind(bytes(31))


def test_a_key_pin_survives_a_renewal_and_no_other_key() -> None:
    pin = SpkiPin.from_certificate_der(ALICE.der)
    assert pin.digest == ALICE.spki_sha256
    assert pin.matches(ALICE.der)
    assert pin.matches(RENEWED.der)
    assert not pin.matches(BOB.der)


def test_what_cannot_be_parsed_has_no_pinned_key() -> None:
    assert not SpkiPin.from_certificate_der(ALICE.der).matches(b"not a certificate")


def test_a_key_pin_is_not_made_from_what_cannot_be_parsed() -> None:
    with pytest.raises(ValueError, match="there is no key to pin"):
        SpkiPin.from_certificate_der(b"not a certificate")


def test_a_key_pin_is_written_and_read_as_in_rfc_7469() -> None:
    pin = SpkiPin.from_certificate_der(ALICE.der)
    text = base64.b64encode(ALICE.spki_sha256).decode()
    assert str(pin) == text
    assert SpkiPin.from_base64(text) == pin


def test_a_key_pin_is_read_in_either_form() -> None:
    pin = SpkiPin.from_certificate_der(ALICE.der)
    assert SpkiPin.from_text(str(pin)) == SpkiPin.from_text(pin.digest.hex()) == pin


GOOD_BASE64 = base64.b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "44 characters of padded standard base64"),
        (GOOD_BASE64.rstrip("="), "44 characters of padded standard base64"),
        (GOOD_BASE64 + "\n", "44 characters of padded standard base64"),
        ("_" + GOOD_BASE64[1:], "44 characters of padded standard base64"),
        (" " + GOOD_BASE64[1:], "44 characters of padded standard base64"),
        (base64.b64encode(bytes(31)).decode(), "44 characters of padded standard base64"),
        (GOOD_BASE64[:-2] + "B=", "no base64 encoder writes"),
    ],
)
def test_a_key_pin_in_malformed_base64_is_refused_with_a_sentence(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        SpkiPin.from_base64(text)


@pytest.mark.parametrize(
    ("offset", "counts"), [(timedelta(seconds=-1), True), (timedelta(0), True), (timedelta(seconds=1), False)]
)
def test_a_pin_counts_up_to_and_including_its_expiry(offset: timedelta, counts: bool) -> None:
    pin = ExpiringPin(CertPin.from_der(ALICE.der), expires=pki.NOW)
    assert pin.counts_at(pki.NOW + offset) is counts


def test_a_pin_without_expiry_counts_always() -> None:
    assert ExpiringPin(CertPin.from_der(ALICE.der)).counts_at(pki.FAR)


def test_an_empty_store_pins_nothing() -> None:
    store = CertPinStore()
    assert store.count() == 0
    assert not store.is_pinned(ALICE.der)
    assert not store.is_certificate_pinned(parse_certificate(ALICE.der))


def test_a_store_adds_once_and_removes_once() -> None:
    store = CertPinStore()
    pin = CertPin.from_der(ALICE.der)
    store.add(pin)
    store.add(CertPin.from_hex(HEX))
    assert store.count() == 1
    assert store.is_pinned(ALICE.der)
    assert not store.is_pinned(BOB.der)
    assert store.remove(pin) is True
    assert store.remove(pin) is False
    assert store.count() == 0
    assert not store.is_pinned(ALICE.der)


def test_a_store_takes_pins_of_keys_too() -> None:
    store = CertPinStore()
    store.add(SpkiPin.from_certificate_der(ALICE.der))
    assert store.is_pinned(RENEWED.der)
    assert not store.is_pinned(BOB.der)
    assert not store.is_pinned(b"not a certificate")
    assert store.remove(CertPin(ALICE.spki_sha256)) is False
    assert store.remove(SpkiPin(ALICE.spki_sha256)) is True


def test_bytes_that_cannot_be_parsed_can_still_be_pinned_as_they_are() -> None:
    store = CertPinStore()
    store.add(SpkiPin.from_certificate_der(ALICE.der))
    store.add(CertPin.from_der(b"not a certificate"))
    assert store.is_pinned(b"not a certificate")


@pytest.mark.parametrize("pin", [CertPin.from_der(ALICE.der), SpkiPin.from_certificate_der(ALICE.der)])
def test_a_parsed_certificate_is_pinned_like_its_bytes(pin: CertPin | SpkiPin) -> None:
    store = CertPinStore()
    store.add(pin)
    assert store.is_certificate_pinned(parse_certificate(ALICE.der))
    assert not store.is_certificate_pinned(parse_certificate(BOB.der))


def test_threads_lose_no_pin() -> None:
    store = CertPinStore()

    def work(number: int) -> None:
        for index in range(200):
            pin = CertPin(bytes((number, index)) + bytes(30))
            store.add(pin)
            store.is_pinned(ALICE.der)
            if index % 2:
                assert store.remove(pin)

    threads = [Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.count() == 4 * 100
