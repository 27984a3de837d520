from datetime import UTC, datetime, timedelta

import pytest

from extauthz.cli.text import duration, instant
from extauthz.model.visible import visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("CN=Zo\u00eb, O=a b", "CN=Zo\u00eb, O=a b"),
        ("a\nb\tc", r"a\nb\tc"),
        ("\x1b[31m", r"\x1b[31m"),
        ("a\u202eb\u2066", r"a\u202eb\u2066"),
        ("a\x00\x7f\x9b", r"a\x00\x7f\x9b"),
        ("\ud800", r"\ud800"),
    ],
)
def test_what_a_terminal_would_not_show_is_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 seconds"),
        (1, "1 second"),
        (59.9, "59 seconds"),
        (60, "1 minute"),
        (7199, "1 hour"),
        (7200, "2 hours"),
        (86_399, "23 hours"),
        (86_400, "1 day"),
        (-172_800, "2 days"),
    ],
)
def test_spans_are_in_words(seconds: float, words: str) -> None:
    assert duration(timedelta(seconds=seconds)) == words


def test_instants_are_rfc_3339() -> None:
    assert instant(datetime(2026, 11, 23, 1, 2, 3, 999, tzinfo=UTC)) == "2026-11-23T01:02:03Z"
