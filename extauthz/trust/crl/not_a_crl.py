"""What was given where a CRL belongs: a web page, a certificate, a key; judged by the first bytes."""

from typing import Final

from extauthz.identity.certificate import MAX_CERTIFICATE_BYTES, parse_certificate
from extauthz.identity.diagnosis import diagnose
from extauthz.model.errors import DecodeError
from extauthz.model.quoted import quoted

_LOOKED_AT: Final = 32
"""Bytes, the first of a file: enough to tell ``<!DOCTYPE html>``."""
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_SEQUENCE: Final = b"\x30"


def not_a_crl(data: memoryview, why: str) -> str:
    """Say what the bytes are instead, in a sentence. ``why``: what a reader of CRLs stumbled over."""
    if text := _first_words(bytes(data[:_LOOKED_AT])):
        return f"this is no CRL: it begins with {quoted(text)}"
    return f"{_what_it_is(data)} ({why})"


def _first_words(start: bytes) -> str:
    """Return the start of the first line of a text; nothing of what is no text, or may be DER."""
    line = start.removeprefix(_BYTE_ORDER_MARK).lstrip().split(b"\n")[0].rstrip()
    text = line.decode("ascii", "replace")
    return text if line.isascii() and text.isprintable() and not start.startswith(_SEQUENCE) else ""


def _what_it_is(data: memoryview) -> str:
    if len(data) > MAX_CERTIFICATE_BYTES:
        return "the CRL cannot be read"
    der = bytes(data)
    try:
        parse_certificate(der)
    except DecodeError:
        kind, _, given = diagnose(der).partition(" was given")
    else:
        kind, given = "a certificate", "instead"
    return f"{kind} was given where a CRL belongs" if given and kind != "a CRL" else "the CRL cannot be read"
