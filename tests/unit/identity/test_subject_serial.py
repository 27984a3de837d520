"""The subject's serialNumber beside the names of a card."""

import pytest

from extauthz.identity.certificate import parse_certificate
from extauthz.identity.fasc_n import decode_fasc_n
from extauthz.identity.subject_serial import serial_number_warning
from support import cards, pki

CA = pki.make_ca("Issuing CA")
HEX = cards.FEDERAL.hex()
ANOTHER = "subject: the serial number names another card than subjectAltName"
NEITHER = "subject: the serial number is neither a FASC-N nor a UUID"


def decimal(separator: str) -> str:
    """Return the 40 characters of the test card's number, with one digit for every control character."""
    return separator.join(["", "4700", "0257", "000046", "1", "1", "0257000046199991", ""]) + separator


def warning(*serial_numbers: str) -> str | None:
    number = decode_fasc_n(cards.FEDERAL)
    return serial_number_warning(serial_numbers, cards.FEDERAL, number, cards.CARD_UUID)


@pytest.mark.parametrize(
    "text",
    [HEX, HEX.upper(), decimal("0"), decimal("9"), cards.CARD_UUID, cards.CARD_UUID.upper(),
     f"urn:uuid:{cards.CARD_UUID}"],
)  # fmt: skip
def test_every_form_of_the_same_card(text: str) -> None:
    assert warning(text) is None


@pytest.mark.parametrize(
    "text",
    [
        HEX[:-1] + "a",
        cards.NON_FEDERAL.hex(),
        decimal("0")[:1] + "5" + decimal("0")[2:],
        decimal("0")[:37] + "2" + decimal("0")[38:],
        cards.CARD_UUID[:-1] + "5",
    ],
)
def test_every_form_of_another_card(text: str) -> None:
    assert warning(text) == ANOTHER


@pytest.mark.parametrize("text", ["", "1", HEX[:-2], HEX + "00", decimal("0") + "0", "x" * 50, cards.CARD_UUID[:-1]])
def test_another_form(text: str) -> None:
    assert warning(text) == NEITHER


def test_a_card_has_one_serial_number() -> None:
    assert warning() == "subject: 0 serial numbers instead of one that names the card"
    assert warning(HEX, HEX) == "subject: 2 serial numbers instead of one that names the card"


@pytest.mark.parametrize("text", [HEX, decimal("0"), cards.CARD_UUID])
def test_with_nothing_to_compare_it_names_another_card(text: str) -> None:
    assert serial_number_warning([text], None, None, None) == ANOTHER


def test_octets_that_are_no_fasc_n_are_compared_as_they_are() -> None:
    junk = bytes(25)
    assert serial_number_warning([junk.hex()], junk, None, None) is None


@pytest.mark.parametrize(("serial_number", "warnings"), [(HEX, ()), (cards.NON_FEDERAL.hex(), (ANOTHER,))])
def test_it_is_compared_in_certificates_of_cards(serial_number: str, warnings: tuple[str, ...]) -> None:
    leaf = cards.piv_card_auth(CA, subject=cards.subject(serial_number=serial_number))
    assert parse_certificate(leaf.der).identity.warnings == warnings


def test_it_is_not_compared_in_those_of_persons() -> None:
    leaf = cards.piv_auth(CA, subject=cards.subject("ALICE", serial_number="12"))
    assert parse_certificate(leaf.der).identity.warnings == ()
