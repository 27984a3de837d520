"""A certificate authority made by code: certificates and CRLs, sound by default, one keyword per defect.

Everything is composed with a small DER writer and really signed, so that a test can hold exactly one thing wrong.
Times are around ``NOW``; nothing here reads a clock. ``Options`` (in ``certificates``) lists the keywords.

    root = pki.make_ca("Root")
    ca = pki.make_ca("Issuing CA", parent=root, path_length=0)
    leaf = ca.issue("alice", organizational_unit="Ops", emails=["alice@example.com"])
    crl = ca.crl([leaf, (0x1234, "keyCompromise")])
    delta = ca.crl([(leaf, "removeFromCRL")], number=8, base_number=7)
    indirect = ca.crl([pki.listed(other, issuer=other_ca.name)], scope=pki.scope(indirect=True))
    partition = ca.crl(scope=pki.scope(full_names=["http://crl.example/1"], reasons=["keyCompromise"]))
    leaf = ca.issue("bob", distribution_points=[pki.distribution_point("http://crl.example/1")])
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Final, Unpack

from cryptography import x509

from support import crls, der, extensions, keys
from support.certificates import NOW, Options, authority_key_id, compose, key_id, name
from support.crls import Listed
from support.distribution_points import distribution_point, freshest_crl
from support.distribution_points import issuing_distribution_point as scope
from support.extensions import CLIENT_AUTH, SERVER_AUTH, UPN_OID, ExtensionSpec
from support.forms import (
    alb_pem,
    base64_text,
    byte_sequence,
    json_element,
    nginx_pem,
    pem,
    pem_crl,
    rfc2253,
    url_pem,
    xfcc,
    xfcc_json,
)

__all__ = [
    "CLIENT_AUTH",
    "DAY",
    "FAR",
    "HOUR",
    "NOW",
    "SECOND",
    "SERVER_AUTH",
    "UPN_OID",
    "Authority",
    "ExtensionSpec",
    "Leaf",
    "Listed",
    "Options",
    "alb_pem",
    "base64_text",
    "byte_sequence",
    "der",
    "distribution_point",
    "extensions",
    "freshest_crl",
    "json_element",
    "keys",
    "listed",
    "make_ca",
    "name",
    "nginx_pem",
    "pem",
    "pem_crl",
    "rfc2253",
    "scope",
    "url_pem",
    "with_bytes_replaced",
    "xfcc",
    "xfcc_json",
]

SECOND: Final = timedelta(seconds=1)
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
FAR: Final = datetime(2060, 1, 1, tzinfo=UTC)
"""Past 2049, so encoded as GeneralizedTime."""


def with_bytes_replaced(data: bytes, old: bytes, new: bytes) -> bytes:
    """Replace bytes by as many others in DER; the signature no longer matches. Fails if ``old`` is not there."""
    if old not in data or len(old) != len(new):
        message = "the bytes to replace must occur, and the new ones must be as many"
        raise ValueError(message)
    return data.replace(old, new)


@dataclass(frozen=True, eq=False)
class Leaf:
    """A certificate with its private key and the authority that signed it (None: itself)."""

    der: bytes
    key: keys.PrivateKey
    serial: int
    issuer: "Authority | None"

    @cached_property
    def cert(self) -> x509.Certificate:
        return x509.load_der_x509_certificate(self.der)

    @property
    def name(self) -> x509.Name:
        """The subject."""
        return self.cert.subject

    @property
    def pem(self) -> bytes:
        return pem(self.der)

    @property
    def key_pem(self) -> bytes:
        return keys.key_pem(self.key)

    @property
    def chain(self) -> tuple[bytes, ...]:
        """DER of this certificate and its intermediates, leaf first, without the self-signed root."""
        above = self.issuer
        return (self.der, *(above.chain if above is not None and above.issuer is not None else ()))

    @property
    def chain_pem(self) -> bytes:
        """``chain`` as PEM, as a server or client is given it."""
        return b"".join(pem(one) for one in self.chain)

    @property
    def sha256(self) -> bytes:
        """SHA-256 of the DER."""
        return hashlib.sha256(self.der).digest()

    @property
    def spki_sha256(self) -> bytes:
        """SHA-256 of the SubjectPublicKeyInfo."""
        return hashlib.sha256(keys.spki(self.key)).digest()


@dataclass(frozen=True, eq=False)
class Authority(Leaf):
    """A CA: it issues certificates, further CAs (``make_ca(parent=…)``) and CRLs."""

    def issue(self, common_name: str | None = "client", **options: Unpack[Options]) -> Leaf:
        """Issue a leaf. Without any subjectAltName keyword it gets ``dns:client.example``."""
        return Leaf(*compose(common_name, self._subject, self.key, options), self)

    @property
    def _subject(self) -> bytes:
        return self.name.public_bytes()

    def crl(
        self,
        revoked: "Iterable[Revoked | tuple[Leaf | int, str]]" = (),
        *,
        this_update: datetime = NOW - HOUR,
        next_update: datetime | None = NOW + DAY,
        revocation_date: datetime = NOW - 2 * HOUR,
        number: int | None = 1,
        base_number: int | None = None,
        scope: bytes | None = None,
        freshest: Iterable[str] = (),
        issuer_name: x509.Name | bytes | None = None,
        key: keys.PrivateKey | None = None,
        authority_key: bytes | None = b"",
        extra_extensions: Iterable[ExtensionSpec] = (),
        entry_extensions: crls.EntryExtensions | None = None,
        version: int = 2,
        outer_algorithm: bytes | None = None,
        spoilt_signature: bool = False,
    ) -> bytes:
        """Make a DER CRL. Revoked: leaf, serial, a pair of it and an RFC 5280 reason name, or ``listed``, in order.

        ``key`` signs with another key than this CA's. ``number`` None and ``authority_key`` None leave those
        extensions out; an empty ``authority_key`` means the key identifier of the signing key. ``base_number`` makes
        it a delta CRL; ``scope`` is what ``pki.scope`` returns; ``freshest`` are URIs of its delta CRLs.
        """
        signer = key or self.key
        entries = [_listed(one, entry_extensions or {}).encode(revocation_date) for one in revoked]
        encoded = [] if authority_key is None else [authority_key_id(authority_key or key_id(signer))]
        if number is not None:
            encoded.append(der.extension("2.5.29.20", der.integer(number)))
        if base_number is not None:
            encoded.append(der.extension("2.5.29.27", der.integer(base_number), critical=True))
        if scope is not None:
            encoded.append(scope)
        if points := [distribution_point(uri) for uri in freshest]:
            encoded.append(freshest_crl(points))
        encoded += [extensions.encode(one) for one in extra_extensions]
        return crls.certificate_list(
            signer,
            issuer=_name_der(issuer_name) if issuer_name is not None else self._subject,
            this_update=this_update,
            next_update=next_update,
            entries=entries,
            extensions=encoded,
            version=version,
            outer_algorithm=outer_algorithm,
            spoilt=spoilt_signature,
        )


Revoked = Leaf | int | Listed


def listed(
    who: Leaf | int,
    reason: str | None = None,
    *,
    date: datetime | None = None,
    issuer: x509.Name | bytes | None = None,
    issuer_critical: bool = True,
    extensions: Iterable[ExtensionSpec] = (),
) -> Listed:
    """Return a CRL entry with more to it. ``issuer``: certificateIssuer, which indirect CRLs carry forward."""
    return Listed(
        serial=who.serial if isinstance(who, Leaf) else who,
        reason=reason,
        date=date,
        issuer=issuer,
        issuer_critical=issuer_critical,
        extensions=tuple(extensions),
    )


def _listed(one: Revoked | tuple[Leaf | int, str], more: crls.EntryExtensions) -> Listed:
    if isinstance(one, Listed):
        return one
    who, reason = one if isinstance(one, tuple) else (one, None)
    serial = who.serial if isinstance(who, Leaf) else who
    return Listed(serial=serial, reason=reason, extensions=tuple(more.get(serial, ())))


def _name_der(one: x509.Name | bytes) -> bytes:
    return one if isinstance(one, bytes) else one.public_bytes()


def make_ca(
    common_name: str | None = "Test Root", parent: Authority | None = None, **options: Unpack[Options]
) -> Authority:
    """Make a self-signed root, or with ``parent`` an intermediate. ``ca=False`` makes one that may not be a CA."""
    options.setdefault("ca", True)
    if parent is None:
        return Authority(*compose(common_name, None, None, options), None)
    return Authority(*compose(common_name, parent._subject, parent.key, options), parent)
