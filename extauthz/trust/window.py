"""For how long an answer holds: a half-open stretch of time ``[start, end)``.

A verdict on a certificate changes only at a few instants: when a certificate or a CRL begins or ceases to be valid.
Whoever computes a verdict also says between which of those instants it stands; whoever keeps it asks ``holds_at``.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar

EARLIEST = datetime.min.replace(tzinfo=UTC)
LATEST = datetime.max.replace(tzinfo=UTC)
TICK = timedelta(microseconds=1)
"""The smallest step of ``datetime``: what is valid up to and including an instant first fails one tick after it."""


def shifted(instant: datetime, by: timedelta) -> datetime:
    """Add, but stop at the ends of the calendar: "no expiry" is written 9999-12-31T23:59:59Z (RFC 5280 §4.1.2.5)."""
    try:
        return instant + by
    except OverflowError:
        return LATEST if by > timedelta() else EARLIEST


@dataclass(frozen=True, slots=True)
class Window:
    """The answer that this came with holds for every ``now`` with ``start <= now < end`` (aware datetimes)."""

    start: datetime
    end: datetime

    ALWAYS: ClassVar["Window"]
    """For answers that do not depend on the time."""
    NEVER: ClassVar["Window"]
    """For answers that must not be kept."""

    def holds_at(self, now: datetime) -> bool:
        """Say whether the answer may still be used at ``now``."""
        return self.start <= now < self.end

    def intersect(self, other: "Window") -> "Window":
        """Return the window of an answer made of two."""
        if other is Window.ALWAYS:
            return self
        if self is Window.ALWAYS:
            return other
        start = max(self.start, other.start)
        end = min(self.end, other.end)
        if start is self.start and end is self.end:
            return self
        return other if start is other.start and end is other.end else Window(start, end)

    @classmethod
    def split_at(cls, now: datetime, *first_instants: datetime) -> "Window":
        """Return the stretch around ``now`` in which none of the instants is crossed.

        Each is the *first* instant at which something differs: a notBefore itself, but one tick after a notAfter.
        """
        start, end = EARLIEST, LATEST
        for instant in first_instants:
            if instant > now:
                end = min(end, instant)
            else:
                start = max(start, instant)
        return cls(start, end)


Window.ALWAYS = Window(EARLIEST, LATEST)
Window.NEVER = Window(LATEST, EARLIEST)
