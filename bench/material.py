"""What is asked, and the PKI behind it, kept from run to run so that other authorizers can be told to trust it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Final, Self

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from large_crls import LargeCa, Shape, make_crl
from load_connection import Question
from order import endless
from questions import new_certificates, question, url_pem

from extauthz.demo.authority import Authority, Credential, Lifetime
from extauthz.demo.dev_pki import make_dev_pki, replace_file, write_dev_pki

WORKING_SET: Final = 10_000
NEVER_SEEN: Final = 60_000
"""Certificates that are asked about in turn: when one comes again, the service's cache is long past it. The run checks
that."""
LARGE_CRL: Final = Shape(1_000_000, 16, reasons=True)
_DAY: Final = timedelta(days=1)
_PREFIX = b"\0"


def framed(message: bytes) -> bytes:
    """Return a message with gRPC's prefix: not compressed, its length."""
    return _PREFIX + len(message).to_bytes(4) + message


@dataclass(frozen=True)
class Material:
    """Certificates, and the questions about them."""

    pki: Path
    """Where its files are, as ``extauthz dev-pki`` writes them."""
    root: Authority
    issuing: Authority
    lifetime: Lifetime
    alice: bytes
    """The DER of a good client's certificate."""
    unseen: int = NEVER_SEEN
    """Certificates for ``never_seen``."""

    @classmethod
    def at(cls, pki: Path, *, unseen: int = NEVER_SEEN) -> Self:
        """Read the PKI there; make it where there is none, or where it ends within a day."""
        now = datetime.now(UTC)
        if not _is_current(pki, now):
            write_dev_pki(make_dev_pki(now), pki, force=True)
        root = Authority(_credential(pki / "root-ca"), is_root=True)
        issuing = Authority(_credential(pki / "issuing-ca"), is_root=False)
        ca = root.credential.certificate
        alice = _credential(pki / "clients" / "alice").certificate
        return cls(
            pki,
            root,
            issuing,
            Lifetime(ca.not_valid_before_utc, ca.not_valid_after_utc),
            alice.public_bytes(serialization.Encoding.DER),
            unseen,
        )

    @cached_property
    def known(self) -> bytes:
        """A question about a good client, as bytes."""
        return question(self.alice)

    def known_only(self) -> Iterator[Question]:
        """Ask about one client again and again."""
        return endless([Question(framed(self.known), allowed=True)])

    def working_set(self) -> Iterator[Question]:
        """Ask about ten thousand clients, first about each of them once, then at random."""
        return endless(self._working_set, at_random=True)

    def never_seen(self) -> Iterator[Question]:
        """Ask about clients of the root itself, none twice before the service has forgotten it."""
        return endless(self._never_seen)

    def denied(self) -> Iterator[Question]:
        """Ask without a certificate."""
        return endless([Question(framed(question(None)), allowed=False)])

    def chain(self) -> Iterator[Question]:
        """Ask about leaf and intermediate in XFCC, under the root."""
        issuing = self.issuing.credential.certificate.public_bytes(serialization.Encoding.DER)
        xfcc = f'Cert="{url_pem(self.alice)}";Chain="{url_pem(self.alice)}{url_pem(issuing)}"'
        return endless([Question(framed(question(None, xfcc=xfcc)), allowed=True)])

    def bound_token(self) -> Iterator[Question]:
        """Ask with the payload of a token that is bound to the certificate."""
        return endless([Question(framed(question(self.alice, token_of=self.alice)), allowed=True)])

    @cached_property
    def _working_set(self) -> Sequence[Question]:
        return self._about(self.issuing, WORKING_SET)

    @cached_property
    def _never_seen(self) -> Sequence[Question]:
        return self._about(self.root, self.unseen)

    def _about(self, issuer: Authority, count: int) -> Sequence[Question]:
        ders = new_certificates(issuer, self.lifetime, count)
        return [Question(framed(question(der)), allowed=True) for der in ders]

    def write_large_crls(self, folder: Path) -> None:
        """Write the CRLs of the PKI, that of the issuing CA with a million entries."""
        folder.mkdir(parents=True, exist_ok=True)
        credential = self.issuing.credential
        ca = LargeCa(credential.key, credential.certificate)
        (folder / "issuing-ca.crl").write_bytes(make_crl(ca, LARGE_CRL, number=2, now=datetime.now(UTC)))
        replace_file(folder / "root-ca.crl", (self.pki / "crls" / "root-ca.crl").read_bytes())


def _credential(stem: Path) -> Credential:
    certificate = x509.load_pem_x509_certificate(stem.with_suffix(".pem").read_bytes())
    key = serialization.load_pem_private_key(stem.with_suffix(".key").read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{stem}.key is not an EC key")
    return Credential(certificate, key)


def _is_current(pki: Path, now: datetime) -> bool:
    try:
        root = x509.load_pem_x509_certificate((pki / "root-ca.pem").read_bytes())
    except FileNotFoundError:
        return False
    return root.not_valid_before_utc <= now and now + _DAY < root.not_valid_after_utc
