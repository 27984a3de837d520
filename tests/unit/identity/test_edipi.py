"""EDIPI: where it is read, and what contradicts it."""

import pytest

from extauthz.identity.certificate import parse_certificate
from extauthz.identity.edipi import edipi
from extauthz.identity.fasc_n import decode_fasc_n
from extauthz.identity.profile import profile
from extauthz.model.identity import Kind
from support import cards, pki

UNITS = ("DoD", "PKI", "USN")
NAME = "TESTER.ALICE.ANN.1234567890"
NUMBER = decode_fasc_n(cards.fasc_n(agency="1700", person="1234567890", organization="1700", association="4"))
NOT_AGREED = "edipi: the common name and the user principal name do not agree"


@pytest.mark.parametrize(
    ("common_name", "upns"),
    [
        (NAME, []),
        ("TESTER.ALICE.1234567890", []),
        ("TESTER.ALICE.ANN.JR.1234567890", ["1234567890@mil"]),
        (NAME, ["1234567890@MIL", "1234567890117004@mil"]),
        (NAME, ["alice@example.com", "9876543210@example.mil"]),
    ],
)
def test_the_digits_at_the_end_of_the_name(common_name: str, upns: list[str]) -> None:
    assert edipi(UNITS, common_name, upns, NUMBER) == ("1234567890", None)
    assert edipi(UNITS, common_name, upns, None) == ("1234567890", None)


@pytest.mark.parametrize(
    ("units", "common_name"),
    [
        ((), NAME),
        (("DoD",), NAME),
        (("PKI", "DoD"), NAME),
        (("USN", "DoD", "PKI"), NAME),
        (("dod", "pki"), NAME),
        (UNITS, None),
        (UNITS, ""),
        (UNITS, "1234567890"),
        (UNITS, "www.navy.mil"),
        (UNITS, NAME + "."),
        (UNITS, NAME + "\n"),
        (UNITS, "TESTER.ALICE.12345678\N{FULLWIDTH DIGIT NINE}0"),
    ],
)  # fmt: skip
def test_other_subjects_have_none_and_nothing_is_odd_about_that(
    units: tuple[str, ...], common_name: str | None
) -> None:
    assert edipi(units, common_name, ["1234567890@mil"], NUMBER) == (None, None)


@pytest.mark.parametrize("digits", ["1", "12345678", "123456789", "12345678901"])
def test_another_number_of_digits_is_not_padded(digits: str) -> None:
    warning = f"edipi: the common name ends in {len(digits)} digits instead of 10"
    assert edipi(UNITS, f"TESTER.ALICE.{digits}", [], None) == (None, warning)


@pytest.mark.parametrize(
    "upns",
    [
        ["1234567891@mil"],
        ["1234567891117004@mil"],
        ["1234567890@mil", "1234567891@mil"],
        ["1234567891@mil", "1234567890@mil"],
        ["123456789@mil"],
        ["12345678901@mil"],
        ["12345678901170041@mil"],
        ["alice@mil"],
        ["@mil"],
    ],
)
def test_a_principal_name_of_another_person_takes_it_away(upns: list[str]) -> None:
    assert edipi(UNITS, NAME, upns, None) == (None, NOT_AGREED)


def test_a_fasc_n_of_another_person_takes_it_away() -> None:
    other = decode_fasc_n(cards.fasc_n(person="1234567891"))
    assert edipi(UNITS, NAME, ["1234567890@mil"], other) == (
        None,
        "edipi: the common name and the FASC-N name different persons",
    )


def test_a_fasc_n_with_a_wrong_check_character_says_nothing() -> None:
    other = decode_fasc_n(cards.fasc_n(person="1234567891", lrc="00001"))
    assert edipi(UNITS, NAME, ["1234567890117004@mil"], other) == ("1234567890", None)


@pytest.mark.parametrize("upn", ["1234567890217004@mil", "1234567890157004@mil", "1234567890117005@mil"])
def test_another_persona_is_a_warning(upn: str) -> None:
    warning = "edipi: the user principal name and the FASC-N are of different personas of one person"
    assert edipi(UNITS, NAME, [upn], NUMBER) == ("1234567890", warning)


def test_only_under_issuers_that_the_operator_calls_the_dods() -> None:
    told = profile(["fpki", "dod"], dod_issuers=[cards.DOD_ISSUER])
    dod, other = cards.dod_ca(), pki.make_ca("Issuing CA")
    assert parse_certificate(cards.cac(dod).der, told).identity.edipi == cards.EDIPI
    assert parse_certificate(cards.cac(other).der, told).identity.edipi is None
    assert parse_certificate(cards.cac(dod).der).identity.edipi is None


def test_a_certificate_that_is_no_card_may_have_one() -> None:
    told = profile(["fpki"], dod_issuers=[cards.DOD_ISSUER])
    leaf = cards.dod_ca().issue(NAME, subject=cards.subject(NAME, units=UNITS))
    identity = parse_certificate(leaf.der, told).identity
    assert (identity.edipi, identity.kind, identity.warnings) == (cards.EDIPI, "software", ())


def test_a_card_that_is_used_without_a_pin_says_nothing_of_its_holder() -> None:
    told = profile(["fpki", "dod"], dod_issuers=[cards.DOD_ISSUER])
    number = cards.fasc_n(agency="1700", person=cards.EDIPI)
    subject = cards.subject(NAME, units=UNITS, serial_number=number.hex())
    leaf = cards.piv_card_auth(cards.dod_ca(), subject=subject, fasc_n=number)
    identity = parse_certificate(leaf.der, told).identity
    assert (identity.kind, identity.edipi) == (Kind.PIV_CARD_AUTH, None)
    assert identity.warnings == (
        "edipi: not taken from the certificate of a card, which is used without a PIN",
        "kind: piv-card-auth with a common name",
    )


def test_of_two_common_names_none_is_read() -> None:
    told = profile(["fpki"], dod_issuers=[cards.DOD_ISSUER])
    subject = cards.subject(NAME, units=("DoD", "PKI", "USN"))
    twice = type(subject)([*subject, *cards.subject("TESTER.BOB.9876543210", units=())])
    identity = parse_certificate(cards.dod_ca().issue(subject=twice).der, told).identity
    assert (identity.common_name, identity.edipi) == (None, None)
