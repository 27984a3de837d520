"""Certificate-bound access tokens: the ``x5t#S256`` confirmation (RFC 8705 §3.1).

The value names the exact leaf certificate, not its key: a renewed certificate with the same key is another one. This
module compares; that the token is genuine is for whoever verified it, and that the client holds the private key is
for the TLS handshake.
"""

import base64
import hashlib
import hmac
import re

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason

THUMBPRINT_LENGTH = 43
"""Characters of base64url without padding for the 32 bytes of SHA-256."""

_PROBLEMS = (
    (re.compile(r"\s"), "contains white space"),
    (re.compile(r"="), "is padded with '=', which RFC 8705 forbids"),
    (re.compile(r"[+/]"), "uses the standard base64 alphabet instead of base64url"),
    (re.compile(r"[^A-Za-z0-9_-]"), "contains a character outside base64url"),
    (re.compile(r"\A[0-9A-Fa-f]{64}\Z"), "is hexadecimal instead of base64url"),
)


def cert_thumbprint_s256(cert_der: bytes) -> str:
    """Return the ``x5t#S256`` of a certificate: base64url of SHA-256 over its DER, 43 characters without padding.

    The bytes are hashed as they are: whether they are a certificate is not looked at.
    """
    return _encode(hashlib.sha256(cert_der).digest())


def verify_cert_binding(cert_der: bytes, expected: object) -> None:
    """Raise DecodeError(TOKEN_BINDING_MISMATCH) unless ``expected`` is the ``x5t#S256`` of this certificate.

    ``expected`` comes out of a token and may be anything; what is not exactly 43 characters of base64url is a mismatch
    whose detail says what is wrong with it (RFC 8705 §3.1: no padding, no line breaks, no white space). The decoded
    digests are compared in constant time.
    """
    if not hmac.compare_digest(_decode(expected), hashlib.sha256(cert_der).digest()):
        raise _mismatch("the token is bound to another certificate")


def _decode(expected: object) -> bytes:
    if not isinstance(expected, str):
        raise _mismatch("x5t#S256 is not a string")
    if problem := _what_is_wrong(expected):
        raise _mismatch(f"x5t#S256 {problem}")
    digest = base64.urlsafe_b64decode(expected + "=")
    # 43 characters hold 258 bits, so the last one has two bits to spare: there is one spelling, the one with zeros.
    if _encode(digest) != expected:
        raise _mismatch("x5t#S256 ends in a character that no encoder writes")
    return digest


def _what_is_wrong(text: str) -> str | None:
    for pattern, problem in _PROBLEMS:
        if pattern.search(text):
            return problem
    if len(text) != THUMBPRINT_LENGTH:
        return f"has {len(text)} characters instead of {THUMBPRINT_LENGTH}"
    return None


def _encode(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _mismatch(detail: str) -> DecodeError:
    return DecodeError(Reason.TOKEN_BINDING_MISMATCH, detail)
