import pytest

from extauthz.config.yaml_scalar import NUMBER_LENGTH, plain_scalar


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("Null", None),
        ("true", True),
        ("FALSE", False),
        ("12", 12),
        ("-0", 0),
        ("+7", 7),
        ("010", 10),
        ("0o17", 15),
        ("0x1F", 31),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1.", 1.0),
        ("12e3", 12000.0),
        ("-1E-2", -0.01),
    ],
)
def test_core_schema_of_yaml_1_2_gives_values(text: str, value: object) -> None:
    found = plain_scalar(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "text", ["yes", "on", "No", "y", "1_000", "1:30", "2027-01-31", "0b1", "0a1b2c", "1e", ".", "nULL", "tRue", "+0x1"]
)
def test_what_only_older_versions_convert_stays_text(text: str) -> None:
    assert plain_scalar(text) == text


@pytest.mark.parametrize("text", [".inf", "-.Inf", "+.INF", ".nan", ".NaN", "1e999", "-1e999"])
def test_infinite_and_undefined_numbers_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no number that a setting can use"):
        plain_scalar(text)


def test_longest_number_is_read_and_one_more_digit_is_not() -> None:
    assert plain_scalar("9" * NUMBER_LENGTH) == int("9" * NUMBER_LENGTH)
    with pytest.raises(ValueError, match="a number of 101 digits is too long; write text in quotes"):
        plain_scalar("9" * (NUMBER_LENGTH + 1))
