"""Large CRLs for the benchmark, made in a second: real signatures over entries that are written as bytes."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from extauthz.identity.der import SEQUENCE, element, encoded

_REASON: Final = bytes.fromhex("300c300a0603551d1504030a0101")
"""crlEntryExtensions with reasonCode keyCompromise."""
_DATE: Final = b"\x17\x0d260101000000Z"
_INTEGER: Final = 0x02
_BIT_STRING: Final = 0x03
_RANDOM_FROM: Final = 8
"""Octets: among shorter random serial numbers two would meet, so these are counted up instead."""
_BLOCK: Final = 10_000
"""Entries that are joined at a time."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What the entries of a CRL look like."""

    entries: int
    serial_octets: int
    reasons: bool


@dataclass(frozen=True, slots=True)
class LargeCa:
    """A CA for one benchmark."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def der(self) -> bytes:
        """The certificate."""
        return self.certificate.public_bytes(serialization.Encoding.DER)


def make_ca(name: str, now: datetime) -> LargeCa:
    """Make a self-signed CA."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return LargeCa(key, builder.sign(key, hashes.SHA256()))


def serials(shape: Shape, seed: int) -> Iterator[int]:
    """Yield the serial numbers of a CRL of this shape: positive, of full length, none twice."""
    chosen = random.Random(seed)  # noqa: S311  (repeatable, not secret)
    top = 0x40 << 8 * (shape.serial_octets - 1)
    if shape.serial_octets < _RANDOM_FROM:
        start = top | chosen.randrange(top // 4)
        yield from range(start, start + shape.entries)
        return
    for _ in range(shape.entries):
        yield top | chosen.getrandbits(8 * shape.serial_octets - 2)


def make_crl(ca: LargeCa, shape: Shape, *, number: int, now: datetime, seed: int = 1) -> bytes:
    """Make a signed CRL in DER."""
    empty = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(ca.certificate.subject)
        .last_update(now - timedelta(hours=1))
        .next_update(now + timedelta(days=1))
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca.key.public_key()), critical=False)
        .add_extension(x509.CRLNumber(number), critical=False)
        .sign(ca.key, hashes.SHA256())
    )
    tbs = _with_entries(empty.tbs_certlist_bytes, encoded(SEQUENCE, b"".join(_blocks(shape, seed))))
    signature = ca.key.sign(tbs, ec.ECDSA(hashes.SHA256()))
    algorithm = bytes.fromhex("300a06082a8648ce3d040302")  # ecdsa-with-SHA256
    return encoded(SEQUENCE, tbs + algorithm + encoded(_BIT_STRING, b"\0" + signature))


def _blocks(shape: Shape, seed: int) -> Iterator[bytes]:
    tail = _DATE + (_REASON if shape.reasons else b"")
    content = 2 + shape.serial_octets + len(tail)
    head = bytes((SEQUENCE, content, _INTEGER, shape.serial_octets))
    block: list[bytes] = []
    for serial in serials(shape, seed):
        block.append(head + serial.to_bytes(shape.serial_octets) + tail)
        if len(block) == _BLOCK:
            yield b"".join(block)
            block.clear()
    yield b"".join(block)


def _with_entries(tbs: bytes, entries: bytes) -> bytes:
    """Put the entries of a TBSCertList without any between its nextUpdate and its extensions."""
    extensions_at = tbs.rindex(b"\xa0", 0, tbs.rindex(bytes.fromhex("0603551d23")))  # before the first extension
    _, start, _ = element(tbs, 0, len(tbs))
    return encoded(SEQUENCE, tbs[start:extensions_at] + entries + tbs[extensions_at:])


def make_client(ca: LargeCa, now: datetime) -> bytes:
    """Issue a client's certificate in DER."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "client")]))
        .issuer_name(ca.certificate.subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("client.example")]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca.key.public_key()), critical=False)
    )
    return builder.sign(ca.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
