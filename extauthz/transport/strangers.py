"""Connections on which nobody has shown yet that they may ask: how many there may be, and which goes first.

A connection that nobody vouches for costs whoever opens it nothing, so all of them together never hold more than a part
of the places. The oldest goes when there are more: a proxy asks as soon as it is connected, and is no stranger long
before its turn would come, while whoever only wants to hold a place loses it to the next one.
"""

from collections import OrderedDict

from extauthz.transport.connection import Connection
from extauthz.transport.limits import ACCEPTED_AT_ONCE, STRANGERS_SHARE

_ROUNDS = 16
"""Of the event loop, that a connection has at least between being accepted and being the oldest."""


class Strangers:
    """Those of one listener, in the order in which they were accepted."""

    def __init__(self, room: int) -> None:
        """``room``: connections that there may be at once."""
        self.most = max(1, room // STRANGERS_SHARE)
        """How many of them there may be."""
        self.at_once = max(1, min(ACCEPTED_AT_ONCE, self.most // _ROUNDS))
        """How many connections may be accepted before the others are served again."""
        self._there: OrderedDict[Connection, None] = OrderedDict()

    def add(self, connection: Connection) -> None:
        """Take in one that was just accepted."""
        self._there[connection] = None

    def forget(self, connection: Connection) -> None:
        """Hear that one is a stranger no more, or is gone."""
        self._there.pop(connection, None)

    def one_too_many(self, *, full: bool) -> Connection | None:
        """Return the one that has to go before another may come, if any. ``full``: there is no room at all."""
        if full or len(self._there) >= self.most:
            return next(iter(self._there), None)
        return None
