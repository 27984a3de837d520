"""Windows: half-open, and never wider than the evidence."""

from datetime import UTC, datetime, timedelta

import pytest

from extauthz.trust.window import EARLIEST, LATEST, TICK, Window, shifted

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
NO_EXPIRY = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "holds"),
    [
        (NOON - TICK, False),
        (NOON, True),
        (NOON + SECOND - TICK, True),
        (NOON + SECOND, False),
    ],
)
def test_start_belongs_to_the_window_and_end_does_not(now: datetime, holds: bool) -> None:
    assert Window(NOON, NOON + SECOND).holds_at(now) is holds


def test_always_holds_now_and_in_all_centuries() -> None:
    assert all(Window.ALWAYS.holds_at(now) for now in (EARLIEST, NOON, NO_EXPIRY))


def test_intersection_holds_only_where_both_hold() -> None:
    first, second = Window(NOON, NOON + 2 * SECOND), Window(NOON + SECOND, NOON + 3 * SECOND)
    assert first.intersect(second) == Window(NOON + SECOND, NOON + 2 * SECOND)
    assert second.intersect(first) == first.intersect(second)
    assert first.intersect(Window.ALWAYS) == first


def test_split_at_ends_before_the_next_instant_and_starts_at_the_last_one() -> None:
    instants = [NOON + 2 * SECOND, NOON - 2 * SECOND, NOON + SECOND, NOON - SECOND]
    assert Window.split_at(NOON, *instants) == Window(NOON - SECOND, NOON + SECOND)


def test_an_instant_that_is_now_has_already_happened() -> None:
    assert Window.split_at(NOON, NOON) == Window(NOON, LATEST)
    assert Window.split_at(NOON - TICK, NOON) == Window(EARLIEST, NOON)


def test_split_at_nothing_is_always() -> None:
    assert Window.split_at(NOON) == Window.ALWAYS


@pytest.mark.parametrize(
    ("instant", "by", "expected"),
    [
        (NOON, SECOND, NOON + SECOND),
        (NO_EXPIRY, timedelta(days=1), LATEST),
        (EARLIEST, -SECOND, EARLIEST),
        (LATEST, TICK, LATEST),
    ],
)
def test_shifting_stops_at_the_ends_of_the_calendar(instant: datetime, by: timedelta, expected: datetime) -> None:
    assert shifted(instant, by) == expected
