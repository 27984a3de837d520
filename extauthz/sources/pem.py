"""PEM certificates (RFC 7468 §5), read strictly."""

import binascii
from typing import Final

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from extauthz.sources.der import require_one_sequence
from extauthz.sources.limits import MAX_CERTIFICATE_BYTES, MAX_CHAIN_CERTIFICATES, MAX_TEXT_LENGTH

_BEGIN_LINE: Final = b"-----BEGIN CERTIFICATE-----\n"
_END_LINE: Final = b"\n-----END CERTIFICATE-----"
_LARGEST_BASE64: Final = (MAX_CERTIFICATE_BYTES + 2) // 3 * 4

_OTHER_LABELS: Final = (
    "PRIVATE KEY",
    "ENCRYPTED PRIVATE KEY",
    "RSA PRIVATE KEY",
    "EC PRIVATE KEY",
    "DSA PRIVATE KEY",
    "OPENSSH PRIVATE KEY",
    "PUBLIC KEY",
    "RSA PUBLIC KEY",
    "CERTIFICATE REQUEST",
    "NEW CERTIFICATE REQUEST",
    "X509 CRL",
    "TRUSTED CERTIFICATE",
    "X509 CERTIFICATE",
    "ATTRIBUTE CERTIFICATE",
    "PKCS7",
    "CMS",
    "EC PARAMETERS",
    "DH PARAMETERS",
)
"""What an operator may have wired up by mistake. Only these are named in a detail: other text is a stranger's."""


def certificates_from_pem(text: bytes) -> tuple[bytes, ...]:
    """Return the DER of every certificate in a PEM text, in the order given; at least one, at most 16.

    The text is ``CERTIFICATE`` blocks and nothing else: no words before, between or after them, no block of another
    kind. Lines end in LF or CRLF and may have any length; empty lines may follow a block. Raises ``DecodeError``:
    SOURCE_TOO_LARGE (text over 128 KiB, more than 16 blocks), CERTIFICATE_TOO_LARGE (DER over 64 KiB), else
    SOURCE_MALFORMED with a detail that says what came, without any of its content.

    It verifies that each block holds one DER SEQUENCE of exactly its length, not that this is a certificate.
    """
    if len(text) > MAX_TEXT_LENGTH:
        raise DecodeError(Reason.SOURCE_TOO_LARGE, f"a PEM text of more than {MAX_TEXT_LENGTH} bytes")
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n")
    certificates: list[bytes] = []
    at = 0
    while at < len(text) or not certificates:
        if len(certificates) == MAX_CHAIN_CERTIFICATES:
            raise DecodeError(Reason.SOURCE_TOO_LARGE, f"more than {MAX_CHAIN_CERTIFICATES} certificates")
        if not text.startswith(_BEGIN_LINE, at):
            raise DecodeError(Reason.SOURCE_MALFORMED, _what_came(text, at))
        # The line break before END may be the one after BEGIN: an empty block has a better detail than a missing END.
        end = text.find(_END_LINE, at + len(_BEGIN_LINE) - 1)
        if end < 0:
            raise DecodeError(Reason.SOURCE_MALFORMED, "a CERTIFICATE block without its END line")
        certificates.append(_der_of_block(text[at + len(_BEGIN_LINE) : end]))
        at = _after_line_breaks(text, end + len(_END_LINE))
    return tuple(certificates)


def certificate_from_pem(text: bytes) -> bytes:
    """Return the DER of the one certificate in a PEM text. As ``certificates_from_pem``, and two are malformed."""
    certificates = certificates_from_pem(text)
    if len(certificates) != 1:
        raise DecodeError(Reason.SOURCE_MALFORMED, f"{len(certificates)} certificates where exactly one is meant")
    return certificates[0]


def _der_of_block(body: bytes) -> bytes:
    body = body.replace(b"\n", b"")
    if not body:
        raise DecodeError(Reason.SOURCE_MALFORMED, "an empty CERTIFICATE block")
    if len(body) > _LARGEST_BASE64:
        raise DecodeError(Reason.CERTIFICATE_TOO_LARGE, f"a certificate of more than {MAX_CERTIFICATE_BYTES} bytes")
    try:
        der = binascii.a2b_base64(body, strict_mode=True)
    except binascii.Error as error:
        raise DecodeError(Reason.SOURCE_MALFORMED, "a CERTIFICATE block that is not base64") from error
    require_one_sequence(der)
    return der


def _after_line_breaks(text: bytes, at: int) -> int:
    """Return where the text goes on after the line breaks at ``at``, of which there must be one unless it ends."""
    rest = text[at:]
    following = rest.lstrip(b"\n")
    if following and len(following) == len(rest):
        raise DecodeError(Reason.SOURCE_MALFORMED, "text on the END line of a CERTIFICATE block")
    return len(text) - len(following)


def _what_came(text: bytes, at: int) -> str:
    """Say what stands where a CERTIFICATE block must begin."""
    if not text:
        return "an empty text"
    if text.startswith(_BEGIN_LINE.rstrip(), at):
        return "text on the BEGIN line of a CERTIFICATE block, or no line break after it"
    if text.startswith(b"-----BEGIN ", at):
        return _other_block(text, at)
    if at:
        return "text between or after the CERTIFICATE blocks"
    if _BEGIN_LINE in text:
        return "text before the first CERTIFICATE block"
    return "not PEM (it may be DER)" if text.startswith(b"0") else "not PEM"


def _other_block(text: bytes, at: int) -> str:
    for label in _OTHER_LABELS:
        if text.startswith(f"-----BEGIN {label}-----".encode(), at):
            return f"a PEM block of type {label}, not CERTIFICATE"
    return "a PEM block of an unknown type, not CERTIFICATE"
