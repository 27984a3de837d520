"""From the bytes of a file to certificates: a PEM bundle, or one certificate in DER."""

import base64
import binascii
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from extauthz.config.read_files import FileError
from extauthz.identity.certificate import Certificate, parse_certificate
from extauthz.model.errors import DecodeError

CERTIFICATE_FILE_SIZE = 16 << 20
"""Bytes: the whole web PKI's bundle of roots takes a quarter of a MiB."""
MAX_KEPT_BYTES: Final = 16 << 10
"""Of one file whose certificates are kept. A CA has one to three, of 1 to 2 KiB each."""
MAX_KEPT: Final = 32
"""Files, those read last: 512 KiB at most, and ten times that once parsed."""

_BEGIN = b"-----BEGIN "
_BLOCK = re.compile(rb"-----BEGIN ([^\r\n-]*)-----[ \t]*\r?\n(.*?)-----END ([^\r\n-]*)-----", re.DOTALL)
_LABELS = frozenset({b"CERTIFICATE", b"X509 CERTIFICATE"})


def certificates_from_file(content: bytes) -> tuple[Certificate, ...]:
    """Parse every certificate of a file. Text between PEM blocks is passed over (RFC 7468 §5.2).

    FileError, as the end of a sentence, for anything that is not a certificate, a private key above all. Those of the
    last small files are kept, as hardly any file changes between two loads.
    """
    return _kept(content) if len(content) <= MAX_KEPT_BYTES else _certificates(content)


def _certificates(content: bytes) -> tuple[Certificate, ...]:
    ders = list(_pem_blocks(content)) if _BEGIN in content else [content]
    certificates = []
    for number, der in enumerate(ders, start=1):
        try:
            certificates.append(parse_certificate(der))
        except DecodeError as error:
            which = f"certificate {number} of {len(ders)} " if len(ders) > 1 else "the certificate "
            raise FileError(_other_content(der) or f"cannot be used: {which}cannot be parsed: {error.detail}") from None
    return tuple(certificates)


_kept = lru_cache(maxsize=MAX_KEPT)(_certificates)


def _pem_blocks(content: bytes) -> Iterator[bytes]:
    blocks = list(_BLOCK.finditer(content))
    for block in blocks:
        label, body, end = block.groups()
        if label not in _LABELS:
            raise FileError(f"holds {_what_block(label)} where only certificates belong{_remedy(label)}")
        if label != end:
            raise FileError(f"is not sound PEM: BEGIN {_text(label)} is followed by END {_text(end)}")
        try:
            yield base64.b64decode(b"".join(body.split()), validate=True)
        except binascii.Error:
            raise FileError("is not sound PEM: a block holds something other than base64") from None
    if len(blocks) != content.count(_BEGIN):
        raise FileError("is not sound PEM: a BEGIN line has no END line")


def _what_block(label: bytes) -> str:
    if label.endswith(b"PRIVATE KEY"):
        return "a private key"
    return {b"X509 CRL": "a CRL", b"TRUSTED CERTIFICATE": "a block of OpenSSL's own type `TRUSTED CERTIFICATE`"}.get(
        label, f"a block of type `{_text(label)}`"
    )


def _remedy(label: bytes) -> str:
    if label.endswith(b"PRIVATE KEY"):
        return "; keep it elsewhere"
    if label == b"X509 CRL":
        return "; CRLs are listed in `revocation.crls`"
    return "; convert it with `openssl x509`" if label == b"TRUSTED CERTIFICATE" else ""


def _other_content(der: bytes) -> str | None:
    """Say what a file is that was meant to be a certificate, where that can be told."""
    if not der.strip():
        return "is empty; it must hold a certificate in PEM or DER"
    if not der.startswith(b"\x30"):
        return "holds neither PEM nor DER; it must hold a certificate"
    for what, load in (("a CRL", x509.load_der_x509_crl), ("a private key", _load_key)):
        try:
            load(der)
        except Exception:  # noqa: BLE001, S112  (whatever the library raises means that it is not that, either)
            continue
        label = b"X509 CRL" if what == "a CRL" else b"PRIVATE KEY"
        return f"holds {what} where only certificates belong{_remedy(label)}"
    return None


def _load_key(der: bytes) -> object:
    return serialization.load_der_private_key(der, password=None)


def _text(label: bytes) -> str:
    return label.decode("ascii", "replace")
