"""From the bytes of a file (or of an HTTP answer) to CRLs in DER: one DER, or a PEM bundle."""

import base64
import binascii
import re
from mmap import mmap
from typing import Final, TypeVar

from extauthz.trust.crl.error import CrlError
from extauthz.trust.crl.head import MAX_CRL_BYTES

MAX_PEM_BYTES = MAX_CRL_BYTES * 3 // 2
"""Base64 with line ends takes four thirds of the bytes, and a little."""
CRL_LABEL = b"X509 CRL"

_SEQUENCE = b"\x30"  # the first byte of every CRL in DER
_BEGIN = b"-----BEGIN "
_WHITE_SPACE: Final = b" \t\r\n\v\f"
_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----\s([A-Za-z0-9+/=\s]*)-----END ([A-Z0-9 ]+)-----")

_Given = TypeVar("_Given", bytes, memoryview, mmap)


def crls_from_bytes(data: _Given) -> tuple[_Given | bytes, ...]:
    """Split a file into CRLs in DER: the blocks of a PEM bundle in order, or the one DER that it is.

    Text around PEM blocks is passed over (RFC 7468 §5.2); blocks of another kind are not. CrlError says what is wrong.
    The DER is not parsed: ``load_crl`` does that. A file that is one DER is handed back as it was given, not copied.
    """
    if len(data) > MAX_PEM_BYTES:
        raise CrlError(f"the file has {len(data)} bytes; at most {MAX_PEM_BYTES} are read")
    if bytes(data[:1]) == _SEQUENCE:
        return (data,)
    text = bytes(data)
    if not text.strip():
        raise CrlError("the file is empty")
    if _BEGIN not in text:
        return (data,)
    blocks = tuple(_decode(block) for block in _BLOCK.finditer(text))
    if len(blocks) != text.count(_BEGIN):
        raise CrlError("a PEM block is malformed: it has no matching END line, or holds something other than base64")
    return blocks


def _decode(block: re.Match[bytes]) -> bytes:
    begin, body, end = block.groups()
    if begin != end:
        raise CrlError(f"a PEM block begins as {begin.decode()} and ends as {end.decode()}")
    if begin != CRL_LABEL:
        raise CrlError(f"there is a {begin.decode().lower()} where a CRL is meant (BEGIN {begin.decode()})")
    try:
        return base64.b64decode(body.translate(None, _WHITE_SPACE), validate=True)
    except binascii.Error as error:
        raise CrlError(f"a PEM block is not base64: {error}") from error
