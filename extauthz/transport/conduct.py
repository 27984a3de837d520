"""What a client says beside its requests, and what time makes of a connection."""

from ngh2 import (
    Connection,
    ConnectionClosed,
    Event,
    GoAwayReceived,
    PingAcknowledged,
    PingReceived,
    SettingsReceived,
    StreamReset,
    TrailersReceived,
    WindowUpdated,
)

from extauthz.transport.cause import Cause
from extauthz.transport.guard import Guard
from extauthz.transport.lifetime import Lifetime
from extauthz.transport.limits import Limits
from extauthz.transport.pending import Pending


class Conduct:
    """Frames that are no part of an ordinary request, each counted, and the times of the connection."""

    __slots__ = ("_connection", "_guard", "_pending", "_reset_by_client", "client_goes", "lifetime")

    def __init__(self, connection: Connection, pending: Pending, limits: Limits, now: float, spread: float) -> None:
        self._connection = connection
        self._pending = pending
        self._guard = Guard(now, limits.streams)
        self.lifetime = Lifetime(connection, limits, now, spread)
        self._reset_by_client = 0
        self.client_goes = False
        """Whether the client has said goodbye."""

    def frame(self, event: Event, now: float, last_stream_id: int) -> None:
        """Take one such frame. Raises CutError when there were too many of its kind."""
        if isinstance(event, WindowUpdated):
            self._guard.window_update(now, last_stream_id, self._connection.queued_body_size())
        elif isinstance(event, TrailersReceived):
            self._pending.ended(event.stream_id, now)
        elif isinstance(event, StreamReset):
            self._reset_by_client = event.stream_id
            self._guard.reset(now)
        elif isinstance(event, PingReceived):
            self._guard.ping(now, last_stream_id)
        elif isinstance(event, PingAcknowledged):
            self._guard.control_frame(now)
            self.lifetime.ping_acknowledged(event.opaque_data)
        elif isinstance(event, GoAwayReceived):
            self.client_goes = True
        elif not isinstance(event, ConnectionClosed):
            self.lifetime.greeted |= isinstance(event, SettingsReceived)
            self._guard.control_frame(now)

    def stream_failed(self, stream_id: int, now: float) -> None:
        """Count a stream that closed with an error: one that libnghttp2 was made to reset is as good as a reset."""
        if stream_id != self._reset_by_client:  # which was counted when it came, just before
            self._guard.reset(now)

    def empty_frame(self, now: float) -> None:
        """Count a DATA frame without data. Raises CutError."""
        self._guard.control_frame(now)

    def tick(self, now: float, *, asked: bool, unwritten: int) -> bytes:
        """Do what is due; return frames to be written after those of the session. Raises CutError."""
        self._pending.expire(now)
        return self.lifetime.tick(now, asked=asked, unread=unwritten + self._connection.queued_body_size())

    def leave(self, now: float, grace: float, cause: Cause) -> bytes:
        """Begin the end that the server wants; return frames as ``tick`` does. Raises CutError."""
        return self.lifetime.leave(now, grace, cause)
