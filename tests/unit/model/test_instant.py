"""Instants are written in one way."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from extauthz.model.instant import rfc3339

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (NOON, "2026-06-01T12:00:00Z"),
        (NOON + timedelta(microseconds=999_999), "2026-06-01T12:00:00Z"),
        (NOON.astimezone(timezone(timedelta(hours=-5, minutes=-30))), "2026-06-01T12:00:00Z"),
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00Z"),
        (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), "9999-12-31T23:59:59Z"),
    ],
    ids=["as it is", "rounded down", "in UTC", "the first year", "the last second"],
)
def test_it_is_rfc_3339_in_whole_seconds_of_utc(at: datetime, text: str) -> None:
    assert rfc3339(at) == text
