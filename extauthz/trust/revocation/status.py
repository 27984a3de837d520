"""What is known of a certificate's revocation: ``Good``, ``Revoked`` or ``Unknown`` (RFC 5280 §6.3).

``Unknown`` is never read as ``Good``: what it means for a client is decided where the settings are known
(``check.RevocationChecker``).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NoReturn


class UnknownCause(StrEnum):
    """Why there is no evidence. The operator can choose to live with the first two, never with the others."""

    MISSING = "missing"
    """There is no CRL of this issuer, or none by anybody who may speak for it."""
    STALE = "stale"
    """There are CRLs that would say it, were they in force."""
    INVALID = "invalid"
    """There is a CRL of this issuer and it may not be used."""
    SCOPE = "scope"
    """There are CRLs of this issuer, and they do not cover this certificate, or not every reason."""


@dataclass(frozen=True, slots=True)
class RevocationStatus:
    """One of ``Good``, ``Revoked`` and ``Unknown``. It refuses to be used as a bool."""

    def __bool__(self) -> NoReturn:
        message = "a RevocationStatus has no truth value: use isinstance() or match"
        raise TypeError(message)


@dataclass(frozen=True, slots=True)
class Good(RevocationStatus):
    """Current evidence covers the certificate for every reason, and does not list it."""


@dataclass(frozen=True, slots=True)
class Revoked(RevocationStatus):
    """The certificate is listed, or the operator named it."""

    reason: str | None = None
    """The reason's name in RFC 5280 §5.3.1, such as ``keyCompromise``; None when none was given."""
    date: datetime | None = None
    """When it was revoked (aware, UTC); None when not known."""


@dataclass(frozen=True, slots=True)
class Unknown(RevocationStatus):
    """There is no evidence that could say."""

    why: str
    cause: UnknownCause = UnknownCause.MISSING
