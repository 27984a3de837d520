"""Defects in the log, with their stacks, at a rate that no client can turn into a flood."""

import time
from collections.abc import Callable

import structlog

SECONDS_BETWEEN_STACKS = 1.0
"""A request that meets a defect can be repeated at will; one stack a second tells as much as a thousand."""


class StackReports:
    """Logs the exception being handled, unless it logged one a moment ago. Never raises."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._log = structlog.get_logger("extauthz.service")
        self._next = float("-inf")
        self._suppressed = 0

    def report(self, event: str, **fields: object) -> None:
        """Log the exception being handled; ``suppressed`` counts those since the last line."""
        try:
            now = self._monotonic()
            if now < self._next:
                self._suppressed += 1
                return
            self._next = now + SECONDS_BETWEEN_STACKS
            suppressed, self._suppressed = self._suppressed, 0
            self._log.exception(event, suppressed=suppressed, **fields)
        except Exception:  # noqa: BLE001  (a report on a defect must not become the next one)
            return
