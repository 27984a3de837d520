"""One HTTP/2 connection without its socket: bytes of a client in, bytes for it out."""

from collections.abc import Callable
from contextlib import suppress
from itertools import chain
from math import inf
from typing import NamedTuple

from ngh2 import (
    ConnectionClosed,
    ConnectionStateError,
    DataReceived,
    ErrorCode,
    Header,
    RequestReceived,
    StreamClosed,
)

from extauthz.transport.answering import Answering
from extauthz.transport.answers import OK_TRAILERS, RESPONSE_HEAD, pack_prefix
from extauthz.transport.calls import LATE, Call, Calling
from extauthz.transport.cause import Cause, CutError, cause_of_code, cut_for
from extauthz.transport.conduct import Conduct
from extauthz.transport.goaway import goaway
from extauthz.transport.head import GRPC, refusal, seconds, time_allowed
from extauthz.transport.http2 import server_connection
from extauthz.transport.limits import UNREAD_BYTES, USUAL_HEADER_BYTES, Limits
from extauthz.transport.memory import Memory
from extauthz.transport.messages import IDENTITY, PREFIX_BYTES
from extauthz.transport.methods import Caller, Methods, UnaryMethod
from extauthz.transport.pending import Pending


class _Usual(NamedTuple):
    """The headers of the last ordinary request, and what they say: those of a proxy's requests are mostly the same."""

    headers: tuple[Header, ...]
    method: UnaryMethod
    allowed: float


