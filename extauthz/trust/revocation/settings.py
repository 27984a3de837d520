"""What the operator decides about CRLs, for all issuers or for one."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class WhenUnknown(StrEnum):
    """What to do with a certificate of which nobody knows whether it is revoked."""

    DENY = "deny"
    ALLOW = "allow"


class RevocationScope(StrEnum):
    """Which certificates are checked."""

    LEAF = "leaf"
    CHAIN = "chain"
    """The leaf and every intermediate; never the anchor, which only the operator can withdraw."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationSettings:
    """How CRLs are read of certificates of one issuer, or of all issuers without settings of their own."""

    when_missing: WhenUnknown = WhenUnknown.DENY
    when_stale: WhenUnknown = WhenUnknown.DENY
    grace: timedelta = timedelta()
    """For how long a CRL is used beyond its nextUpdate."""
    max_age: timedelta | None = None
    """For how long a CRL without nextUpdate is used, from its thisUpdate. None: such a CRL never makes good."""
