"""Begins the HTTP/2 session of each connection of one listener."""

import random
from collections.abc import Callable
from typing import Final

from extauthz.transport.cause import Cause
from extauthz.transport.connection import Connection
from extauthz.transport.limits import CONNECTION_REQUEST_MESSAGES, REQUEST_MESSAGES, Limits
from extauthz.transport.memory import Memory
from extauthz.transport.methods import Caller, Methods
from extauthz.transport.session import Session

ALPN: Final = "h2"
AGE_SPREAD: Final = 0.1
"""Ages differ by up to this part, so that connections that began together do not end together."""


def age_spread() -> float:
    """Return what the age of one connection is multiplied with."""
    return random.uniform(1 - AGE_SPREAD, 1 + AGE_SPREAD)  # noqa: S311  (no secret)


class Sessions:
    """What the sessions of one listener have in common: methods, limits, and the memory for unfinished requests."""

    def __init__(
        self,
        limits: Limits,
        methods: Methods,
        *,
        caller: Callable[[Connection], Caller],
        asked: Callable[[Connection, Caller], bool],
        count: Callable[[Cause], None],
        report: Callable[[str], None],
        clock: Callable[[], float],
    ) -> None:
        """``caller`` says what calls of a connection are told.

        ``asked`` hears of each of them with it, until it says that whoever asks may. The others are as for ``Session``.
        """
        self._limits = limits
        self._methods = methods
        self._caller = caller
        self._asked = asked
        self._count = count
        self._report = report
        self._clock = clock
        self._memory = Memory(limits.message_bytes * REQUEST_MESSAGES)

    def __call__(self, connection: Connection) -> Session:
        """Begin one."""
        caller = self._caller(connection)
        return Session(
            self._limits,
            self._methods,
            caller=caller,
            asked=lambda: self._asked(connection, caller),
            clock=self._clock,
            begun=connection.accepted_at,
            spread=age_spread(),
            memory=Memory(self._limits.message_bytes * CONNECTION_REQUEST_MESSAGES, self._memory),
            count=self._count,
            report=self._report,
            wake=connection.wake,
        )
