"""Pins: the SHA-256 of one certificate, or of one public key.

A pin narrows whom the chain lets in; it never replaces the chain. ``CertPin`` names one exact certificate (what Envoy
calls ``verify_certificate_hash``), ``SpkiPin`` the key, which survives a renewal (RFC 7469 §2.4, and Envoy's
``verify_certificate_spki``). Digests are compared in constant time, and a comparison never stops at the first match.
"""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from extauthz.identity.certificate import Certificate, parse_certificate
from extauthz.model.errors import DecodeError

DIGEST_SIZE = 32
SPKI_BASE64_LENGTH = 44
"""Characters of padded base64 for 32 bytes."""

_HEX = re.compile(r"[0-9A-Fa-f]{64}")
_COLON_HEX = re.compile(r"[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){31}")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{43}=")
_PEM = b"-----BEGIN"


@dataclass(frozen=True, slots=True)
class CertPin:
    """The SHA-256 of a whole certificate in DER. ``str()`` is lower-case hex."""

    digest: bytes
    """32 bytes."""

    def __post_init__(self) -> None:
        _check_digest(self.digest)

    def __str__(self) -> str:
        return self.digest.hex()

    @classmethod
    def from_der(cls, cert_der: bytes) -> Self:
        """Pin these bytes. They are not parsed; ValueError only when they are empty or evidently PEM."""
        if not cert_der:
            raise ValueError("there is nothing to pin: the certificate is empty")
        if cert_der.lstrip().startswith(_PEM):
            raise ValueError("the certificate is PEM; a pin is made from DER")
        return cls(hashlib.sha256(cert_der).digest())

    @classmethod
    def from_hex(cls, text: str) -> Self:
        """Read 64 hex digits in any case, or 32 pairs of them joined by colons. ValueError says what is wrong."""
        return cls(_digest_from_hex(text))

    def matches(self, cert_der: bytes) -> bool:
        """Say whether these bytes are the pinned certificate, in constant time."""
        return hmac.compare_digest(self.digest, hashlib.sha256(cert_der).digest())


@dataclass(frozen=True, slots=True)
class SpkiPin:
    """The SHA-256 of a certificate's SubjectPublicKeyInfo in DER. ``str()`` is padded base64 (RFC 7469 §2.1.1)."""

    digest: bytes
    """32 bytes."""

    def __post_init__(self) -> None:
        _check_digest(self.digest)

    def __str__(self) -> str:
        return base64.b64encode(self.digest).decode()

    @classmethod
    def from_certificate_der(cls, cert_der: bytes) -> Self:
        """Pin the key of a certificate. ValueError when the certificate cannot be parsed."""
        try:
            return cls(parse_certificate(cert_der).spki_sha256)
        except DecodeError as error:
            raise ValueError(f"there is no key to pin: {error.detail}") from error

    @classmethod
    def from_base64(cls, text: str) -> Self:
        """Read the 44 characters of RFC 7469: standard alphabet, padded. ValueError says what is wrong."""
        if not _BASE64.fullmatch(text):
            raise ValueError(f"a pin of a key is {SPKI_BASE64_LENGTH} characters of padded standard base64")
        digest = base64.b64decode(text)
        # The last character before the padding has two bits to spare: only one spelling of a digest is a pin.
        if base64.b64encode(digest).decode() != text:
            raise ValueError("the last character before the padding is one that no base64 encoder writes")
        return cls(digest)

    @classmethod
    def from_hex(cls, text: str) -> Self:
        """Read 64 hex digits in any case, or 32 pairs of them joined by colons. ValueError says what is wrong."""
        return cls(_digest_from_hex(text))

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read either form: base64 by RFC 7469, or hex. ValueError says what is wrong."""
        return cls.from_base64(text) if text.endswith("=") else cls.from_hex(text)

    def matches(self, cert_der: bytes) -> bool:
        """Say in constant time whether this certificate has the pinned key; what cannot be parsed has no key."""
        try:
            digest = parse_certificate(cert_der).spki_sha256
        except DecodeError:
            return False
        return hmac.compare_digest(self.digest, digest)


@dataclass(frozen=True, slots=True)
class ExpiringPin:
    """A pin that counts up to and including ``expires`` (aware; None: without end), and why it is there."""

    pin: CertPin | SpkiPin
    expires: datetime | None = None
    comment: str = ""

    def counts_at(self, now: datetime) -> bool:
        """Say whether the pin may still let somebody in."""
        return self.expires is None or now <= self.expires


class CertPinStore:
    """A set of pins that may change while it is read.

    Thread-safe without a lock: every operation is one operation of a built-in set of bytes, and those are atomic.
    """

    def __init__(self) -> None:
        self._certificates: set[bytes] = set()
        self._keys: set[bytes] = set()

    def add(self, pin: CertPin | SpkiPin) -> None:
        """Add a pin; one that is there already is not added twice."""
        self._set_of(pin).add(pin.digest)

    def remove(self, pin: CertPin | SpkiPin) -> bool:
        """Take a pin out, and say whether it was there."""
        try:
            self._set_of(pin).remove(pin.digest)
        except KeyError:
            return False
        return True

    def is_pinned(self, cert_der: bytes) -> bool:
        """Say whether the certificate or its key is pinned. An empty store pins nothing, so the answer is no."""
        keys = self._keys.copy()
        found = any_digest_matches(self._certificates.copy(), hashlib.sha256(cert_der).digest())
        if keys:
            try:
                found |= any_digest_matches(keys, parse_certificate(cert_der).spki_sha256)
            except DecodeError:  # no key could be read, so none is pinned; its bytes may be
                return found
        return found

    def is_certificate_pinned(self, certificate: Certificate) -> bool:
        """Say the same of a certificate that is parsed already."""
        by_certificate = any_digest_matches(self._certificates.copy(), certificate.sha256)
        return any_digest_matches(self._keys.copy(), certificate.spki_sha256) | by_certificate

    def count(self) -> int:
        """Return how many pins there are."""
        return len(self._certificates) + len(self._keys)

    def _set_of(self, pin: CertPin | SpkiPin) -> set[bytes]:
        return self._certificates if isinstance(pin, CertPin) else self._keys


def any_digest_matches(pinned: "set[bytes] | list[bytes]", digest: bytes) -> bool:
    """Compare with every one of them, in constant time for their number: a match does not end the walk."""
    found = False
    for one in pinned:
        found |= hmac.compare_digest(one, digest)
    return found


def _check_digest(digest: bytes) -> None:
    if len(digest) != DIGEST_SIZE:
        raise ValueError(f"a SHA-256 digest has {DIGEST_SIZE} bytes, not {len(digest)}")


def _digest_from_hex(text: str) -> bytes:
    if not _HEX.fullmatch(text) and not _COLON_HEX.fullmatch(text):
        raise ValueError(_hex_problem(text))
    return bytes.fromhex(text.replace(":", ""))


def _hex_problem(text: str) -> str:
    digits = text.replace(":", "")
    if not re.fullmatch(r"[0-9A-Fa-f]*", digits):
        return "a SHA-256 pin in hex holds only the digits 0-9 and a-f, and colons between pairs of them"
    if len(digits) != 2 * DIGEST_SIZE:
        return f"a SHA-256 pin in hex has {2 * DIGEST_SIZE} digits, not {len(digits)}"
    return "colons in a SHA-256 pin stand between all pairs of digits, or nowhere"
