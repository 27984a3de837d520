"""Base64 (RFC 4648 §4) of certificates in headers, read strictly."""

import binascii
import re
from typing import Final

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason

_LOOKS: Final = (
    (re.compile("-----BEGIN"), "it looks like PEM"),
    (re.compile("%"), "it looks percent-encoded, as Traefik v2 writes it (v3 does not), or as URL-encoded PEM"),
    (re.compile(r"[^\x00-\x7f]"), "a character outside ASCII"),
    (re.compile(r"[ \t\r\n]"), "white space"),
    (re.compile(","), "a comma, as in a list of certificates or where two header lines were joined"),
    (re.compile("[-_]"), "it looks like the URL-safe alphabet"),
)
"""What operators may have wired up by mistake, the surest sign first."""


def base64_decode(text: str) -> bytes:
    """Decode standard base64 with its padding; at least one byte comes out.

    Raises ``DecodeError(SOURCE_MALFORMED)`` for everything that an encoder does not write: white space, the URL-safe
    alphabet, percent-encoding, wrong padding, bits left over; with a detail that says what it looks like. It does not
    bound the length: the caller does that first.
    """
    if not text:
        raise DecodeError(Reason.SOURCE_MALFORMED, "empty base64")
    try:
        data = binascii.a2b_base64(text, strict_mode=True)
    except ValueError as error:  # binascii.Error is one; another one is for text outside ASCII
        raise DecodeError(Reason.SOURCE_MALFORMED, _what_came(text)) from error
    # The strict mode lets some surplus padding and surplus bits through: several texts would be the same bytes.
    if binascii.b2a_base64(data, newline=False) != text.encode():
        raise DecodeError(Reason.SOURCE_MALFORMED, "base64 that no encoder writes: wrong padding, or bits left over")
    return data


def _what_came(text: str) -> str:
    """Say what stands there instead of base64, without any of it."""
    looks = next((words for sign, words in _LOOKS if sign.search(text)), None)
    return "not base64" if looks is None else f"not base64: {looks}"
