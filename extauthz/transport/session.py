"""One HTTP/2 connection without its socket: bytes of a client in, bytes for it out."""

from collections.abc import Callable
from math import inf

import ngh2

from extauthz.transport.answering import Answering
from extauthz.transport.answers import OK_TRAILERS, RESPONSE_HEAD, pack_prefix
from extauthz.transport.calls import Call, Calling
from extauthz.transport.goaway import goaway
from extauthz.transport.head import refusal, seconds, time_allowed
from extauthz.transport.limits import CONNECTION_WINDOW_BYTES, STREAM_WINDOW_BYTES, Cause, Limits, configuration
from extauthz.transport.messages import IDENTITY, PREFIX_BYTES
from extauthz.transport.methods import Caller, Methods, UnaryMethod
from extauthz.transport.status import CallError, Status

_LATE = CallError(Status.DEADLINE_EXCEEDED, "Deadline Exceeded")


class Session:
    """Turns the requests of one client into calls, and their answers into frames."""

    def __init__(
        self,
        limits: Limits,
        methods: Methods,
        *,
        caller: Caller,
        clock: Callable[[], float],
        count: Callable[[Cause], None],
        keep: Callable[[int], bool],
        report: Callable[[str], None],
        wake: Callable[[], None],
    ) -> None:
        """``count`` counts why something was ended, ``keep`` asks for memory, ``report`` logs a defect.

        ``wake()`` asks for ``output`` to be called: a method has sent something in its own time.
        """
        self._limits = limits
        self._methods = methods
        self._caller = caller
        self._clock = clock
        self._count = count
        self._report = report
        self._calls: dict[int, tuple[UnaryMethod, float] | Call] = {}
        self._connection = ngh2.Connection(ngh2.Role.SERVER, configuration(limits))
        self._connection.initiate_connection(
            {
                ngh2.Setting.MAX_CONCURRENT_STREAMS: limits.streams,
                ngh2.Setting.INITIAL_WINDOW_SIZE: STREAM_WINDOW_BYTES,
            }
        )
        self._connection.set_local_window_size(CONNECTION_WINDOW_BYTES)
        self._answering = Answering(self._connection, report)
        self._calling = Calling(
            self._answering,
            caller=caller,
            clock=clock,
            forget=lambda stream_id: self._calls.pop(stream_id, None) and None,
            keep=keep,
            wake=wake,
            message_bytes=limits.message_bytes,
        )
        self._last_words = b""
        self.finished = False
        """Nothing more will be read or written: what ``output`` gives next is the end."""

    def receive(self, data: bytes) -> None:
        """Take bytes of the client and answer the calls that they complete; ``output`` then has something to say."""
        connection = self._connection
        try:
            connection.receive_data(data)
        except Exception as error:  # noqa: BLE001  (whatever it is, this connection cannot go on)
            self._fail(error)
            return
        calls, method_at, clock, caller = self._calls, self._methods.get, self._clock, self._caller
        largest = self._limits.message_bytes
        now = clock()
        for event in connection.events():
            if type(event) is ngh2.RequestReceived:
                head = dict(event.headers)
                method = method_at(head[b":path"])
                if (
                    type(method) is UnaryMethod
                    and head.get(b"content-type") == b"application/grpc"
                    and head[b":method"] == b"POST"
                    and b"grpc-encoding" not in head
                    and not event.end_stream
                ):
                    timeout = head.get(b"grpc-timeout")
                    allowed = inf if timeout is None else seconds(timeout)
                    if allowed is not None:
                        calls[event.stream_id] = method, now + allowed
                        continue
                self._unusual(event.stream_id, head, now, end=event.end_stream)
            elif type(event) is ngh2.DataReceived:
                stream_id, data = event.stream_id, event.data
                call = calls.get(stream_id)
                if type(call) is not tuple:
                    if call is not None:
                        call.data(data, end=event.end_stream)
                        now = clock()
                elif (
                    event.end_stream
                    and PREFIX_BYTES <= len(data) <= largest + PREFIX_BYTES
                    and data[0] == 0
                    and int.from_bytes(data[1:PREFIX_BYTES]) == len(data) - PREFIX_BYTES
                ):
                    del calls[stream_id]
                    method, deadline = call
                    begun = now
                    try:
                        method.account.started()
                        if now > deadline:
                            raise _LATE
                        answer = method.answer(data[PREFIX_BYTES:], caller)
                        connection.send_response(stream_id, RESPONSE_HEAD)
                        connection.send_data(stream_id, pack_prefix(0, len(answer)) + answer)
                        connection.send_trailers(stream_id, OK_TRAILERS)
                        now = clock()
                        method.account.handled(0, now - begun)
                    except Exception as error:  # noqa: BLE001  (whatever happens to one call stays with it)
                        now = clock()
                        failure = self._answering.error_of(error)
                        self._answering.end(stream_id, failure, headed=False, reading=False)
                        method.account.handled(failure.status, now - begun)
                else:
                    self._long_way(stream_id, call, now).data(data, end=event.end_stream)
                    now = clock()
            elif type(event) is ngh2.StreamClosed:
                if calls:
                    self._closed(event.stream_id)
            else:
                self._other(event)

    def output(self) -> bytes:
        """Return what is to be written now; empty when nothing is."""
        connection = self._connection
        if self.finished:
            last_words, self._last_words = self._last_words, b""
            return last_words
        try:
            output = connection.data_to_send()
            if not connection.want_read and not connection.want_write:
                self._finish()
        except Exception as error:  # noqa: BLE001  (the same as for input)
            self._fail(error)
            return self.output()
        return output

    def close(self) -> None:
        """Hear that the client is gone, and end every call."""
        self.finished = True
        for call in tuple(self._calls.values()):
            if type(call) is Call:
                call.closed()
        self._calls.clear()

    def _unusual(self, stream_id: int, head: dict[bytes, bytes], now: float, *, end: bool) -> None:
        method = self._methods.get(head[b":path"])
        refused = refusal(head, known=method is not None)
        if refused is not None or method is None:
            self._answering.block(stream_id, refused or (), reading=not end)
            return
        call = self._calls[stream_id] = Call(
            self._calling,
            stream_id,
            method,
            begun=now,
            deadline=now + time_allowed(head),
            encoding=head.get(b"grpc-encoding", IDENTITY),
        )
        if end:
            call.data(b"", end=True)

    def _long_way(self, stream_id: int, call: tuple[UnaryMethod, float], now: float) -> Call:
        method, deadline = call
        longer = self._calls[stream_id] = Call(self._calling, stream_id, method, begun=now, deadline=deadline)
        return longer

    def _closed(self, stream_id: int) -> None:
        call = self._calls.pop(stream_id, None)
        if type(call) is Call:
            call.closed()

    def _other(self, event: ngh2.Event) -> None:
        if isinstance(event, ngh2.TrailersReceived):
            call = self._calls.get(event.stream_id)
            if type(call) is tuple:
                call = self._long_way(event.stream_id, call, self._clock())
            if type(call) is Call:
                call.data(b"", end=True)

    def _finish(self) -> None:
        self.finished = True

    def _fail(self, error: Exception) -> None:
        """End a connection that libnghttp2 has given up, with the GOAWAY that it cannot write itself."""
        if isinstance(error, ngh2.DenialOfServiceError):
            code, cause = ngh2.ErrorCode.ENHANCE_YOUR_CALM, Cause.FLOOD
        elif isinstance(error, ngh2.ConnectionProtocolError):
            code, cause = ngh2.ErrorCode.PROTOCOL_ERROR, Cause.PROTOCOL_ERROR
        else:
            code, cause = ngh2.ErrorCode.INTERNAL_ERROR, Cause.INTERNAL
            self._report("a connection failed")
        self._count(cause)
        self._last_words = goaway(code, last_stream_id=0)
        self.finished = True
