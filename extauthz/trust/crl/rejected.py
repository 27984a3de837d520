"""A CRL that was found and could not be used."""

from dataclasses import dataclass
from typing import Self

from extauthz.identity.names import NameKey
from extauthz.trust.crl.error import CrlError


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedCrl:
    """What remains of it: where it came from, why it was refused, and whose it claims to be (not verified)."""

    label: str
    """Where it came from, for the operator: a path or a URL."""
    why: str
    issuer_dn: str | None
    issuer_key: NameKey | None

    @classmethod
    def because(cls, label: str, error: CrlError) -> Self:
        """Return what remains of the CRL that ``error`` refused."""
        return cls(label=label, why=str(error), issuer_dn=error.issuer_dn, issuer_key=error.issuer_key)
