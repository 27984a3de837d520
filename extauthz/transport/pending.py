"""The calls of one connection that have not ended."""

from collections.abc import Callable

from extauthz.transport.calls import LATE, Call, Calling
from extauthz.transport.cause import Cause
from extauthz.transport.limits import REQUEST_SECONDS
from extauthz.transport.methods import UnaryMethod
from extauthz.transport.status import CallError, Status

Straight = tuple[UnaryMethod, float]
"""A call of which only the headers are here: its method and deadline."""
SLOW = CallError(Status.DEADLINE_EXCEEDED, "the request did not arrive in time")


class Pending:
    """Calls by stream."""

    __slots__ = ("_calling", "_count", "_first_seen", "calls")

    def __init__(self, calling: Calling, count: Callable[[Cause], None]) -> None:
        self._calling = calling
        self._count = count
        self._first_seen: dict[int, float] = {}
        self.calls: dict[int, Straight | Call] = {}
        """Always the same dict: the session's loop holds on to it."""

    def long_way(self, stream_id: int, call: Straight, now: float) -> Call:
        """Turn a call that is not as ordinary as it seemed into one that takes its time."""
        method, deadline = call
        longer = self.calls[stream_id] = Call(self._calling, stream_id, method, begun=now, deadline=deadline)
        return longer

    def ended(self, stream_id: int, now: float) -> None:
        """Take the end of a request whose last frame is one of headers. Nothing here reads what they say."""
        call = self.calls.get(stream_id)
        if isinstance(call, tuple):
            call = self.long_way(stream_id, call, now)
        if call is not None:
            call.data(b"", True)  # noqa: FBT003  (as the frame has it)

    def closed(self, stream_id: int) -> None:
        """Hear that a stream is gone."""
        call = self.calls.pop(stream_id, None)
        if isinstance(call, Call):
            call.closed()

    def close(self) -> None:
        """Hear that all of them are."""
        for stream_id in tuple(self.calls):
            self.closed(stream_id)

    def expire(self, now: float) -> None:
        """End the calls whose time is up."""
        seen, self._first_seen = self._first_seen, {}
        for stream_id, call in tuple(self.calls.items()):
            if isinstance(call, tuple):
                since = self._first_seen[stream_id] = seen.get(stream_id, now)
                deadline = call[1]
            else:
                since, deadline = call.waits_since, call.deadline
            if now > deadline:
                self._fail(stream_id, call, LATE)
            elif now - since >= REQUEST_SECONDS:
                self._count(Cause.SLOW_REQUEST)
                self._fail(stream_id, call, SLOW)

    def _fail(self, stream_id: int, call: Straight | Call, error: CallError) -> None:
        (self.long_way(stream_id, call, self._calling.clock()) if isinstance(call, tuple) else call).fail(error)