class Session:
    """Turns the requests of one client into calls, and their answers into frames."""

    def __init__(
        self,
        limits: Limits,
        methods: Methods,
        *,
        caller: Caller,
        asked: Callable[[], bool],
        clock: Callable[[], float],
        begun: float,
        spread: float,
        memory: Memory,
        count: Callable[[Cause], None],
        report: Callable[[str], None],
        wake: Callable[[], None],
    ) -> None:
        """``asked()`` hears of each request until it says that whoever asks may; ``count(cause)`` counts what is ended.

        ``report(event)`` logs the exception being handled. ``begun``: since when there is the connection; ``spread``:
        what its age is multiplied with. ``wake()`` asks for ``output`` to be called, as a
        method has sent something in its own time.
        """
        self._limits = limits
        self._methods = methods
        self._caller = caller
        self._asked: Callable[[], bool] | None = asked
        self._clock = clock
        self._count = count
        self._report = report
        self._connection = server_connection(limits.streams)
        self._answering = Answering(self._connection, report)
        self._calling = Calling(
            self._answering,
            caller=caller,
            clock=clock,
            forget=self._forget,
            memory=memory,
            odd=lambda: self._conduct.empty_frame(clock()),
            count=count,
            wake=wake,
            message_bytes=limits.message_bytes,
            expanded_bytes=limits.expanded_bytes,
        )
        self._pending = Pending(self._calling, count)
        self._conduct = Conduct(self._connection, self._pending, limits, begun, spread)
        self._last_stream_id = 0
        self._usual: _Usual | None = None
        self._beside = b""
        self.finished = False
        """Nothing more will be read or written: what ``output`` gives next is the end."""

    def receive(self, data: bytes) -> None:  # noqa: C901, PLR0912, PLR0915  (a function for each step would cost more than the step)
        """Take bytes of the client and answer the calls that they complete; ``output`` then has something to say."""
        connection = self._connection
        now = arrived = self._clock()
        try:
            connection.receive_data(data)
        except ConnectionStateError:
            return  # it is over, as ``output`` will find: a client said goodbye, and then more
        except Exception as error:  # noqa: BLE001  (whatever it is, this connection cannot go on)
            self._cut(error)
            return
        calls, method_at, clock, caller = self._pending.calls, self._methods.get, self._clock, self._caller
        usual = self._usual
        usual_headers, usual_call = (
            ((), None) if usual is None else (usual.headers, (usual.method, arrived + usual.allowed))
        )
        stream_id = self._last_stream_id
        events = connection.events()
        self._guarded(self._conduct.lifetime.read, now, bool(events))
        for event in events:
            if type(event) is RequestReceived:
                stream_id, headers = event.stream_id, event.headers
                if usual_call is not None and headers == usual_headers and not event.end_stream:
                    calls[stream_id] = usual_call
                    continue
                self._last_stream_id = stream_id
                if self._asked is not None:
                    self._guarded(self._hear_of_it, self._asked)
                head = dict(headers)
                method = method_at(head.get(b":path", b""))
                if (
                    type(method) is UnaryMethod
                    and head.get(b"content-type") == GRPC
                    and head[b":method"] == b"POST"
                    and b"grpc-encoding" not in head
                    and not event.end_stream
                ):
                    timeout = head.get(b"grpc-timeout")
                    allowed = inf if timeout is None else seconds(timeout)
                    if allowed is not None:
                        calls[stream_id] = this_call = method, arrived + allowed
                        if (
                            self._asked is None  # or the next one must be heard of as well
                            and len(head) == len(headers)  # or ``head`` has not all of them
                            and sum(map(len, chain(head, head.values()))) <= USUAL_HEADER_BYTES
                        ):
                            usual_headers, usual_call = headers, this_call
                            self._usual = _Usual(headers, method, allowed)
                        continue
                self._guarded(self._unusual, event, head, arrived)
            elif type(event) is DataReceived:
                at, raw = event.stream_id, event.data
                call = calls.pop(at, None)
                if type(call) is tuple:
                    # Flags and length in one number; one of fewer than five bytes is never negative, as the length is.
                    if not event.end_stream or int.from_bytes(raw[:PREFIX_BYTES], "big") != len(raw) - PREFIX_BYTES:
                        self._last_stream_id = stream_id
                        self._guarded(self._pending.long_way(at, call, now).data, raw, event.end_stream)
                        now = clock()
                        continue
                    method, deadline = call
                    begun = now
                    try:
                        if now > deadline:
                            raise LATE  # noqa: TRY301  (no function for one line that runs for every request)
                        answer = method.answer(raw[PREFIX_BYTES:], caller)
                        connection.send_response(at, RESPONSE_HEAD)
                        connection.send_data(at, pack_prefix(0, len(answer)) + answer)
                        connection.send_trailers(at, OK_TRAILERS)
                        now = clock()
                        method.account.answered(now - begun)  # last, as a count that fails must not change an answer
                    except Exception as error:  # noqa: BLE001  (whatever happens to one call stays with it)
                        now = clock()
                        self._failed(at, method, error, now - begun)
                elif isinstance(call, Call):
                    calls[at] = call
                    self._last_stream_id = stream_id
                    self._guarded(call.data, raw, event.end_stream)
                    now = clock()
            elif type(event) is StreamClosed:
                if calls:
                    self._guarded(self._pending.closed, event.stream_id)
                if event.error_code:
                    self._guarded(self._conduct.stream_failed, event.stream_id, now)
                    if self.finished:
                        break
            else:
                self._last_stream_id = stream_id
                self._guarded(self._conduct.frame, event, now, stream_id)
                if self.finished:
                    break
        self._last_stream_id = stream_id

    def output(self) -> bytes:
        """Return what is to be written now; empty when nothing is."""
        beside, self._beside = self._beside, b""
        if self.finished:
            return beside
        connection = self._connection
        try:
            output = connection.data_to_send()
            if self._answering.stop():
                output += connection.data_to_send()
            if not connection.want_read and not connection.want_write:
                self._finish()
            elif connection.queued_body_size() > UNREAD_BYTES:
                raise CutError(Cause.UNREAD, ErrorCode.ENHANCE_YOUR_CALM)  # noqa: TRY301  (one way out for both)
        except Exception as error:  # noqa: BLE001  (as for what comes in)
            self._cut(error)
            return beside + self.output()
        return output + beside if beside else output

    def tick(self, now: float, *, unwritten: int) -> None:
        """Do what is due; ``output`` may then have something to say. ``unwritten``: bytes that wait in the socket."""
        if not self.finished:
            self._guarded(self._tick, now, unwritten)

    def leave(self, now: float, grace: float, cause: Cause = Cause.DRAIN) -> None:
        """Take no new requests; end when those in flight have ended, or ``grace`` seconds from now."""
        if not self.finished:
            self._guarded(self._leave, now, grace, cause)

    @property
    def unsent(self) -> int:
        """Bytes of answers that wait for the client's windows."""
        return 0 if self.finished else self._connection.queued_body_size()

    def give_up(self, cause: Cause) -> None:
        """End at once, for the sake of others."""
        self._cut(CutError(cause, ErrorCode.ENHANCE_YOUR_CALM))

    def close(self) -> None:
        """Hear that there is nobody to answer any more, and end every call."""
        if not self.finished and self._conduct.lifetime.cause is not None:
            self._count(self._conduct.lifetime.cause)  # the client went when it was told to
        self.finished = True
        self._pending.close()

    def _guarded(self, step: Callable[..., None], *arguments: object) -> None:
        """Take one step; an error in it ends the connection."""
        try:
            step(*arguments)
        except Exception as error:  # noqa: BLE001  (as for what comes in)
            self._cut(error)

    # Calls.

    def _hear_of_it(self, asked: Callable[[], bool]) -> None:
        if asked():
            self._asked = None

    def _unusual(self, request: RequestReceived, head: dict[bytes, bytes], now: float) -> None:
        stream_id = request.stream_id
        method = self._methods.get(head.get(b":path", b""))
        refused = refusal(head, known=method is not None)
        if refused is not None or method is None:
            self._answering.block(stream_id, refused or (), reading=not request.end_stream)
            return
        encoding = head.get(b"grpc-encoding", IDENTITY)
        call = self._pending.calls[stream_id] = Call(
            self._calling, stream_id, method, begun=now, deadline=now + time_allowed(head), encoding=encoding
        )
        if request.end_stream:
            call.data(b"", request.end_stream)

    def _failed(self, stream_id: int, method: UnaryMethod, error: Exception, seconds_taken: float) -> None:
        """End a call in whose straight way something went wrong; if that was the counting, it has its answer."""
        failure = self._answering.failure(error)
        self._answering.end(stream_id, failure, headed=False, reading=False)
        with suppress(Exception):
            method.account.started()
            method.account.handled(failure.status, seconds_taken)

    def _forget(self, stream_id: int) -> None:
        self._pending.calls.pop(stream_id, None)

    # Time.

    def _tick(self, now: float, unwritten: int) -> None:
        self._beside += self._conduct.tick(now, asked=self._last_stream_id > 0, unwritten=unwritten)

    def _leave(self, now: float, grace: float, cause: Cause) -> None:
        self._beside += self._conduct.leave(now, grace, cause)

    # The end.

    def _finish(self) -> None:
        """Hear that libnghttp2 has nothing more to say, and count why."""
        self.finished = True
        closed = [event for event in self._connection.events() if isinstance(event, ConnectionClosed)]
        code = closed[0].error_code if closed else 0
        if code and not self._conduct.client_goes:
            self._count(cause_of_code(code))
        elif self._conduct.lifetime.cause is not None:
            self._count(self._conduct.lifetime.cause)

    def _cut(self, error: Exception) -> None:
        """End the connection, with a GOAWAY of our own after what libnghttp2 still has to say, if anything."""
        if self.finished:
            return
        cut = cut_for(error)
        if cut.cause is Cause.INTERNAL:
            self._report("a connection failed")
        self._count(cut.cause)
        self.finished = True
        try:
            rest = self._connection.data_to_send()
        except Exception:  # noqa: BLE001  (it has failed; what it had is lost)
            rest = b""
        self._beside = rest + goaway(cut.code, last_stream_id=self._last_stream_id, debug_data=cut.debug_data)
