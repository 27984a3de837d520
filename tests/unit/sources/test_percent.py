"""Percent-encoding is read strictly, and ``+`` means ``+``."""

import pytest

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from extauthz.sources.percent import percent_decode


@pytest.mark.parametrize(
    ("text", "decoded"),
    [
        ("", b""),
        ("plain", b"plain"),
        ("a+b", b"a+b"),
        ("a%2Bb%2bb", b"a+b+b"),
        ("%0A%20%2F%3D", b"\n /="),
        ("%00%7F%80%fF", b"\x00\x7f\x80\xff"),
        ("%250A", b"%0A"),
        ("a=b", b"a=b"),
        ("==%3D=", b"===="),
        ("=0A%0A", b"=0A\n"),
        ("line\nbreak \r\n", b"line\nbreak \r\n"),
        ("_%5F", b"__"),
    ],
)
def test_text_decodes_once_and_to_exactly_these_bytes(text: str, decoded: bytes) -> None:
    assert percent_decode(text) == decoded


@pytest.mark.parametrize(
    "text", ["%", "a%", "%2", "%2%", "%%", "%%20", "%G0", "%0g", "% 1", "%+1", "%0\n", "%\n0A", "=%"]
)
def test_a_percent_sign_without_two_digits_is_malformed(text: str) -> None:
    with pytest.raises(DecodeError, match="hexadecimal") as caught:
        percent_decode(text)
    assert caught.value.reason is Reason.SOURCE_MALFORMED


@pytest.mark.parametrize("text", ["é", "a\udcff", "%41\u202e", "%\uff11\uff11"])
def test_anything_outside_ascii_is_malformed(text: str) -> None:
    with pytest.raises(DecodeError, match="outside ASCII") as caught:
        percent_decode(text)
    assert caught.value.reason is Reason.SOURCE_MALFORMED
