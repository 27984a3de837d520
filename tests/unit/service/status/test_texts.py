"""What is shown is printable and bounded, whatever it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extauthz.service.status.texts import NAME_CHARACTERS, SHOWN_SENTENCES, duration, sentences, shown

LONGEST_ESCAPE = len("\\u{10ffff}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CN=alice,O=Example", "CN=alice,O=Example"),
        ("Zoë 東京 שלום", "Zoë 東京 שלום"),
        ("a\u202eb", "a\\u{202e}b"),
        ("a\x00\n\x1b[31m", "a\\u{0}\\u{a}\\u{1b}[31m"),
        ("a\u200bb\u00a0c", "a\\u{200b}b\\u{a0}c"),
        ("\ud800", "\\u{d800}"),
        ("<b>&", "<b>&"),
    ],
)
def test_what_cannot_be_seen_is_written_out(text: str, expected: str) -> None:
    assert shown(text) == expected


def test_a_text_of_just_the_most_is_whole_and_a_longer_one_is_cut() -> None:
    assert shown("x" * NAME_CHARACTERS) == "x" * NAME_CHARACTERS
    assert shown("x" * (NAME_CHARACTERS + 1)) == "x" * (NAME_CHARACTERS - 1) + "…"
    assert shown("abcdef", 4) == "abc…"


@given(st.text(alphabet=st.characters(), max_size=400))
def test_any_text_ends_up_printable_and_bounded(text: str) -> None:
    result = shown(text)
    assert result.isprintable()
    assert len(result) <= NAME_CHARACTERS * LONGEST_ESCAPE
    result.encode("utf-8")


def test_of_many_sentences_the_first_are_shown_and_the_others_counted() -> None:
    few = tuple(str(one) for one in range(SHOWN_SENTENCES))
    assert sentences(few) == few
    assert sentences((*few, "a", "b")) == (*few, "and 2 more; the log has all of them")
    assert sentences(("a\nb",)) == ("a\\u{a}b",)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (0.9, "0 s"),
        (59, "59 s"),
        (60, "1 min 0 s"),
        (3599, "59 min 59 s"),
        (3600, "1 h 0 min"),
        (86_399, "23 h 59 min"),
        (86_400, "1 d 0 h"),
        (400 * 86_400 + 7200, "400 d 2 h"),
        (-90, "1 min 30 s"),
    ],
)
def test_a_duration_has_two_units(seconds: float, words: str) -> None:
    assert duration(seconds) == words
