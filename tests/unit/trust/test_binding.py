"""RFC 8705: the token is bound to exactly this certificate, in exactly one spelling."""

import base64
import hashlib

import pytest

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from extauthz.trust.binding import cert_thumbprint_s256, verify_cert_binding
from support import pki

RFC_8705_CERTIFICATE = base64.b64decode(
    "MIIBBjCBrAIBAjAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARtdGxzMB4XDTE4MTAxODEyMzcwOVoXDTIyMDUwMjEyMzcwOVowDzENMAsGA1UEAwwE"
    "bXRsczBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNcnyxwqV6hY8QnhxxzFQ03C7HKW9OylMbnQZjjJ/Au08/coZwxS7LfA4vOLS9WuneIXhbGG"
    "WvsDSb0tH6IxLm8wCgYIKoZIzj0EAwIDSQAwRgIhAP0RC1E+vwJD/D1AGHGzuri+hlV/PpQEKTWUVeORWz83AiEA5x2eXZOVbUlJSGQgjwD5vaUa"
    "KlLR50Q2DmFfQj1L+SY="
)
"""RFC 8705 appendix A, figure 5."""
RFC_8705_THUMBPRINT = "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0"
"""The same, figure 6."""

DER = pki.make_ca().issue("alice").der
DIGEST = hashlib.sha256(DER).digest()
THUMBPRINT = base64.urlsafe_b64encode(DIGEST).decode().rstrip("=")


def test_thumbprint_of_the_rfcs_example() -> None:
    assert cert_thumbprint_s256(RFC_8705_CERTIFICATE) == RFC_8705_THUMBPRINT
    verify_cert_binding(RFC_8705_CERTIFICATE, RFC_8705_THUMBPRINT)


def test_a_token_bound_to_this_certificate_passes() -> None:
    assert cert_thumbprint_s256(DER) == THUMBPRINT
    verify_cert_binding(DER, THUMBPRINT)


def test_a_token_bound_to_another_certificate_is_refused() -> None:
    other = cert_thumbprint_s256(pki.make_ca().issue("bob").der)
    with pytest.raises(DecodeError) as caught:
        verify_cert_binding(DER, other)
    assert caught.value.reason is Reason.TOKEN_BINDING_MISMATCH
    assert caught.value.detail == "the token is bound to another certificate"


def _next_character(char: str) -> str:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return alphabet[alphabet.index(char) + 1]


@pytest.mark.parametrize(
    ("expected", "detail"),
    [
        (THUMBPRINT + "=", "is padded with '=', which RFC 8705 forbids"),
        (" " + THUMBPRINT, "contains white space"),
        (THUMBPRINT + "\n", "contains white space"),
        (THUMBPRINT[:20] + "\r\n" + THUMBPRINT[20:], "contains white space"),
        ("+" + THUMBPRINT[1:], "uses the standard base64 alphabet instead of base64url"),
        ("/" + THUMBPRINT[1:], "uses the standard base64 alphabet instead of base64url"),
        ("é" + THUMBPRINT[1:], "contains a character outside base64url"),
        ("\0" + THUMBPRINT[1:], "contains a character outside base64url"),
        ("\ud800" + THUMBPRINT[1:], "contains a character outside base64url"),
        (DIGEST.hex(), "is hexadecimal instead of base64url"),
        (DIGEST.hex().upper(), "is hexadecimal instead of base64url"),
        (THUMBPRINT[:-1], "has 42 characters instead of 43"),
        (THUMBPRINT + "A", "has 44 characters instead of 43"),
        ("", "has 0 characters instead of 43"),
        (THUMBPRINT[:-1] + _next_character(THUMBPRINT[-1]), "ends in a character that no encoder writes"),
        (None, "is not a string"),
        (DIGEST, "is not a string"),
        (17, "is not a string"),
        ([THUMBPRINT], "is not a string"),
    ],
    ids=[
        "padded",
        "space",
        "newline",
        "line_break",
        "plus",
        "slash",
        "accent",
        "nul",
        "surrogate",
        "hex",
        "upper_hex",
        "too_short",
        "too_long",
        "empty",
        "other_last_character",
        "none",
        "bytes",
        "number",
        "list",
    ],
)
def test_a_malformed_thumbprint_is_a_mismatch_that_says_why(expected: object, detail: str) -> None:
    with pytest.raises(DecodeError) as caught:
        verify_cert_binding(DER, expected)
    assert caught.value.reason is Reason.TOKEN_BINDING_MISMATCH
    assert caught.value.detail == f"x5t#S256 {detail}"


def test_a_renewed_certificate_with_the_same_key_is_another_one() -> None:
    ca = pki.make_ca()
    first = ca.issue("alice")
    renewed = ca.issue("alice", key=first.key)
    with pytest.raises(DecodeError, match="another certificate"):
        verify_cert_binding(renewed.der, cert_thumbprint_s256(first.der))
