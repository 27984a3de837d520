"""What is known of all CRL sources at one moment: for the store, and for people."""

from dataclasses import dataclass
from datetime import datetime

from extauthz.trust.crl.load import Crl
from extauthz.trust.crl.rejected import RejectedCrl


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedStatus:
    """One file or URL that gives CRLs."""

    label: str
    """From the configuration, never from a CRL or certificate."""
    where: str
    """The absolute path, or the URL without its query."""
    required: bool
    last_attempt: datetime | None
    last_success: datetime | None
    """When everything that it gave could be used."""
    problem: str | None
    """What is wrong with it now, for the operator."""
    rejected: int
    """CRLs that it gives and that cannot be used."""
    crls: tuple[Crl, ...] = ()
    """What is in use of it."""
    fetched: bool = False
    """It is a URL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The whole."""

    crls: tuple[Crl, ...] = ()
    rejected: tuple[RejectedCrl, ...] = ()
    feeds: tuple[FeedStatus, ...] = ()
    waiting: tuple[str, ...] = ()
    """Required sources that never gave a usable CRL since the start."""
    problems: tuple[str, ...] = ()
    """What is wrong beside the sources: the state directory."""
