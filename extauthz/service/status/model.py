"""What the status page shows: plain values of one moment. Nothing here reads a clock or asks anybody.

Every text is bounded and printable (``texts``) before it gets here; escaping is the business of each format.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

ENDS_SOON = timedelta(days=30)
"""Before an anchor's end. To bring a new root to everybody takes weeks."""


class Standing(StrEnum):
    """Whether an operator has to do something."""

    GOOD = "good"
    ATTENTION = "attention"
    BAD = "bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class LastReload:
    """How the last reload ended."""

    result: str
    trigger: str
    at: datetime
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """What is in use."""

    generation: int
    """Loads since the start that came into use, this one included."""
    digest: str
    digests_in_use: tuple[str, ...]
    """Of all processes. More than one: a reload is on its way, or a worker is behind."""
    loaded_at: datetime
    warnings: tuple[str, ...]
    """Permissive choices, and what is out of date."""
    last_reload: LastReload | None
    """None before the first."""

    @property
    def standing(self) -> Standing:
        """Bad when the last reload failed: what is in the files is not what is in use."""
        if self.last_reload is not None and self.last_reload.problems:
            return Standing.BAD
        return Standing.ATTENTION if self.warnings or len(self.digests_in_use) > 1 else Standing.GOOD


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """One address."""

    name: str
    address: str
    speaks: str
    tls: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One way to hand over a certificate."""

    type: str
    listeners: tuple[str, ...]
    checks: int
    """Checks whose certificate came from it, over all listeners and processes since the start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """One trust anchor."""

    fingerprint8: str
    subject: str
    not_after: datetime

    def standing(self, at: datetime) -> Standing:
        """Say how it stands at a moment. The last instant of validity is ``not_after`` itself."""
        if at > self.not_after:
            return Standing.BAD
        return Standing.ATTENTION if self.not_after - at <= ENDS_SOON else Standing.GOOD


@dataclass(frozen=True, slots=True, kw_only=True)
class Crl:
    """One CRL in use."""

    issuer: str
    number: int | None
    delta: bool
    entries: int
    this_update: datetime
    next_update: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrlSource:
    """One file or URL that gives CRLs."""

    label: str
    """From the configuration, as in the metrics."""
    fetched: bool
    required: bool
    last_attempt: datetime | None
    last_success: datetime | None
    rejected: int
    """CRLs that it gives and that cannot be used."""
    problems: tuple[str, ...]
    """What is wrong with it or with its CRLs now, one sentence each."""
    crls: tuple[Crl, ...]

    @property
    def standing(self) -> Standing:
        """Bad when nothing of it is in use."""
        if not self.problems:
            return Standing.GOOD
        return Standing.ATTENTION if self.crls else Standing.BAD


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One policy and what it decided, over all listeners and processes since the start."""

    name: str
    """Empty: denied before one was chosen."""
    configured: bool
    """It is in the configuration in use. Counters of one that a reload took away stay."""
    allowed: int
    denied: int

    @property
    def hits(self) -> int:
        """Checks that it was chosen for."""
        return self.allowed + self.denied


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """One of the last denials."""

    at: datetime
    decision_id: str
    reason: str
    policy: str
    listener: str
    fingerprint8: str | None
    subject: str | None
    """A claim of whoever was denied; only where ``identities`` is on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Everything."""

    at: datetime
    phase: str
    ready: bool
    waiting_for_crls: tuple[str, ...]
    version: str
    python: str
    started: datetime
    workers: tuple[tuple[str, int], ...]
    """Serving processes by what they do; empty where the process itself serves."""
    configuration: Configuration
    listeners: tuple[Listener, ...]
    sources: tuple[Source, ...]
    checks_without_certificate: int
    samples_unread: int
    """Numbers of the metrics that are none of ours, and so in no count here. Anything but 0 is a defect."""
    anchors: tuple[Anchor, ...]
    crl_checking: bool
    """Revocation is checked at all."""
    crl_sources: tuple[CrlSource, ...]
    crl_problems: tuple[str, ...]
    """What is wrong beside the sources: the state directory."""
    policies: tuple[Policy, ...]
    denials: tuple[Denial, ...]
    """The newest first."""
    denials_late: int
    """Processes whose newest denials are not among them."""
    denials_ended: int
    """Processes that have ended since the start, and what they noted with them."""
    identities: bool
    """Subjects are shown with the denials."""
