"""notBefore and notAfter (RFC 5280 §4.1.2.5)."""

from datetime import datetime

from extauthz.identity.certificate import Certificate


def validity_problem(certificate: Certificate, now: datetime) -> str | None:
    """Say whether a certificate is outside its validity; both ends belong to it."""
    if now < certificate.identity.not_before:
        return f"not valid before {certificate.identity.not_before.isoformat()}"
    if now > certificate.identity.not_after:
        return f"expired {certificate.identity.not_after.isoformat()}"
    return None
