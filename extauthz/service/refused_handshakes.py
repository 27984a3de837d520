"""TLS handshakes that failed, in the log, at a rate that no client can turn into a flood."""

import time
from collections.abc import Callable

import structlog

SECONDS_BETWEEN_LINES = 1.0
"""Whoever reaches the port can make a handshake fail at will; the counter tells how often."""


class RefusedHandshakes:
    """Tells of one, and of how many since."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._log = structlog.get_logger("extauthz.service")
        self._next = float("-inf")
        self._untold = 0

    def note(self, peer: str, why: str) -> None:
        """Log it, unless one was logged a moment ago; ``untold`` counts those since the last line."""
        now = self._monotonic()
        if now < self._next:
            self._untold += 1
            return
        self._next = now + SECONDS_BETWEEN_LINES
        untold, self._untold = self._untold, 0
        self._log.warning("a TLS handshake failed", peer=peer, why=why, untold=untold)
