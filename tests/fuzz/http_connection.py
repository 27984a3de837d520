"""The bytes of a whole connection against the HTTP listener's transport, reader, engine and writer.

Whatever a client sends: every answer is a sound one, there are no more of them than requests could have been meant, the
connection ends, and an allow is for a good certificate that is in one of the bytes' own requests.
"""

import random
import re
import traceback
import zlib
from functools import lru_cache
from http import HTTPStatus

from fuzz.world import BrokenPromiseError, Target, engine_of, must_be_earned, world

from extauthz.engine import Engine
from extauthz.model.errors import DecodeError
from extauthz.sources.nginx import NginxSource
from extauthz.transport.cause import Cause
from extauthz.transport.http1.limits import Http1Limits
from extauthz.transport.http1.reply import Reply, bare_reply
from extauthz.transport.http1.requests import Request
from extauthz.transport.http1.session import Http1Session
from extauthz.wire.deny import DenyAnswer
from extauthz.wire.engine_reader import http_reader_for
from extauthz.wire.http.answer import HttpAnswerWriter
from extauthz.wire.http.dialect import PRESETS, Dialect
from extauthz.wire.http.question import HttpQuestion
from support import pki

PRESET = PRESETS[Dialect.NGINX]
LIMITS = Http1Limits(age=300.0, idle=100.0)
STEP, LONGEST = 5.0, 1000.0
DENIED = bare_reply(HTTPStatus.FORBIDDEN)
ANSWER = re.compile(
    rb"HTTP/1\.1 (\d{3}) [A-Za-z ]+\r\n((?:[a-z0-9-]+: [\x20-\x7e]*\r\n)*)content-length: (\d+)\r\n\r\n"
)
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


@lru_cache(maxsize=1)
def _engine() -> Engine:
    return engine_of(NginxSource())


class Served:
    """A session as a server would drive it, fed with some bytes in reads that the bytes themselves decide."""

    def __init__(self) -> None:
        engine = _engine()
        self._engine = engine
        self._reader = http_reader_for(engine, PRESET.form, "/check")
        self._writer = HttpAnswerWriter(DenyAnswer(), PRESET)
        self.now = 0.0
        self.reports: list[str] = []
        self.counted: list[Cause] = []
        self.asked: list[Request] = []
        self.said = b""
        self.session = Http1Session(
            LIMITS,
            self._answer,
            known=False,
            may_ask=lambda _request: True,
            admitted=lambda: None,
            clock=lambda: self.now,
            begun=self.now,
            spread=1.0,
            ending=lambda: False,
            count=self.counted.append,
            report=lambda event: self.reports.append(f"{event}: {traceback.format_exc()}"),
        )

    def _answer(self, request: Request) -> Reply:
        self.asked.append(request)
        try:
            question = self._reader.read(HttpQuestion(*request))
        except DecodeError:
            return DENIED._replace(stays=True)
        decision = self._engine.decide(question, pki.NOW)
        must_be_earned(decision)
        return Reply(*self._writer.write(decision, "id"), stays=True)

    def feed(self, data: bytes, *, pauses: bool) -> None:
        """Let the client say all of it, then nothing more for longer than any connection may last.

        ``pauses``: now and then time passes before it goes on.
        """
        rng = random.Random(zlib.crc32(data))
        at = 0
        while at < len(data) and not self.session.finished:
            size = rng.choice((1, 9, 100, 1000, 1 << 14))
            self.session.receive(data[at : at + size])
            self.said += self.session.output()
            at += size
            if pauses and rng.random() < 0.05:
                self._pass(rng.choice((0.01, STEP)))
        while not self.session.finished:
            if self.now > LONGEST:
                raise BrokenPromiseError("the connection never ends")
            self._pass(STEP)

    def _pass(self, seconds: float) -> None:
        self.now += seconds
        self.session.tick(self.now, unwritten=0)
        self.said += self.session.output()


def run(data: bytes, *, pauses: bool = True) -> list[int]:
    """Feed a connection, look at everything that is promised of it, and return the statuses of its answers."""
    served = Served()
    served.feed(data, pauses=pauses)
    if served.reports:
        raise BrokenPromiseError("\n".join(served.reports))
    statuses = _statuses(served)
    refused = [status for status in statuses if status in {400, 408, 413, 431}]
    if len(refused) > 1 or (refused and statuses[-1] != refused[0]):
        raise BrokenPromiseError(f"something was answered behind what was no request: {statuses}")
    if len(statuses) - len(refused) != len(served.asked):
        raise BrokenPromiseError(f"{len(served.asked)} requests, {statuses}")
    return statuses


def _statuses(served: Served) -> list[int]:
    """Take what was said apart into answers; nothing may be left."""
    statuses = []
    rest = served.said
    bodiless = iter([request.method == b"HEAD" for request in served.asked])
    while rest:
        if rest.startswith(CONTINUE):
            rest = rest[len(CONTINUE) :]
            continue
        found = ANSWER.match(rest)
        if found is None:
            raise BrokenPromiseError(f"no answer of HTTP/1.1: {rest[:80]!r}")
        statuses.append(int(found[1]))
        refusal = statuses[-1] in {400, 408, 413, 431}
        length = 0 if not refusal and next(bodiless) else int(found[3])
        rest = rest[found.end() + length :]
    return statuses


def _question(leaf: pki.Leaf, method: str = "GET", more: bytes = b"", body: bytes = b"") -> bytes:
    lines = [
        f"{method} /check HTTP/1.1",
        "Host: extauthz",
        "X-Original-Method: GET",
        "X-Original-Host: pay.example.com",
        "X-Original-URI: /v1/pay?x=1",
        f"X-SSL-Client-Cert: {pki.nginx_pem(leaf.der)}",
        "X-SSL-Client-Verify: SUCCESS",
    ]
    return "\r\n".join(lines).encode() + b"\r\n" + more + b"\r\n" + body


def corpus() -> list[bytes]:
    """Return valid connections: kept, pipelined, with bodies of either kind, ended by the client."""
    alice, zoe, expired, rogue = world().leaves
    chunked = b"5\r\nhello\r\n0\r\n\r\n"
    return [
        _question(alice) + _question(rogue) + _question(zoe, "HEAD"),
        _question(alice, "POST", b"Content-Length: 5\r\n", b"hello") + _question(expired),
        _question(zoe, "POST", b"Transfer-Encoding: chunked\r\n", chunked) + _question(alice),
        _question(alice, "POST", b"Expect: 100-continue\r\nContent-Length: 5\r\n", b"hello"),
        _question(rogue, more=b"Connection: close\r\n") + _question(alice),
        _question(alice).replace(b"HTTP/1.1", b"HTTP/1.0"),
    ]


def target() -> Target:
    """Return the target."""

    def keep(data: bytes) -> None:
        run(data)

    return Target("http_connection", corpus(), keep)
