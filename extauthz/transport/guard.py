"""Counts what a client may do only so often. Time is an argument, in seconds of any clock that does not go back."""

import ngh2

from extauthz.transport.cause import Cause, CutError
from extauthz.transport.limits import (
    CONTROL_FRAMES,
    MIN_PING_INTERVAL_SECONDS,
    PING_STRIKES,
    RESETS,
    WINDOW_UPDATES,
    WINDOW_UPDATES_PER_REQUEST,
)

STREAM_ID_STEP = 2
"""A client's streams have odd numbers."""


class Guard:
    """The floods of one connection. Each method raises CutError once there was too much of its kind."""

    __slots__ = (
        "_control",
        "_pinged",
        "_pinged_at_stream",
        "_requests",
        "_resets",
        "_strikes",
        "_unsent",
        "_updates",
    )

    def __init__(self, now: float, streams: int) -> None:
        """``streams``: how many the client may have open, and so reset at once."""
        self._control = _Bucket(*CONTROL_FRAMES, now)
        self._resets = _Bucket(RESETS[0] + streams, RESETS[1], now)
        self._updates = _Bucket(WINDOW_UPDATES[0] + streams * WINDOW_UPDATES_PER_REQUEST, WINDOW_UPDATES[1], now)
        self._requests = 0
        self._unsent = 0
        self._pinged = float("-inf")
        self._pinged_at_stream = 0
        self._strikes = 0

    def control_frame(self, now: float) -> None:
        """Count a frame that carries nothing of a request."""
        if not self._control.take(now):
            raise CutError(Cause.FLOOD, ngh2.ErrorCode.ENHANCE_YOUR_CALM)

    def reset(self, now: float) -> None:
        """Count a stream that the client has reset, or has made the server reset (CVE-2023-44487, CVE-2025-8671)."""
        if not self._resets.take(now):
            raise CutError(Cause.RAPID_RESET, ngh2.ErrorCode.ENHANCE_YOUR_CALM)

    def window_update(self, now: float, last_stream_id: int, unsent: int) -> None:
        """Count an update of a window, unless answers have gone on since the one before.

        ``unsent``: bytes of answers that wait for the client.
        """
        progress, self._unsent = unsent < self._unsent, unsent
        if progress:
            return
        requests, self._requests = self._requests, (last_stream_id + 1) // STREAM_ID_STEP
        if not self._updates.take(now, (self._requests - requests) * WINDOW_UPDATES_PER_REQUEST):
            raise CutError(Cause.FLOOD, ngh2.ErrorCode.ENHANCE_YOUR_CALM)

    def ping(self, now: float, last_stream_id: int) -> None:
        """Count a ping. Requests since the one before make it a measurement, which gRPC's clients take many of."""
        self.control_frame(now)
        if last_stream_id != self._pinged_at_stream:
            self._strikes = 0
        elif now - self._pinged < MIN_PING_INTERVAL_SECONDS:
            self._strikes += 1
        self._pinged, self._pinged_at_stream = now, last_stream_id
        if self._strikes > PING_STRIKES:
            raise CutError(Cause.TOO_MANY_PINGS, ngh2.ErrorCode.ENHANCE_YOUR_CALM, b"too_many_pings")


class _Bucket:
    """Tokens that come back with time."""

    __slots__ = ("_burst", "_rate", "_since", "_tokens")

    def __init__(self, burst: int, rate: int, now: float) -> None:
        self._burst = self._tokens = float(burst)
        self._rate = rate
        self._since = now

    def take(self, now: float, earned: float = 0) -> bool:
        self._tokens = min(self._burst, self._tokens + (now - self._since) * self._rate + earned)
        self._since = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
