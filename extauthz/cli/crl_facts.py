"""What a CRL says about itself. Read for people: nothing here decides whether the service would use it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.x509.oid import SignatureAlgorithmOID

from extauthz.trust.crl.load import CrlError

_ALGORITHMS = {
    oid.dotted_string: name.lower().replace("_", "-")
    for name, oid in vars(SignatureAlgorithmOID).items()
    if isinstance(oid, x509.ObjectIdentifier)
}


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
    is_delta: bool
    """It lists only changes to another CRL (RFC 5280 §5.2.4)."""
    has_scope: bool
    """It has an issuingDistributionPoint: it may not speak for all certificates of its issuer (§5.2.5)."""
    sha256: str


def read_crl_facts(der: bytes) -> CrlFacts:
    """Read one CRL in DER. Raises CrlError when it cannot be parsed."""
    try:
        crl = x509.load_der_x509_crl(der)
        extensions = {extension.oid: extension.value for extension in crl.extensions}
        number = extensions.get(x509.CRLNumber.oid)
        key_id = extensions.get(x509.AuthorityKeyIdentifier.oid)
        oid = crl.signature_algorithm_oid.dotted_string
        return CrlFacts(
            issuer=crl.issuer.rfc4514_string(),
            number=number.crl_number if isinstance(number, x509.CRLNumber) else None,
            this_update=crl.last_update_utc,
            next_update=crl.next_update_utc,
            entries=len(crl),
            signature_algorithm=_ALGORITHMS.get(oid, oid),
            authority_key_id=_hex(key_id.key_identifier) if isinstance(key_id, x509.AuthorityKeyIdentifier) else None,
            is_delta=x509.DeltaCRLIndicator.oid in extensions,
            has_scope=x509.IssuingDistributionPoint.oid in extensions,
            sha256=hashlib.sha256(der).hexdigest(),
        )
    # The library raises ValueError, TypeError and exceptions of its own that derive from Exception alone.
    except Exception as error:
        raise CrlError(f"this is not a CRL that can be read: {error}") from error


def _hex(value: bytes | None) -> str | None:
    return None if value is None else value.hex()
