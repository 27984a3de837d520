from datetime import UTC, datetime

import pytest

from extauthz.config.schema.pins import parse_expiry


def test_a_date_counts_to_its_last_moment_in_utc() -> None:
    assert parse_expiry("2027-01-31") == datetime(2027, 1, 31, 23, 59, 59, 999_999, UTC)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2027-01-31T12:00:00Z", datetime(2027, 1, 31, 12, tzinfo=UTC)),
        ("2027-01-31T12:00:00+02:00", datetime(2027, 1, 31, 10, tzinfo=UTC)),
    ],
)
def test_a_time_is_that_moment(text: str, instant: datetime) -> None:
    assert parse_expiry(text) == instant


@pytest.mark.parametrize(
    "value",
    [
        "2027-02-30",
        "2027-1-31",
        "2027-01-31T12:00:00",
        "2027-01-31 12:00:00Z",
        "0000-01-01",
        "0001-01-01T00:00:00+23:00",
        "",
        5,
    ],
)
def test_anything_else_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="must be a date such as 2027-01-31, or a time such as 2027-01-31T12:00:00Z"):
        parse_expiry(value)
