"""One call that takes the long way: split, compressed, odd or streaming."""

from collections.abc import Callable
from math import inf

from extauthz.transport.answering import Answering
from extauthz.transport.messages import IDENTITY, MessageReader
from extauthz.transport.methods import Caller, Method, Streaming, UnaryMethod
from extauthz.transport.status import CallError, Status


class Calling:
    """What the calls of one connection have in common."""

    __slots__ = ("answering", "caller", "clock", "forget", "keep", "message_bytes", "wake")

    def __init__(
        self,
        answering: Answering,
        *,
        caller: Caller,
        clock: Callable[[], float],
        forget: Callable[[int], None],
        keep: Callable[[int], bool],
        wake: Callable[[], None],
        message_bytes: int,
    ) -> None:
        self.answering = answering
        self.caller = caller
        self.clock = clock
        self.forget = forget
        self.keep = keep
        self.wake = wake
        self.message_bytes = message_bytes


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
        self._begun = begun
        self._reader = MessageReader(calling.message_bytes, encoding)
        self._message: bytes | None = None
        self._streaming: Streaming | None = None
        self._held = 0
        self._reading = True
        self._headed = False
        self._over = False
        method.account.started()

    def data(self, data: bytes, *, end: bool) -> None:
        """Take the next bytes of the request; ``end``: there are no more."""
        if self._over:
            return
        self._reading = not end
        try:
            for message in self._reader.feed(data):
                self._take(message)
            self._hold()
            if end:
                self._complete()
        except Exception as error:  # noqa: BLE001  (whatever happens to one call stays with it)
            self.fail(self._calling.answering.error_of(error))

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
        self._streaming.message(message)

    def _hold(self) -> None:
        """Account for the bytes that are kept until the rest of the request is here."""
        held = self._reader.held + len(self._message or b"")
        more, self._held = held - self._held, held
        if not self._calling.keep(more):
            raise CallError(Status.RESOURCE_EXHAUSTED, "too many bytes of unfinished requests")

    def _complete(self) -> None:
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
            raise CallError(Status.DEADLINE_EXCEEDED, "Deadline Exceeded")
        self._calling.answering.whole(self.stream_id, method.answer(self._message, self._calling.caller))
        self._end(Status.OK)

    def _end(self, status: Status) -> None:
        self._over = True
        calling = self._calling
        calling.keep(-self._held)
        self._held = 0
        self._message = None
        calling.forget(self.stream_id)
        streaming, self._streaming = self._streaming, None
        if streaming is not None:
            streaming.ended()
        self._method.account.handled(status, calling.clock() - self._begun)
