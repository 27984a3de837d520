"""A certificate authority that lives in memory: it issues certificates and CRLs for development.

Nothing here belongs near production: keys are made on the spot, are never encrypted, and no request is checked.
"""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier

SERVER_AUTH: ObjectIdentifier = ExtendedKeyUsageOID.SERVER_AUTH
CLIENT_AUTH: ObjectIdentifier = ExtendedKeyUsageOID.CLIENT_AUTH


@dataclass(frozen=True, slots=True)
class Lifetime:
    """First and last instant of validity, aware UTC, whole seconds (X.509 has no finer time)."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Usage:
    """What a certificate is for (extendedKeyUsage), and under which policies it was issued."""

    purposes: tuple[ObjectIdentifier, ...]
    critical: bool = False
    """A program that does not know the purposes must refuse the certificate."""
    policies: tuple[ObjectIdentifier, ...] = ()


CLIENT = Usage((CLIENT_AUTH,))
SERVER = Usage((SERVER_AUTH,))


@dataclass(frozen=True, slots=True)
class Credential:
    """A certificate, its private key, and the intermediates that a TLS peer sends after it."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    chain: tuple[x509.Certificate, ...] = ()

    def certificate_pem(self) -> bytes:
        """Return the certificate alone, as PEM."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def chain_pem(self) -> bytes:
        """Return the certificate and then its intermediates, as PEM: what ``--cert`` of most tools wants."""
        return b"".join(one.public_bytes(serialization.Encoding.PEM) for one in (self.certificate, *self.chain))

    def key_pem(self) -> bytes:
        """Return the private key as **unencrypted** PKCS#8 PEM."""
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def spki_sha256(self) -> str:
        """Return the SHA-256 of the SubjectPublicKeyInfo in base64: the pin of RFC 7469 §2.4."""
        encoded = self.key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return base64.b64encode(hashlib.sha256(encoded).digest()).decode()


@dataclass(frozen=True, slots=True)
class Authority:
    """A CA: its own credential, and whether its certificate travels in the chains that it issues."""

    credential: Credential
    is_root: bool

    def issue(
        self,
        subject: x509.Name,
        lifetime: Lifetime,
        *,
        sans: Sequence[x509.GeneralName] = (),
        usage: Usage = CLIENT,
    ) -> Credential:
        """Issue an end-entity certificate with a fresh P-256 key; no ``sans`` means no SAN extension at all."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder(subject, self.credential.certificate.subject, key.public_key(), lifetime)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(_key_usage(digital_signature=True), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage(usage.purposes), critical=usage.critical)
        if usage.policies:
            policies = [x509.PolicyInformation(policy, None) for policy in usage.policies]
            builder = builder.add_extension(x509.CertificatePolicies(policies), critical=False)
        builder = builder.add_extension(_authority_key_id(self.credential), critical=False)
        if sans:
            # RFC 5280 §4.2.1.6: "If the subject field contains an empty sequence, then the issuing CA MUST include a
            # subjectAltName extension that is marked as critical."
            builder = builder.add_extension(x509.SubjectAlternativeName(sans), critical=not subject.rdns)
        certificate = builder.sign(self.credential.key, hashes.SHA256())
        return Credential(certificate, key, () if self.is_root else (self.credential.certificate,))

    def issue_authority(self, subject: x509.Name, lifetime: Lifetime) -> "Authority":
        """Issue a CA certificate that may sign end-entity certificates but no further CA."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder(subject, self.credential.certificate.subject, key.public_key(), lifetime)
        builder = _as_authority(builder, path_length=0)
        builder = builder.add_extension(_authority_key_id(self.credential), critical=False)
        certificate = builder.sign(self.credential.key, hashes.SHA256())
        return Authority(Credential(certificate, key), is_root=False)

    def issue_crl(
        self, revoked: Iterable[x509.Certificate], lifetime: Lifetime, *, number: int
    ) -> x509.CertificateRevocationList:
        """Sign a complete CRL (RFC 5280 §5). Each entry: reason keyCompromise, revoked at ``lifetime.start``."""
        builder = x509.CertificateRevocationListBuilder().issuer_name(self.credential.certificate.subject)
        builder = builder.last_update(lifetime.start).next_update(lifetime.end)
        builder = builder.add_extension(x509.CRLNumber(number), critical=False)
        builder = builder.add_extension(_authority_key_id(self.credential), critical=False)
        for certificate in revoked:
            entry = x509.RevokedCertificateBuilder(certificate.serial_number, lifetime.start)
            entry = entry.add_extension(x509.CRLReason(x509.ReasonFlags.key_compromise), critical=False)
            builder = builder.add_revoked_certificate(entry.build())
        return builder.sign(self.credential.key, hashes.SHA256())


def make_root(subject: x509.Name, lifetime: Lifetime) -> Authority:
    """Make a self-signed root CA with a fresh P-256 key."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _as_authority(_builder(subject, subject, key.public_key(), lifetime), path_length=None)
    return Authority(Credential(builder.sign(key, hashes.SHA256()), key), is_root=True)


def _builder(
    subject: x509.Name, issuer: x509.Name, public_key: ec.EllipticCurvePublicKey, lifetime: Lifetime
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(public_key)
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(lifetime.start).not_valid_after(lifetime.end)
    return builder.add_extension(_subject_key_id(public_key), critical=False)


def _as_authority(builder: x509.CertificateBuilder, *, path_length: int | None) -> x509.CertificateBuilder:
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
    return builder.add_extension(_key_usage(key_cert_sign=True, crl_sign=True), critical=True)


def _subject_key_id(public_key: ec.EllipticCurvePublicKey) -> x509.SubjectKeyIdentifier:
    return x509.SubjectKeyIdentifier.from_public_key(public_key)


def _authority_key_id(issuer: Credential) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(_subject_key_id(issuer.key.public_key()))


def _key_usage(
    *, digital_signature: bool = False, key_cert_sign: bool = False, crl_sign: bool = False
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )
