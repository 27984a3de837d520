"""When to ask for a CRL again. Pure: the clock and the chance are arguments.

After a success: once in every ``refresh``, or a little before nextUpdate when that comes first, since the new CRL
should be there by then. When the server still gives one whose nextUpdate is over: soon at first, then less often.

After failures: after a few seconds, then twice as long each time, up to ``refresh``. More eagerly when the CRL in hand
nears its nextUpdate or is past it, since then clients are about to be denied, or are; and when there is none to wait
for.

Every delay is spread by ``jitter``. A fleet that was started by one deployment, or whose CRL has one nextUpdate, would
otherwise ask at the same second for ever, and so would its retries after an outage.
"""

from datetime import datetime, timedelta
from typing import Final

SHORTEST: Final = timedelta(seconds=2)
"""Between two attempts, whatever else: no server is asked in a loop."""
SPREAD: Final = 0.2
"""An attempt after a success is early by up to this share of its delay …"""
WIDEST_NEED: Final = timedelta(minutes=5)
"""… or by up to this, or by half of the delay, when that is more: short delays need a larger share to spread out."""
AHEAD: Final = timedelta(minutes=10)
"""nextUpdate is preceded by an attempt, this long before it …"""
AHEAD_SHARE: Final = 0.1
"""… or by this share of the time that is left, when that is shorter: six minutes for a CRL that has an hour left."""
SOON: Final = timedelta(minutes=1)
"""The delay after a success that gave a CRL which is about to end, or has ended: the server works, so it is not urgent.
A shorter one would make a fleet's attempts crowd together around nextUpdate."""
OVERDUE_SHARE: Final = 0.25
"""With a CRL that is overdue, the server is asked again after this share of the time that it has been …"""
OVERDUE: Final = timedelta(minutes=5)
"""… or after this, when that is shorter."""
FIRST_RETRY: Final = timedelta(seconds=5)
"""After one failure. A restarted server or a lost packet is over by then."""
URGENT: Final = timedelta(minutes=1)
"""The longest delay after a failure when the CRL in hand is about to end, or has ended."""
UNTIMED: Final = timedelta(minutes=5)
"""The longest delay after a failure when nothing in hand has a nextUpdate: maybe nothing is in hand at all."""
_MAX_DOUBLINGS: Final = 20
"""5 s doubled so often is two months: beyond any ``refresh``, and far from overflowing."""


def next_attempt(
    now: datetime, *, refresh: timedelta, next_update: datetime | None, failures: int, jitter: float
) -> datetime:
    """Return when to ask next, after an attempt that ended ``now``.

    ``next_update`` is the earliest of the CRLs in hand; None when there are none, or they have none. ``failures``
    counts those in a row, this attempt included. ``jitter`` is in [0, 1), chosen anew each time. The result is at least
    ``SHORTEST`` after ``now``, and at most ``refresh`` (or ``SHORTEST``).
    """
    left = None if next_update is None else next_update - now
    if failures == 0:
        latest = min(refresh, _after_success(refresh, left))
        delay = latest - max(latest * SPREAD, min(latest / 2, WIDEST_NEED)) * jitter
    else:
        doubled = FIRST_RETRY * (1 << min(failures - 1, _MAX_DOUBLINGS))
        # Between a half and the whole of it, so that retries after an outage spread out.
        delay = min(refresh, doubled, _patience(left)) * ((1 + jitter) / 2)
    return now + max(SHORTEST, delay)


def hastened(due: datetime, now: datetime, *, refresh: timedelta, jitter: float) -> datetime:
    """Return when to ask next once ``refresh`` became shorter: as planned, or as if an attempt had succeeded now."""
    return min(due, next_attempt(now, refresh=refresh, next_update=None, failures=0, jitter=jitter))


def _after_success(refresh: timedelta, left: timedelta | None) -> timedelta:
    if left is None:
        return refresh
    if left <= timedelta():
        return max(SOON, min(OVERDUE, -left * OVERDUE_SHARE))
    return max(SOON, left - min(AHEAD, left * AHEAD_SHARE))


def _patience(left: timedelta | None) -> timedelta:
    """Return the longest delay after a failure, whatever the count of failures says."""
    if left is None:
        return UNTIMED
    return max(URGENT, left / 2)  # so that further attempts fall before nextUpdate
