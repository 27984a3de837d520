"""What is known of a certificate's revocation: ``Good``, ``Revoked`` or ``Unknown`` (RFC 5280 §6.3).

``Unknown`` is never read as ``Good``: what it means for a client is decided where the policy is known
(``revocation_check``).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn


@dataclass(frozen=True, slots=True)
class RevocationStatus:
    """One of ``Good``, ``Revoked`` and ``Unknown``. It refuses to be used as a bool."""

    def __bool__(self) -> NoReturn:
        message = "a RevocationStatus has no truth value: use isinstance() or match"
        raise TypeError(message)


@dataclass(frozen=True, slots=True)
class Good(RevocationStatus):
    """Current evidence covers the certificate and does not list it."""


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
