"""Connections on which nobody has shown yet that they may ask: how many there may be, and which goes first.

A connection that nobody vouches for costs whoever opens it nothing, so all of them together never hold more than a part
of the places. When there are more, the oldest goes of those who come from where the most of them come from. So whoever
opens many from one address loses them to each other, however fast, and a proxy that is far away keeps its place until
its handshake is over. Where nobody has more than a proxy that connects all its pool anew may have, the oldest of all
goes: against many addresses a proxy has as long for its handshake as it takes so many others to connect as there may be
strangers, whatever the size of its pool.
"""

from collections import OrderedDict
from collections.abc import Hashable

from extauthz.transport.connection import Connection
from extauthz.transport.limits import ACCEPTED_AT_ONCE, STRANGERS_SHARE

POOL = 64
"""Connections that a proxy may open in one go: whoever has no more is not taken for a flood."""
POOL_SHARE = 4
"""But not more than this part of all that there may be, where these are few."""
_ROUNDS = 16
"""Of the event loop, that a connection has at least between being accepted and being the oldest."""


class Strangers:
    """Those of one listener, by where they come from, in the order in which they were accepted."""

    def __init__(self, room: int) -> None:
        """``room``: connections that there may be at once."""
        self.most = max(1, room // STRANGERS_SHARE)
        """How many of them there may be."""
        self.at_once = max(1, min(ACCEPTED_AT_ONCE, self.most // _ROUNDS))
        """How many connections may be accepted before the others are served again."""
        self._pool = min(POOL, self.most // POOL_SHARE)
        self._origin: dict[Connection, Hashable] = {}
        self._from: dict[Hashable, OrderedDict[Connection, None]] = {}
        self._with: dict[int, OrderedDict[Hashable, None]] = {}
        """Origins by how many come from there; of each number, the one first that has been there for longest."""
        self._largest = 0
        """The largest of these numbers."""

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._origin)

    def add(self, connection: Connection, origin: Hashable) -> None:
        """Take in one that was just accepted. ``origin``: where it comes from; equal for the same place."""
        self._origin[connection] = origin
        there = self._from.setdefault(origin, OrderedDict())
        there[connection] = None
        self._recount(origin, len(there) - 1, len(there))

    def forget(self, connection: Connection) -> None:
        """Hear that one is a stranger no more, or is gone."""
        if connection not in self._origin:
            return
        origin = self._origin.pop(connection)
        there = self._from[origin]
        del there[connection]
        if not there:
            del self._from[origin]
        self._recount(origin, len(there) + 1, len(there))

    def first(self) -> Connection | None:
        """Return the one that goes first, if there is any."""
        if not self._largest:
            return None
        if self._largest <= self._pool:
            return next(iter(self._origin))
        return next(iter(self._from[next(iter(self._with[self._largest]))]))

    def one_too_many(self, *, full: bool) -> Connection | None:
        """Return the one that has to go before another may come, if any. ``full``: there is no room at all."""
        return self.first() if full or len(self) >= self.most else None

    def _recount(self, origin: Hashable, before: int, now: int) -> None:
        """Note that so many come from there, one more or one fewer than before."""
        if before:
            del self._with[before][origin]
            if not self._with[before]:
                del self._with[before]
        if now:
            self._with.setdefault(now, OrderedDict())[origin] = None
        if now > self._largest or self._largest not in self._with:
            self._largest = now  # one more or one fewer: there is none between
