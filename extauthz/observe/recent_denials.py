"""The last denials of a process, for the status page.

Noting one is an append to a bounded list of references. They become texts when somebody asks. What a client said is
not kept: of its certificate the fingerprint, and its subject only where the configuration asks for identities.
"""

from collections import deque
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from extauthz.model.decision import Decision
from extauthz.model.reason import Reason

KEPT_DENIALS = 100
"""Of each process. A page has room for no more, and whoever wants all of them has the decision log."""
FINGERPRINT_DIGITS = 8
"""Of the SHA-256: enough to find the line in the decision log, which has all of it."""
SUBJECT_CHARACTERS = 200
"""Of a subject that is kept. A certificate may bring 64 KiB of it."""


class Denial(NamedTuple):
    """One denial, as it is shown."""

    at: datetime
    decision_id: str
    reason: Reason
    policy: str
    """Empty when none was chosen."""
    api: str
    fingerprint8: str | None
    """The first hex digits of the certificate's SHA-256. None: none could be read."""
    subject: str | None
    """**A claim, not a fact.** None without a certificate, and where identities are not asked for."""


class DenialsOfAll(NamedTuple):
    """The last denials of a service, whose processes each note their own."""

    latest: tuple[Denial, ...]
    """The newest first."""
    late: int = 0
    """Processes that did not say in time what they have now; what they said last is here."""
    ended: int = 0
    """Processes that have ended since the start, and what they noted with them; the decision log has it."""


class RecentDenials:
    """Notes denials. ``note`` is for the thread that decides; everything may be read in any thread."""

    def __init__(self, limit: int = KEPT_DENIALS) -> None:
        self._notes: deque[tuple[datetime, str, Reason, str, str, str | None, str | None]] = deque(maxlen=limit)
        self._with_subjects = False

    def keep_subjects(self, *, wanted: bool) -> None:
        """Keep the subjects of certificates from now on, or keep none; those that were kept are forgotten then."""
        self._with_subjects = wanted
        if not wanted:
            kept = [(*note[:-1], None) for note in self._notes]
            self._notes.clear()
            self._notes.extend(kept)

    def note(self, decision: Decision, decision_id: str, at: datetime, api: str) -> None:
        """Note one deny. The oldest makes room for it."""
        identity = decision.identity
        if identity is None:
            self._notes.append((at, decision_id, decision.reason, decision.policy, api, None, None))
            return
        subject = identity.subject_dn[: SUBJECT_CHARACTERS + 1] if self._with_subjects else None
        self._notes.append((at, decision_id, decision.reason, decision.policy, api, identity.sha256, subject))

    def latest(self) -> tuple[Denial, ...]:
        """Return what is kept, the newest first."""
        notes = self._notes.copy()  # in one step: another thread may append meanwhile
        notes.reverse()
        return tuple(
            Denial(at, decision_id, reason, policy, api, _first_digits(sha256), _cut(subject))
            for at, decision_id, reason, policy, api, sha256, subject in notes
        )


def newest(parts: Iterable[tuple[Denial, ...]]) -> tuple[Denial, ...]:
    """Return the newest denials of several processes, the newest first, as many as one process keeps."""
    every = sorted((one for part in parts for one in part), key=lambda one: one.at, reverse=True)
    return tuple(every[:KEPT_DENIALS])


def _first_digits(sha256: str | None) -> str | None:
    return None if sha256 is None else sha256[:FINGERPRINT_DIGITS]


def _cut(subject: str | None) -> str | None:
    if subject is None or len(subject) <= SUBJECT_CHARACTERS:
        return subject
    return f"{subject[: SUBJECT_CHARACTERS - 1]}…"
