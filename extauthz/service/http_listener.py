"""The listener for proxies that ask over HTTP."""

import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from extauthz.config.build_http import CallerRules
from extauthz.config.schema.http import Http
from extauthz.model.outcome import Fail, Outcome, Pass
from extauthz.model.reason import Reason
from extauthz.observe.transport_metrics import TransportMetrics
from extauthz.service.caller_proof import CallerProof, outdated
from extauthz.service.checker import Checker, Fallback
from extauthz.service.engine_holder import EngineHolder
from extauthz.service.http_callers import Door, HttpCaller, admit, http_caller, of_connection, of_socket
from extauthz.service.native_tls import tls_at
from extauthz.service.proxy_sockets import ProxySockets
from extauthz.service.readiness import Phase, Readiness
from extauthz.service.refused_handshakes import RefusedHandshakes
from extauthz.service.stack_reports import StackReports
from extauthz.service.tls import TlsInUse
from extauthz.transport.cause import Cause
from extauthz.transport.connection import Connection
from extauthz.transport.http1.limits import BODY_SECONDS, Http1Limits
from extauthz.transport.http1.reply import Reply, bare_reply
from extauthz.transport.http1.requests import Request
from extauthz.transport.http1.session import Http1Session
from extauthz.transport.room import Room
from extauthz.transport.server import Server
from extauthz.transport.sessions import age_spread
from extauthz.wire.deny import DenyAnswer
from extauthz.wire.http.answer import INTERNAL_ERROR_ANSWER, HttpAnswer, HttpAnswerWriter
from extauthz.wire.http.dialect import PRESETS, Dialect
from extauthz.wire.http.question import HttpQuestion

ALPN: Final = "http/1.1"
_NOT_FOUND: Final = bare_reply(HTTPStatus.NOT_FOUND)
_METHOD_NOT_ALLOWED: Final = bare_reply(HTTPStatus.METHOD_NOT_ALLOWED)
_METHODS: Final = frozenset({b"GET", b"HEAD", b"POST"})
"""Of a question that has the method it asks about in a header."""
_AFTER_PREFIX: Final = (b"", b"/", b"?", b"*")
"""What may come next, if anything does; ``*`` is the target of ``OPTIONS *``."""


def _size(question: HttpQuestion) -> int:
    # The transport has bounded it already; to add it up again would cost more than all else that is done with it.
    return len(question.target)


def http_fallback(settings: Http) -> Fallback[HttpQuestion, HttpAnswer]:
    """Return what there is when nothing else is left."""
    writer = HttpAnswerWriter(DenyAnswer(), PRESETS[Dialect(settings.dialect)])
    return Fallback(writer=writer, deny=INTERNAL_ERROR_ANSWER, size=_size)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpParts:
    """What an HTTP listener works with."""

    holder: EngineHolder[HttpQuestion, HttpAnswer]
    checker: Checker[HttpQuestion, HttpAnswer]
    metrics: TransportMetrics
    readiness: Readiness
    tls: TlsInUse | None
    room: Room


class HttpListener:
    """One HTTP server on one address."""

    def __init__(self, settings: Http, parts: HttpParts, *, listening: Sequence[socket.socket] | None = None) -> None:
        """Bind, unless sockets are given that listen at the address already, and are not this one's alone.

        Raises ListenError.
        """
        self._holder = parts.holder
        self._check = parts.checker.check
        self._limits = Http1Limits(
            age=settings.max_connection_age.total_seconds(), idle=settings.idle_timeout.total_seconds()
        )
        self._count = parts.metrics.closed
        self._readiness = parts.readiness
        self._report = StackReports().report
        self._sockets = ProxySockets(settings.address, listening)
        self.address = self._sockets.address
        """Where it listens, with the port that was given for port 0."""
        self._tls = tls_at(self.address, parts.tls, ALPN)
        self._server = Server(
            self._sockets.sockets,
            self._begin,
            room=parts.room,
            protocols=(ALPN, None),
            tls=self._tls,
            may_come=self._may_come,
            count=self._count,
            report=self._report,
            refused=RefusedHandshakes().note,
            clock=time.monotonic,
        )
        if self._tls is not None:
            self._tls.on_other_authorities(lambda: self._server.dismiss(BODY_SECONDS))
        parts.metrics.show_connections(lambda: self._server.connections)

    async def start(self) -> None:
        """Begin to accept."""
        await self._server.start()

    async def stop(self, grace: float) -> None:
        """Accept nothing more, end idle connections, give requests ``grace`` seconds, cut off what is left."""
        await self._server.stop(grace)
        self._sockets.remove_file()

    def _begin(self, connection: Connection) -> Http1Session | None:
        caller = http_caller(connection.socket, connection.tls)
        if self._tls is not None and connection.tls is not None:
            connection.stands = CallerProof(self._tls, connection.tls).stands
        generation = self._holder.current
        rules: CallerRules | None = None if generation is None else generation.callers.rules
        known = False
        if rules is None or isinstance(of_connection(rules, caller), Fail):
            if self._server.crowded:
                self._count(Cause.TOO_MANY_CONNECTIONS)
                return None
        elif rules.clients is not None and not rules.secret:
            known = True
            connection.admitted()
        return Http1Session(
            self._limits,
            lambda request: self._answer(request, caller, connection.stands),
            known=known,
            may_ask=lambda request: self._may_ask(request, caller, connection.stands),
            admitted=connection.admitted,
            clock=time.monotonic,
            begun=connection.accepted_at,
            spread=age_spread(),
            ending=lambda: self._readiness.phase is Phase.DRAINING,
            count=self._count,
            report=self._report,
        )

    def _answer(self, request: Request, caller: HttpCaller, stands: Callable[[], bool]) -> Reply:
        generation = self._holder.current
        question = HttpQuestion(*request)
        if generation is None:
            return Reply(*self._check(question, _nothing_is_loaded))
        door: Door = generation.callers
        target, prefix = request.target, door.prefix
        if not (target.startswith(prefix) and target[len(prefix) : len(prefix) + 1] in _AFTER_PREFIX):
            return _NOT_FOUND
        if not door.any_method and request.method not in _METHODS:
            return _METHOD_NOT_ALLOWED
        outcome: Outcome | None = None

        def admission() -> Outcome:
            nonlocal outcome
            outcome = admit(door.rules, caller, question) if stands() else outdated()
            return outcome

        answer = self._check(question, admission)
        return Reply(*answer, stays=isinstance(outcome, Pass))

    def _may_ask(self, request: Request, caller: HttpCaller, stands: Callable[[], bool]) -> bool:
        """Say whether the caller of a request may ask, before its body is there."""
        generation = self._holder.current
        if generation is None or not stands():
            return False
        return isinstance(admit(generation.callers.rules, caller, HttpQuestion(*request)), Pass)

    def _may_come(self, accepted: socket.socket) -> bool:
        generation = self._holder.current
        if generation is None:
            return False
        return not isinstance(of_socket(generation.callers.rules, http_caller(accepted, None)), Fail)


def _nothing_is_loaded() -> Outcome:
    return Fail(Reason.INTERNAL_ERROR, "no configuration is loaded for this listener")
