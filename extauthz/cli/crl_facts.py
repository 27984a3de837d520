"""What a CRL says about itself. Read for people: nothing here decides whether the service would use it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.x509.oid import SignatureAlgorithmOID

from extauthz.model.quoted import quoted
from extauthz.trust.crl.error import CrlError
from extauthz.trust.crl.head import read_head

_ALGORITHMS = {
    oid.dotted_string: name.lower().replace("_", "-")
    for name, oid in vars(SignatureAlgorithmOID).items()
    if isinstance(oid, x509.ObjectIdentifier)
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeFacts:
    """An issuingDistributionPoint (RFC 5280 §5.2.5)."""

    names: tuple[str, ...]
    """Of the distribution point; empty when it is not limited to one."""
    only: str | None
    """``user``, ``ca`` or ``attribute``: the only sort of certificates that it speaks of."""
    reasons: tuple[str, ...] | None
    """The only reasons for revocation that it covers; None for all."""
    indirect: bool
    """Its entries may be of other issuers."""

    def __str__(self) -> str:
        parts = [
            {None: "certificates", "user": "certificates of users", "ca": "CA certificates"}.get(
                self.only, "attribute certificates"
            )
        ]
        parts.append("of its issuer and of others (indirect)" if self.indirect else "of its issuer")
        if self.names:
            parts.append(f"with the distribution point {' or '.join(self.names)}")
        if self.reasons is not None:
            parts.append(f"revoked for {', '.join(self.reasons)} only")
        return " ".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class CrlFacts:
    """One CRL. Its signature is not verified."""

    issuer: str
    """RFC 4514."""
    number: int | None
    this_update: datetime
    next_update: datetime | None
    entries: int
    signature_algorithm: str
    """Such as ``ecdsa-with-sha256``; a dotted OID where the name is not known."""
    authority_key_id: str | None
    """Lower-case hex."""
    base_number: int | None
    """Of a delta CRL, which lists only changes to another CRL: that one's number (RFC 5280 §5.2.4)."""
    scope: ScopeFacts | None
    """What its issuingDistributionPoint says; None without one: then it speaks of all certificates of its issuer."""
    freshest: tuple[str, ...]
    """Where its delta CRLs are (freshestCRL, §5.2.6)."""
    unknown_critical: tuple[str, ...]
    """Critical extensions that are not processed, so it must not be used (§5.2)."""
    sha256: str


def read_crl_facts(der: bytes) -> CrlFacts:
    """Read one CRL in DER. Raises CrlError when it cannot be parsed."""
    try:
        crl = x509.load_der_x509_crl(der)
        extensions = {extension.oid: extension.value for extension in crl.extensions}
        number = extensions.get(x509.CRLNumber.oid)
        key_id = extensions.get(x509.AuthorityKeyIdentifier.oid)
        base = extensions.get(x509.DeltaCRLIndicator.oid)
        point = extensions.get(x509.IssuingDistributionPoint.oid)
        freshest = extensions.get(x509.FreshestCRL.oid)
        oid = crl.signature_algorithm_oid.dotted_string
        return CrlFacts(
            issuer=crl.issuer.rfc4514_string(),
            number=number.crl_number if isinstance(number, x509.CRLNumber) else None,
            this_update=crl.last_update_utc,
            next_update=crl.next_update_utc,
            entries=len(crl),
            signature_algorithm=_ALGORITHMS.get(oid, oid),
            authority_key_id=_hex(key_id.key_identifier) if isinstance(key_id, x509.AuthorityKeyIdentifier) else None,
            base_number=base.crl_number if isinstance(base, x509.DeltaCRLIndicator) else None,
            scope=_scope(point) if isinstance(point, x509.IssuingDistributionPoint) else None,
            freshest=_uris(freshest) if isinstance(freshest, x509.FreshestCRL) else (),
            unknown_critical=tuple(
                one.oid.dotted_string
                for one in crl.extensions
                if one.critical and isinstance(one.value, x509.UnrecognizedExtension)
            ),
            sha256=hashlib.sha256(der).hexdigest(),
        )
    # The library raises ValueError, TypeError and exceptions of its own that derive from Exception alone.
    except Exception as error:
        issuer = read_head(der).issuer_dn  # or its sentence, which says what it is instead
        raise CrlError(f"the entries of the CRL of {quoted(issuer)} cannot be read") from error


def _scope(point: x509.IssuingDistributionPoint) -> ScopeFacts:
    only = (
        ("user", point.only_contains_user_certs),
        ("ca", point.only_contains_ca_certs),
        ("attribute", point.only_contains_attribute_certs),
    )
    names = [_general_name(one) for one in point.full_name or ()]
    if point.relative_name is not None:
        names.append(f"{point.relative_name.rfc4514_string()} below the issuer")
    reasons = point.only_some_reasons
    return ScopeFacts(
        names=tuple(names),
        only=next((name for name, holds in only if holds), None),
        reasons=None if reasons is None else tuple(sorted(one.value for one in reasons)),
        indirect=point.indirect_crl,
    )


def _general_name(name: x509.GeneralName) -> str:
    return name.value.rfc4514_string() if isinstance(name, x509.DirectoryName) else str(name.value)


def _uris(points: x509.FreshestCRL) -> tuple[str, ...]:
    names = (name for point in points for name in point.full_name or ())
    return tuple(name.value for name in names if isinstance(name, x509.UniformResourceIdentifier))


def _hex(value: bytes | None) -> str | None:
    return None if value is None else value.hex()
