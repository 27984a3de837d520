"""Text of strangers is shown so that none of it can act on a terminal."""

import pytest

from extauthz.model.visible import visible


@pytest.mark.parametrize("text", ["", "CN=alice,O=Example", "Zoë 北京"])
def test_what_can_be_seen_stays(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize("text", ["\x1b[2J", "a\nb", "a\rb", "\u202e", "\0", "\u200b"])
def test_what_cannot_is_escaped(text: str) -> None:
    shown = visible(f"a{text}b")
    assert shown.isprintable()
    assert text not in shown
