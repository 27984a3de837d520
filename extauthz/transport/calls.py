"""One call that takes the long way: split, compressed, odd or streaming."""

from collections.abc import Callable
from contextlib import suppress
from math import inf

from ngh2 import ErrorCode

from extauthz.transport.answering import Answering
from extauthz.transport.cause import Cause, CutError
from extauthz.transport.limits import UNREAD_BYTES
from extauthz.transport.memory import Memory
from extauthz.transport.messages import IDENTITY, ExpandedError, MessageReader
from extauthz.transport.methods import Caller, Method, Streaming, UnaryMethod
from extauthz.transport.status import CallError, Status

LATE = CallError(Status.DEADLINE_EXCEEDED, "Deadline Exceeded")


_NOTHING = MessageReader(0, 0)
"""In the place of the reader of a call that is over, so that its bytes are free."""


class Calling:
    """What the calls of one connection have in common."""

    __slots__ = (
        "answering",
        "caller",
        "clock",
        "count",
        "expanded_bytes",
        "forget",
        "memory",
        "message_bytes",
        "odd",
        "wake",
    )

    def __init__(
        self,
        answering: Answering,
        *,
        caller: Caller,
        clock: Callable[[], float],
        forget: Callable[[int], None],
        memory: Memory,
        odd: Callable[[], None],
        count: Callable[[Cause], None],
        wake: Callable[[], None],
        message_bytes: int,
        expanded_bytes: int,
    ) -> None:
        """``odd()`` counts a frame without content, and raises CutError when there were too many."""
        self.answering = answering
        self.caller = caller
        self.clock = clock
        self.forget = forget
        self.memory = memory
        self.odd = odd
        self.count = count
        self.wake = wake
        self.message_bytes = message_bytes
        self.expanded_bytes = expanded_bytes


class Call:
    """Reads the messages of one request and sends what the method answers. It is its method's ``Outgoing`` too."""

    __slots__ = (
        "_accounted",
        "_begun",
        "_calling",
        "_headed",
        "_held",
        "_message",
        "_method",
        "_over",
        "_reader",
        "_reading",
        "_streaming",
        "_waits_since",
        "deadline",
        "stream_id",
    )

    def __init__(
        self,
        calling: Calling,
        stream_id: int,
        method: Method,
        *,
        begun: float,
        deadline: float = inf,
        encoding: bytes = IDENTITY,
    ) -> None:
        self.stream_id = stream_id
        self.deadline = deadline
        self._calling = calling
        self._method = method
        self._begun = self._waits_since = begun
        self._reader = MessageReader(calling.message_bytes, calling.expanded_bytes, encoding)
        self._message: bytes | None = None
        self._streaming: Streaming | None = None
        self._held = 0
        self._reading = True
        self._headed = False
        self._over = False
        with suppress(Exception):  # a count never changes an answer
            method.account.started()

    @property
    def waits_since(self) -> float:
        """Since when the request, or the next message of it, is awaited; infinite when all of it is here."""
        return self._waits_since if self._reading else inf

    def data(self, data: bytes, end: bool) -> None:  # noqa: FBT001  (as the frame has them)
        """Take the next bytes of the request; ``end``: there are no more. Raises CutError."""
        if not data and not end:
            self._calling.odd()
        if self._over:
            return
        self._reading = not end
        try:
            for message in self._reader.feed(data):
                if not self._over:  # the one before may have ended it
                    self._take(message)
            self._hold()
            if end:
                self._complete()
        except CutError:
            raise
        except ExpandedError as error:
            self._refuse(error)
        except Exception as error:  # noqa: BLE001  (whatever else happens to one call stays with it)
            self.fail(self._calling.answering.failure(error))

    def fail(self, error: CallError) -> None:
        """End the call with an error."""
        if not self._over:
            self._calling.answering.end(self.stream_id, error, headed=self._headed, reading=self._reading)
            self._end(error.status)

    def closed(self) -> None:
        """Hear that the stream is gone, whoever closed it."""
        if not self._over:
            self._end(Status.CANCELLED)

    def send(self, message: bytes) -> None:
        """Send one message of several."""
        if self._over:
            return
        if not self._headed:
            self._headed = True
            self._calling.answering.head(self.stream_id)
        self._calling.answering.message(self.stream_id, message)
        self._calling.wake()

    def finish(self) -> None:
        """End the call with OK."""
        if not self._over:
            self._calling.answering.end(self.stream_id, None, headed=self._headed, reading=self._reading)
            self._end(Status.OK)
            self._calling.wake()

    def _take(self, message: bytes) -> None:
        method = self._method
        if isinstance(method, UnaryMethod):
            if self._message is not None:
                raise CallError(Status.UNIMPLEMENTED, "more than one message for a method that takes one")
            self._message = message
            return
        if self._streaming is None:
            self._streaming = method.open(self)
        elif not method.several:
            raise CallError(Status.UNIMPLEMENTED, "more than one message for a method that takes one")
        self._waits_since = self._calling.clock()
        self._streaming.message(message)
        if self._calling.answering.unsent > UNREAD_BYTES:
            raise CutError(Cause.UNREAD, ErrorCode.ENHANCE_YOUR_CALM)

    def _hold(self) -> None:
        """Account for the bytes that are kept until the rest of the request is here."""
        if self._over:
            return
        held = self._reader.held + len(self._message or b"")
        more, self._held = held - self._held, held
        if self._calling.memory.hold(more):
            return
        self._held -= more
        self._calling.count(Cause.REQUEST_BYTES)
        self._refuse(CallError(Status.RESOURCE_EXHAUSTED, "too many bytes of unfinished requests"))

    def _refuse(self, error: CallError) -> None:
        """End in the method's own words where it has some for a request that is too much, or else with the error."""
        method = self._method
        if not isinstance(method, UnaryMethod) or method.overloaded is None:
            self.fail(error)
            return
        try:
            answer = method.overloaded(b"", self._calling.caller)
            # The rest of the request is read and thrown away: a reset of the stream would overtake the answer.
            self._calling.answering.whole(self.stream_id, answer)
        except Exception as defect:  # noqa: BLE001  (as above)
            self.fail(self._calling.answering.failure(defect))
            return
        self._end(Status.OK)

    def _complete(self) -> None:
        if self._over:
            return
        if self._reader.held:
            raise CallError(Status.INTERNAL, "the request ends inside of a message")
        method = self._method
        if not isinstance(method, UnaryMethod):
            if self._streaming is None and not method.several:
                raise CallError(Status.UNIMPLEMENTED, "no message for a method that takes one")
            if self._streaming is None:
                self.finish()
            else:
                self._streaming.no_more()
            return
        if self._message is None:
            raise CallError(Status.UNIMPLEMENTED, "no message for a method that takes one")
        if self._calling.clock() > self.deadline:
            raise LATE
        self._calling.answering.whole(self.stream_id, method.answer(self._message, self._calling.caller))
        self._end(Status.OK)

    def _end(self, status: Status) -> None:
        self._over = True
        calling = self._calling
        calling.memory.hold(-self._held)
        self._held = 0
        self._message = None
        self._reader = _NOTHING
        calling.forget(self.stream_id)
        streaming, self._streaming = self._streaming, None
        if streaming is not None:
            streaming.ended()
        with suppress(Exception):  # the same
            self._method.account.handled(status, calling.clock() - self._begun)
