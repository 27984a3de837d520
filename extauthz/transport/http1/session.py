"""One HTTP/1.1 connection without its socket: requests of a proxy in, answers out, one after the other."""

from collections.abc import Callable
from http import HTTPStatus
from math import inf

from extauthz.transport.cause import Cause
from extauthz.transport.http1.limits import BODY_SECONDS, HEAD_SECONDS, STRANGER_SECONDS, Http1Limits
from extauthz.transport.http1.reply import CLOSE, CONTINUE, KEPT, Reply, bare_reply, reply_bytes
from extauthz.transport.http1.requests import RefusedRequestError, Request, RequestReader
from extauthz.transport.limits import UNREAD_SECONDS

Answer = Callable[[Request], Reply]
DEFECT = bare_reply(HTTPStatus.FORBIDDEN)
"""After an error in here. Not 500: proxies that fail open let those through."""


class Http1Session:
    """A ``Conversation`` in HTTP/1.1. Each request is answered as soon as it is whole."""

    def __init__(
        self,
        limits: Http1Limits,
        answer: Answer,
        *,
        known: bool,
        may_ask: Callable[[Request], bool],
        admitted: Callable[[], None],
        clock: Callable[[], float],
        begun: float,
        spread: float,
        ending: Callable[[], bool],
        count: Callable[[Cause], None],
        report: Callable[[str], None],
    ) -> None:
        """``known``: the connection has shown already that whoever is there may ask.

        ``may_ask(request)`` says it of a request whose body is still to come. ``admitted()`` hears of the first request
        of somebody who may.

        ``begun``: since when there is the connection; ``spread``: what its age is multiplied with; ``ending()``: the
        end is near, so each answer is the last. The others are as for the session of HTTP/2.
        """
        self._limits = limits
        self._answer = answer
        self._may_ask = may_ask
        self._admitted = admitted
        self._clock = clock
        self._ending = ending
        self._count = count
        self._report = report
        self._reader = RequestReader(begin=self._begin, head=self._head, take=self._take, expect=self._expect)
        self._output: list[bytes] = []
        self._since = self._now = clock()
        self._ages_at = begun + limits.age * spread
        self._strange_until: float | None = None if known else begun + STRANGER_SECONDS
        """None once there is somebody who may ask."""
        self._cut_at = inf
        self._leaving: Cause | None = None
        self._least_unwritten = 0
        self._stuck_since: float | None = None
        self.finished = False
        """Nothing more will be read or written: what ``output`` gives next is the end."""

    @property
    def unsent(self) -> int:
        """Bytes of answers that wait here: none, as they are handed on at once."""
        return 0

    def receive(self, data: bytes) -> None:
        """Take bytes of the client and answer the requests that they complete."""
        if self.finished:
            return
        now = self._now = self._clock()
        reader = self._reader
        if not reader.inside:
            self._since = now
        try:
            reader.feed(data)
        except RefusedRequestError as refused:
            self._refuse(refused.status, refused.cause)
        except Exception:  # noqa: BLE001  (whatever it is, this connection cannot go on)
            self._report("a connection failed")
            self._refuse(HTTPStatus.FORBIDDEN, Cause.INTERNAL)
        if not reader.inside:
            self._since = now

    def output(self) -> bytes:
        """Return what is to be written now; empty when nothing is."""
        output, self._output = self._output, []
        return b"".join(output)

    def tick(self, now: float, *, unwritten: int) -> None:
        """End the connection if its time is up, or that of its request, or if nobody takes the answers."""
        if self.finished:
            return
        waited = now - self._since
        late = self._strange_until is not None and now >= self._strange_until
        if self._reader.inside:
            if late or waited >= (HEAD_SECONDS if self._reader.in_head else BODY_SECONDS):
                self._refuse(HTTPStatus.REQUEST_TIMEOUT, Cause.SLOW_REQUEST)
        elif late or waited >= self._limits.idle:
            self._end(Cause.IDLE)
        if now >= self._cut_at:
            self._end(self._leaving or Cause.DRAIN)
        self._look_for_progress(now, unwritten)

    def leave(self, now: float, grace: float, cause: Cause = Cause.DRAIN) -> None:
        """Take no new requests; end after the answer to the one that is coming in, or ``grace`` seconds from now."""
        self._leaving = cause
        self._cut_at = min(self._cut_at, now + grace)
        if not self._reader.inside or now >= self._cut_at:
            self._end(cause)

    def give_up(self, cause: Cause) -> None:
        """End at once, for the sake of others."""
        self._end(cause)

    def close(self) -> None:
        """Hear that there is nobody to answer any more."""
        self.finished = True

    # Events of the reader.

    def _begin(self) -> None:
        self._since = self._now

    def _head(self, request: Request) -> None:
        if self._strange_until is not None and not self.finished and self._may_ask(request):
            self._welcome()

    def _welcome(self) -> None:
        """Hear that whoever is there may ask."""
        if self._strange_until is not None:
            self._strange_until = None
            self._admitted()

    def _take(self, request: Request, keep_alive: bool, is_1_0: bool) -> None:  # noqa: FBT001  (once for each request)
        if self.finished:  # the one before asked for the end; what comes behind it is answered by nobody
            return
        try:
            reply = self._answer(request)
        except Exception:  # noqa: BLE001  (whatever happens to one request stays with it)
            self._report("a request failed")
            reply = DEFECT
        if self._leaving is None and self._ending():
            self._leaving = Cause.DRAIN
        elif self._leaving is None and self._now >= self._ages_at:
            self._leaving = Cause.AGE
        if reply.stays:
            self._welcome()
        kept = keep_alive and reply.stays and self._leaving is None
        connection = CLOSE if not kept else (KEPT if is_1_0 else b"")
        self._output.append(reply_bytes(reply, connection, bodiless=request.method == b"HEAD"))
        if not kept:
            self._end(self._leaving)

    def _expect(self) -> None:
        if not self.finished:
            self._output.append(CONTINUE)

    # The end.

    def _refuse(self, status: HTTPStatus, cause: Cause) -> None:
        """End with an answer to what was no request; none if the last answer has said that it is the last."""
        if not self.finished:
            self._output.append(reply_bytes(bare_reply(status), CLOSE, bodiless=False))
            self._end(cause)

    def _end(self, cause: Cause | None) -> None:
        if not self.finished:
            self.finished = True
            if cause is not None:
                self._count(cause)

    def _look_for_progress(self, now: float, unwritten: int) -> None:
        if not unwritten:
            self._stuck_since = None
        elif self._stuck_since is None or unwritten < self._least_unwritten:
            self._stuck_since, self._least_unwritten = now, unwritten
        elif now - self._stuck_since >= UNREAD_SECONDS:
            self._end(Cause.UNREAD)
