from datetime import timedelta
from typing import Annotated

import pytest
from pydantic import TypeAdapter

from extauthz.config.schema.duration import Duration, between, format_duration, parse_duration, whole_seconds


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("0s", timedelta()),
        ("3600s", timedelta(hours=1)),
        ("90m", timedelta(minutes=90)),
        ("2h30m", timedelta(hours=2, minutes=30)),
        ("500ms", timedelta(milliseconds=500)),
        ("1s500ms", timedelta(milliseconds=1500)),
        ("1d2h3m4s5ms", timedelta(days=1, hours=2, minutes=3, seconds=4, milliseconds=5)),
    ],
)
def test_durations_have_units(text: str, duration: timedelta) -> None:
    assert parse_duration(text) == duration


@pytest.mark.parametrize("value", [30, 1.5, None, True, ["1s"]])
def test_bare_numbers_are_refused(value: object) -> None:
    with pytest.raises(ValueError, match="must be a duration with its unit, such as"):
        parse_duration(value)


@pytest.mark.parametrize(
    "text", ["", "30", "1.5h", "1m1h", "1S", "-1s", "+1s", " 1s", "1s\n", "1h1h", "s", "PT5S", "1234567d"]
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(
        ValueError, match="is not a duration; write whole numbers with the units d, h, m, s, ms in this"
    ):
        parse_duration(text)


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (timedelta(), "0s"),
        (timedelta(seconds=90), "1m30s"),
        (timedelta(days=1, milliseconds=7), "1d7ms"),
        (timedelta(hours=25), "1d1h"),
    ],
)
def test_format_is_what_parse_reads(duration: timedelta, text: str) -> None:
    assert format_duration(duration) == text
    assert parse_duration(text) == duration


def test_bounds_are_inclusive() -> None:
    within = TypeAdapter(Annotated[Duration, between("1s", "1m")]).validate_python
    assert within("1s") == timedelta(seconds=1)
    assert within("1m") == timedelta(minutes=1)
    for outside in ("999ms", "1m1ms"):
        with pytest.raises(ValueError, match="is out of range; it must be from 1s to 1m"):
            within(outside)


def test_fractions_of_a_second_are_refused_where_seconds_count() -> None:
    assert whole_seconds(timedelta(seconds=2)) == timedelta(seconds=2)
    with pytest.raises(ValueError, match="1s500ms has a fraction of a second; write whole seconds"):
        whole_seconds(timedelta(seconds=1.5))
