import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extauthz.refresh.schedule import OVERDUE, SHORTEST, SOON, UNTIMED, URGENT, hastened, next_attempt

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LATEST = 0.0
"""The jitter that puts an attempt after a success latest, and one after a failure earliest."""
ALMOST_ONE = 1 - 2**-53

refreshes = st.timedeltas(10 * SECOND, 7 * DAY)
next_updates = st.none() | st.timedeltas(-30 * DAY, 400 * DAY).map(lambda left: NOW + left)
jitters = st.floats(0, 1, exclude_max=True)


def delay(
    *,
    refresh: timedelta = HOUR,
    left: timedelta | None = None,
    failures: int = 0,
    jitter: float = LATEST,
) -> timedelta:
    next_update = None if left is None else NOW + left
    return next_attempt(NOW, refresh=refresh, next_update=next_update, failures=failures, jitter=jitter) - NOW


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (None, HOUR),
        (30 * DAY, HOUR),
        (70 * MINUTE + SECOND, HOUR),
        (65 * MINUTE, 65 * MINUTE * 0.9),
        (30 * MINUTE, 27 * MINUTE),
        (100 * SECOND, 90 * SECOND),
        (MINUTE, SOON),
        (SECOND, SOON),
        (timedelta(), SOON),
        (-4 * MINUTE, SOON),
        (-8 * MINUTE, 2 * MINUTE),
        (-HOUR, OVERDUE),
        (-30 * DAY, OVERDUE),
    ],
)
def test_after_a_success_it_waits_the_interval_or_until_a_little_before_next_update(
    left: timedelta | None, expected: timedelta
) -> None:
    assert delay(left=left) == expected


@pytest.mark.parametrize(
    ("latest", "earliest"),
    [(HOUR, 48 * MINUTE), (20 * MINUTE, 15 * MINUTE), (10 * MINUTE, 5 * MINUTE), (MINUTE, 30 * SECOND)],
)
def test_short_waits_are_spread_by_a_larger_share(latest: timedelta, earliest: timedelta) -> None:
    assert delay(refresh=latest) == latest
    assert earliest <= delay(refresh=latest, jitter=ALMOST_ONE) < earliest + SECOND


def test_the_head_start_is_ten_minutes_at_most() -> None:
    assert delay(refresh=7 * DAY, left=2 * DAY) == 2 * DAY - 10 * MINUTE


@pytest.mark.parametrize(
    ("failures", "earliest"), [(1, 2.5), (2, 5), (3, 10), (4, 20), (8, 320), (10, 1280), (11, 1800), (1000, 1800)]
)
def test_failures_double_the_wait_up_to_the_interval(failures: int, earliest: float) -> None:
    assert delay(left=30 * DAY, failures=failures) == earliest * SECOND
    assert delay(left=30 * DAY, failures=failures, jitter=ALMOST_ONE) <= earliest * SECOND * 2


@pytest.mark.parametrize(
    ("left", "longest"),
    [(None, UNTIMED), (-30 * DAY, URGENT), (timedelta(), URGENT), (MINUTE, URGENT), (20 * MINUTE, 10 * MINUTE)],
)
def test_failures_wait_less_when_the_crl_ends_or_there_is_none(left: timedelta | None, longest: timedelta) -> None:
    assert longest * 0.99 < delay(left=left, failures=1000, jitter=ALMOST_ONE) <= longest


@given(refreshes, next_updates, st.integers(0, 10**9), jitters)
def test_the_next_attempt_is_never_at_once_and_never_beyond_the_interval(
    refresh: timedelta, next_update: datetime | None, failures: int, jitter: float
) -> None:
    at = next_attempt(NOW, refresh=refresh, next_update=next_update, failures=failures, jitter=jitter)
    assert NOW + SHORTEST <= at <= NOW + refresh
    assert at.tzinfo is UTC


@given(refreshes, st.timedeltas(SOON + SECOND, 400 * DAY), jitters)
def test_after_a_success_there_is_an_attempt_before_next_update(
    refresh: timedelta, left: timedelta, jitter: float
) -> None:
    assert delay(refresh=refresh, left=left, jitter=jitter) < left


@given(refreshes, next_updates, st.integers(1, 40), jitters)
def test_another_failure_never_makes_it_more_eager(
    refresh: timedelta, next_update: datetime | None, failures: int, jitter: float
) -> None:
    first, second = (
        next_attempt(NOW, refresh=refresh, next_update=next_update, failures=count, jitter=jitter)
        for count in (failures, failures + 1)
    )
    assert first <= second


@given(refreshes, st.timedeltas(-30 * DAY, 30 * DAY), st.integers(1, 40), jitters)
def test_a_nearer_end_never_makes_retries_lazier(
    refresh: timedelta, left: timedelta, failures: int, jitter: float
) -> None:
    nearer, farther = (
        delay(refresh=refresh, left=end, failures=failures, jitter=jitter) for end in (left, left + HOUR)
    )
    assert nearer <= farther


@pytest.mark.parametrize("failures", [0, 1, 5])
@pytest.mark.parametrize("left", [None, 30 * DAY, 30 * MINUTE, timedelta(), -HOUR])
def test_two_instances_with_other_luck_ask_at_other_times(left: timedelta | None, failures: int) -> None:
    assert len({delay(left=left, failures=failures, jitter=step / 10) for step in range(10)}) == 10


def attempts_of_a_fleet(size: int, published: timedelta, up_to: timedelta) -> Counter[int]:
    """Count the attempts in each second of a fleet that starts at once, with a CRL that is replaced only late."""
    chance = random.Random(1)
    seconds: Counter[int] = Counter()
    end = NOW + 2 * HOUR
    for _ in range(size):
        at, failures = NOW, 0
        while at < NOW + up_to:
            fresh = at >= NOW + published
            next_update = end + DAY if fresh else end
            at = next_attempt(at, refresh=HOUR, next_update=next_update, failures=failures, jitter=chance.random())
            seconds[int((at - NOW).total_seconds())] += 1
    return seconds


def test_a_fleet_spreads_out() -> None:
    """A thousand instances started in the same second, whose CRL ends in the same second, and is published late."""
    size = 1000
    seconds = attempts_of_a_fleet(size, published=2 * HOUR + 3 * MINUTE, up_to=4 * HOUR)
    before_the_end = sum(count for second, count in seconds.items() if 6000 <= second < 7200)
    assert before_the_end >= size
    assert max(seconds.values()) < size * 0.05
    assert sum(seconds.values()) < size * 25


def test_retries_after_a_common_outage_spread_out() -> None:
    chance = random.Random(1)
    times: Counter[int] = Counter()
    for _ in range(1000):
        at = NOW
        for failures in range(1, 8):
            at = next_attempt(at, refresh=HOUR, next_update=NOW + DAY, failures=failures, jitter=chance.random())
        times[int((at - NOW).total_seconds())] += 1
    assert max(times.values()) < 30


@pytest.mark.parametrize(
    ("due", "refresh", "jitter", "expected"),
    [
        (7 * DAY, HOUR, 0.0, HOUR),
        (7 * DAY, HOUR, 0.5, 54 * MINUTE),
        (30 * MINUTE, HOUR, 0.0, 30 * MINUTE),
        (7 * DAY, timedelta(), 0.0, timedelta(seconds=2)),
        (-MINUTE, HOUR, 0.0, -MINUTE),
    ],
)
def test_a_shorter_refresh_counts_from_now_and_delays_nothing(
    due: timedelta, refresh: timedelta, jitter: float, expected: timedelta
) -> None:
    assert hastened(NOW + due, NOW, refresh=refresh, jitter=jitter) == NOW + expected
