"""An answer about one certificate, and what it rests on."""

from dataclasses import dataclass

from extauthz.trust.revocation.status import RevocationStatus, UnknownCause
from extauthz.trust.window import Window


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known at one moment."""

    status: RevocationStatus
    detail: str
    """Which CRL said what; why nobody knows, of an Unknown."""
    window: Window
    """When the answer holds, as long as the store's ``generation`` stays the same."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Whether the signer of a CRL may vouch for a certificate (RFC 5280 §6.3.3 (f))."""

    window: Window
    refusal: str | None = None
    """Why not."""
    cause: UnknownCause = UnknownCause.INVALID
    """What the certificate's status is for lack of anybody else."""
