"""What is due on a connection for no other reason than time: its age, signs of life, and the steps of its end.

1  notice   GOAWAY that refuses nothing, and a ping: requests may be on their way
2  final    GOAWAY with the last request that counts, once the ping is acknowledged or has had its time
3  cut      what is still in flight when the grace is over

Time is an argument, in seconds of any clock that does not go back.
"""

import ngh2

from extauthz.transport.cause import Cause, CutError
from extauthz.transport.goaway import goaway
from extauthz.transport.limits import (
    FIRST_REQUEST_SECONDS,
    HANDSHAKE_SECONDS,
    LAST_REQUESTS_SECONDS,
    REQUEST_SECONDS,
    UNREAD_SECONDS,
    Limits,
)

NOTICE_PING = b"shutdown"
KEEPALIVE_PING = b"alive?\0\0"


class Lifetime:
    """The times of one connection."""

    __slots__ = (
        "_born",
        "_connection",
        "_cut_at",
        "_final",
        "_heard",
        "_least_unread",
        "_leaves_at",
        "_limits",
        "_noticed",
        "_partial_since",
        "_pinged",
        "_stuck_since",
        "cause",
        "greeted",
    )

    def __init__(self, connection: ngh2.Connection, limits: Limits, now: float, spread: float) -> None:
        """``spread``: what this connection's age is multiplied with, so that not all of them end at once."""
        self._connection = connection
        self._limits = limits
        self._born = now
        self._leaves_at = now + limits.age * spread
        self._cut_at = float("inf")
        self._noticed: float | None = None
        self._final = False
        self._pinged: float | None = None
        self._stuck_since: float | None = None
        self._least_unread = 0
        self._heard = now
        self._partial_since: float | None = None
        self.greeted = False
        """Whether the client has sent its SETTINGS."""
        self.cause: Cause | None = None
        """Why the connection comes to its orderly end; None while it does not."""

    def read(self, now: float, whole: bool) -> None:  # noqa: FBT001  (once for each read: no name to pass)
        """Hear that the client has said something, and whether it was the end of any frame.

        Raises CutError when a frame, or a header block, still grows after so long. One that does not grow is found by
        the keepalive: no ping can be acknowledged inside of it.
        """
        self._heard = now
        if whole:
            self._partial_since = None
        elif self._partial_since is None:
            self._partial_since = now
        elif now - self._partial_since >= REQUEST_SECONDS:
            raise CutError(Cause.SLOW_REQUEST, ngh2.ErrorCode.ENHANCE_YOUR_CALM)

    def tick(self, now: float, *, asked: bool, unread: int) -> bytes:
        """Do what is due; return frames to be written after those of the session. Raises CutError.

        ``asked``: whether there ever was a request; ``unread``: bytes of answers that the client has not taken yet.
        """
        if not self.greeted and now - self._born >= HANDSHAKE_SECONDS:
            raise CutError(Cause.HANDSHAKE, ngh2.ErrorCode.SETTINGS_TIMEOUT)
        self._look_for_progress(now, unread)
        self._look_for_life(now)
        if self.cause is None:
            if now >= self._leaves_at:
                return self.leave(now, self._limits.age_grace, Cause.AGE)
            if not asked and now - self._born >= FIRST_REQUEST_SECONDS:
                return self.leave(now, self._limits.age_grace, Cause.IDLE)
        elif now >= self._cut_at:
            raise CutError(self.cause, ngh2.ErrorCode.NO_ERROR)
        elif self._noticed is not None and now - self._noticed >= LAST_REQUESTS_SECONDS:
            self._finally()
        return b""

    def leave(self, now: float, grace: float, cause: Cause) -> bytes:
        """Begin the end, or bring it forward; what is in flight ``grace`` seconds from now is cut off.

        Raises CutError when there is no grace.
        """
        self._cut_at = min(self._cut_at, now + grace)
        if grace <= 0:
            raise CutError(cause, ngh2.ErrorCode.NO_ERROR)
        if self.cause is not None:
            return b""
        self.cause = cause
        self._noticed = now
        self._connection.ping(NOTICE_PING)
        return goaway(ngh2.ErrorCode.NO_ERROR)

    def ping_acknowledged(self, opaque_data: bytes) -> None:
        """Hear that the client has read everything up to a ping of ours."""
        if opaque_data == NOTICE_PING and self._noticed is not None:
            self._finally()

    def _finally(self) -> None:
        if not self._final:
            self._final = True
            self._connection.send_goaway(ngh2.ErrorCode.NO_ERROR)

    def _look_for_life(self, now: float) -> None:
        if self._pinged is not None and self._heard >= self._pinged:
            self._pinged = None
        if self._pinged is None:
            if now - self._heard >= self._limits.keepalive:
                self._pinged = now
                self._connection.ping(KEEPALIVE_PING)
        elif now - self._pinged >= self._limits.keepalive_timeout:
            raise CutError(Cause.KEEPALIVE, ngh2.ErrorCode.NO_ERROR, b"keepalive_timeout")

    def _look_for_progress(self, now: float, unread: int) -> None:
        if not unread:
            self._stuck_since = None
        elif self._stuck_since is None or unread < self._least_unread:
            self._stuck_since, self._least_unread = now, unread
        elif now - self._stuck_since >= UNREAD_SECONDS:
            raise CutError(Cause.UNREAD, ngh2.ErrorCode.ENHANCE_YOUR_CALM)
