"""FASC-N: the published examples, every way to be malformed, and what counts as an identifier."""

import dataclasses

import pytest

from extauthz.identity.fasc_n import FascNReading, decode_fasc_n, read_fasc_n
from extauthz.model.identity import FascN
from support import cards
from support.pki import der

SPECIFICATION = bytes.fromhex("d0439458210c2c19a0846d83685a1082108ce73984108ca3fc")
GOLDEN_CARD = bytes.fromhex("d13810d828af2c1084246da1685828af0210848d84e739c3eb")
ALL_NINES = bytes.fromhex("d4e739da739ced39ce739d83685821084210842108421087e2")
CHARACTERS = 40
DATA = [*range(1, 5), *range(6, 10), *range(11, 17), 18, 20, *range(22, 38)]
SEPARATORS = [5, 10, 17, 19, 21]


def number(text: str, *, valid: bool = True) -> FascN:
    """Make the number of ``4700-0257-000046-1-1-0257000046-1-9999-1``."""
    return FascN(
        **dict(zip((field.name for field in dataclasses.fields(FascN)), text.split("-"), strict=False)), valid=valid
    )


def replaced(octets: bytes, at: int, character: str) -> bytes:
    characters = cards.unpack(octets)
    characters[at] = character
    return cards.pack(characters)


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        pytest.param(SPECIFICATION, "0032-0001-092446-0-1-1112223333-1-1223-2", id="the_specifications_example"),
        pytest.param(GOLDEN_CARD, "4700-0257-000046-1-1-0257000046-1-9999-1", id="a_test_card"),
        pytest.param(ALL_NINES, "9999-9999-999999-0-1-0000000000-0-0000-0", id="all_nines"),
    ],
)
def test_worked_examples(octets: bytes, text: str) -> None:
    assert decode_fasc_n(octets) == number(text)


def test_the_check_character_may_be_no_digit() -> None:
    assert cards.unpack(GOLDEN_CARD)[-1] == "01011"
    assert cards.unpack(SPECIFICATION)[-1] == "11100"


def test_the_encoder_of_the_tests_makes_the_examples() -> None:
    assert cards.FEDERAL == GOLDEN_CARD
    assert cards.NON_FEDERAL == ALL_NINES


def test_a_federal_number_identifies() -> None:
    federal = decode_fasc_n(GOLDEN_CARD)
    assert federal.is_identifier
    assert federal.unique_number == "47000257000046"


def test_a_non_federal_number_is_valid_and_identifies_nobody() -> None:
    for octets in (ALL_NINES, cards.fasc_n(agency="9999")):
        other = decode_fasc_n(octets)
        assert (other.valid, other.is_identifier) == (True, False)
    assert decode_fasc_n(cards.fasc_n(agency="9998", system="9999", credential="9" * 6)).is_identifier


def test_a_wrong_check_character_leaves_fields_that_identify_nobody() -> None:
    right = cards.unpack(GOLDEN_CARD)[-1]
    wrong = 0
    for code in range(32):
        character = f"{code:05b}"
        if code.bit_count() % 2 == 1 and character != right:
            wrong += 1
            decoded = decode_fasc_n(replaced(GOLDEN_CARD, CHARACTERS - 1, character))
            assert decoded == number("4700-0257-000046-1-1-0257000046-1-9999-1", valid=False)
            assert not decoded.is_identifier
    assert wrong == 15


@pytest.mark.parametrize("length", [0, 1, 24, 26, 50])
def test_another_length(length: int) -> None:
    with pytest.raises(ValueError, match=f"^{length} octets instead of 25$"):
        decode_fasc_n(bytes(length))


@pytest.mark.parametrize("bit", range(CHARACTERS * 5))
def test_any_one_bit_turned_is_wrong_parity(bit: int) -> None:
    turned = (int.from_bytes(GOLDEN_CARD, "big") ^ 1 << (CHARACTERS * 5 - 1 - bit)).to_bytes(25, "big")
    with pytest.raises(ValueError, match=f"^character {bit // 5 + 1} has the wrong parity$"):
        decode_fasc_n(turned)


@pytest.mark.parametrize("at", DATA)
@pytest.mark.parametrize("character", [cards.START, cards.SEPARATOR, cards.END, "01011", "01110", "00111"])
def test_where_a_digit_belongs_stands_a_digit(at: int, character: str) -> None:
    with pytest.raises(ValueError, match=f"^character {at + 1} is not a digit$"):
        decode_fasc_n(replaced(GOLDEN_CARD, at, character))


@pytest.mark.parametrize(
    ("at", "what"),
    [(0, "the start sentinel"), (38, "the end sentinel"), *((at, "a field separator") for at in SEPARATORS)],
)
@pytest.mark.parametrize("character", ["00001", "01110"])
def test_where_a_control_character_belongs_stands_the_right_one(at: int, what: str, character: str) -> None:
    with pytest.raises(ValueError, match=f"^character {at + 1} is not {what}$"):
        decode_fasc_n(replaced(GOLDEN_CARD, at, character))


def test_octets_of_one_value_are_malformed() -> None:
    for octets, says in ((bytes(25), "has the wrong parity"), (b"\xff" * 25, "is not the start sentinel")):
        with pytest.raises(ValueError, match=f"^character 1 {says}$"):
            decode_fasc_n(octets)


# ------------------------------------------------------------------------------------------------ of a certificate


def value(octets: bytes) -> str:
    return der.octets(octets).hex()


def test_without_a_number_there_is_nothing_to_say() -> None:
    assert read_fasc_n([]) == FascNReading(None, None, None)


def test_a_sound_number() -> None:
    assert read_fasc_n([value(GOLDEN_CARD)]) == FascNReading(decode_fasc_n(GOLDEN_CARD), GOLDEN_CARD, None)


@pytest.mark.parametrize("second", [GOLDEN_CARD, SPECIFICATION])
def test_of_several_none_is_used(second: bytes) -> None:
    reading = read_fasc_n([value(GOLDEN_CARD), value(second)])
    assert reading == FascNReading(None, None, "fasc_n: 2 numbers, so none is used")


@pytest.mark.parametrize(
    ("content", "warning"),
    [
        (der.utf8("4700"), "fasc_n: not one OCTET STRING (tag 0x0c where 0x04 belongs)"),
        (der.octets(GOLDEN_CARD) + b"\x05\x00", "fasc_n: not one OCTET STRING (bytes after the element)"),
        (der.octets(GOLDEN_CARD)[:-1], "fasc_n: not one OCTET STRING (an element is cut off)"),
    ],
)
def test_what_is_no_octet_string(content: bytes, warning: str) -> None:
    assert read_fasc_n([content.hex()]) == FascNReading(None, None, warning)


def test_malformed_octets_are_kept_for_comparison_and_give_no_number() -> None:
    junk = bytes(25)
    assert read_fasc_n([value(junk)]) == FascNReading(None, junk, "fasc_n: character 1 has the wrong parity")


def test_a_wrong_check_character_is_a_warning() -> None:
    wrong = cards.fasc_n(lrc="00001")
    reading = read_fasc_n([value(wrong)])
    assert reading.warning == "fasc_n: the check character is not that of the fields"
    assert reading.number == number("4700-0257-000046-1-1-0257000046-1-9999-1", valid=False)
