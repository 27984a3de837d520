"""A header that a proxy writes once."""

import pytest

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from extauthz.sources.header_line import header_line
from extauthz.sources.limits import MAX_TEXT_LENGTH

NAME = "x-ssl-client-cert"


def test_the_one_line_comes_back_and_an_empty_one_too() -> None:
    assert header_line({NAME: ("a",), "x-other": ("b", "c")}, NAME) == "a"
    assert header_line({NAME: ("",)}, NAME) == ""


@pytest.mark.parametrize("headers", [{}, {NAME: ()}, {"x-other": ("a",)}])
def test_no_header_is_none(headers: dict[str, tuple[str, ...]]) -> None:
    assert header_line(headers, NAME) is None


@pytest.mark.parametrize("lines", [("a", "b"), ("a", "a"), ("", ""), ("a", ""), ("", "a"), ("a",) * 100])
def test_two_lines_are_ambiguous_whatever_they_hold(lines: tuple[str, ...]) -> None:
    with pytest.raises(DecodeError, match=NAME) as caught:
        header_line({NAME: lines}, NAME)
    assert caught.value.reason is Reason.SOURCE_AMBIGUOUS


def test_a_line_is_bounded() -> None:
    longest = "a" * MAX_TEXT_LENGTH
    assert header_line({NAME: (longest,)}, NAME) == longest
    with pytest.raises(DecodeError) as caught:
        header_line({NAME: (longest + "a",)}, NAME)
    assert caught.value.reason is Reason.SOURCE_TOO_LARGE
