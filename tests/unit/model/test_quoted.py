"""Text from outside is quoted and short."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extauthz.model.quoted import SHOWN_CHARACTERS, quoted


@pytest.mark.parametrize("text", ["", "CN=alice,O=Example", "it's", 'say "yes"', "é", "\n"])
def test_a_short_text_is_its_repr(text: str) -> None:
    assert quoted(text) == repr(text)


def test_the_longest_text_that_is_whole() -> None:
    longest = "x" * (SHOWN_CHARACTERS - 2)
    assert quoted(longest) == repr(longest)
    assert quoted(longest + "x") == f"'{longest}…"


@given(st.text(max_size=300))
def test_any_text_is_bounded_and_one_line(text: str) -> None:
    assert len(quoted(text * 3)) <= SHOWN_CHARACTERS
    assert quoted(text).isprintable()
