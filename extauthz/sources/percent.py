"""Percent-encoding (RFC 3986 §2.1), read strictly."""

import binascii
import re
from typing import Final

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason

_MALFORMED: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")


def percent_decode(text: str) -> bytes:
    """Decode percent-encoded ASCII text to the bytes that it stands for.

    ``+`` stays ``+``: form encoding, where it means a space, would break the base64 of a proxy that leaves ``+`` raw.
    A ``%`` without two hexadecimal digits, and anything outside ASCII (lone surrogates too), raises
    ``DecodeError(SOURCE_MALFORMED)``. It does not bound the length: the caller does that first.
    """
    if not text.isascii():
        raise DecodeError(Reason.SOURCE_MALFORMED, "a character outside ASCII in percent-encoded text")
    if _MALFORMED.search(text):
        raise DecodeError(Reason.SOURCE_MALFORMED, "a '%' that is not followed by two hexadecimal digits")
    # Quoted-printable (RFC 2045 §6.7) is the same code with "=" for "%", and the standard library decodes it in C, many
    # times faster. It differs for a raw "=", which is encoded first, and for an "=" before no digits, refused above.
    return binascii.a2b_qp(text.replace("=", "%3D").replace("%", "="))
