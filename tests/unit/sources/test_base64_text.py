"""Base64 in one spelling only."""

import base64

import pytest

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from extauthz.sources.base64_text import base64_decode
from support import pki

LEAF = pki.make_ca("CA").issue("alice")
TEXT = pki.base64_text(LEAF.der)
BYTES_OF_ALL_CHARACTERS = b"\xfb\xef\xbe\xff\xff\xff\x00\x10\x83"


@pytest.mark.parametrize("data", [LEAF.der, b"a", b"ab", b"abc", BYTES_OF_ALL_CHARACTERS])
def test_standard_base64_comes_back_as_its_bytes(data: bytes) -> None:
    assert base64_decode(base64.b64encode(data).decode()) == data


BAD = {
    "empty": ("", "empty base64"),
    "PEM": (LEAF.pem.decode(), "PEM"),
    "PEM in a URL": (pki.url_pem(LEAF.der), "PEM"),
    "Traefik v2": (TEXT + "%3D", "percent-encoded, as Traefik v2"),
    "percent alone": ("%", "percent-encoded"),
    "not ASCII": ("MAA=é", "outside ASCII"),
    "surrogate": ("MAA=\udcff", "outside ASCII"),
    "a space": ("MAA =", "white space"),
    "a space before": (" MAA=", "white space"),
    "a line break after": ("MAA=\n", "white space"),
    "wrapped": (base64.encodebytes(LEAF.der).decode(), "white space"),
    "a list": (f"{TEXT},{TEXT}", "a comma"),
    "URL-safe": (base64.urlsafe_b64encode(BYTES_OF_ALL_CHARACTERS).decode(), "URL-safe"),
    "NUL": ("MAA=\0", "not base64"),
    "colons": (f":{TEXT}:", "not base64"),
    "truncated": ("MAAAA", "not base64"),
    "no padding": ("MAA", "not base64"),
    "half the padding": ("MA=", "not base64"),
    "too much padding": ("MAA==", "not base64"),
    "padding only": ("====", "not base64"),
    "doubled": ("MAA=MAA=", "not base64"),
    "bits left over": ("MAB=", "that no encoder writes"),
    "more bits left over": ("MB==", "that no encoder writes"),
}


@pytest.mark.parametrize(("text", "part"), BAD.values(), ids=BAD)
def test_anything_else_is_malformed_and_says_what_came(text: str, part: str) -> None:
    with pytest.raises(DecodeError) as caught:
        base64_decode(text)
    assert caught.value.reason is Reason.SOURCE_MALFORMED
    assert part in caught.value.detail


def test_padding_after_a_whole_group_is_malformed() -> None:
    """Some versions of the standard library take it."""
    for text in ("MAAA=", "MAAA==", "MAAA===", "MAAA===="):
        with pytest.raises(DecodeError) as caught:
            base64_decode(text)
        assert caught.value.reason is Reason.SOURCE_MALFORMED
