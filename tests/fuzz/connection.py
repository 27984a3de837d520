"""The bytes of a whole connection against the native transport with a real checker behind it."""

import random
import traceback
import zlib
from collections import defaultdict
from contextlib import suppress
from datetime import datetime
from typing import cast

from prometheus_client import CollectorRegistry

from extauthz.engine import Engine
from extauthz.model.decision import Decision
from extauthz.model.errors import DecodeError
from extauthz.model.request import AuthRequest
from extauthz.observe.check_metrics import ApiChecks
from extauthz.observe.decision_log import DecisionLog
from extauthz.observe.rpc_metrics import RpcMetrics
from extauthz.service.authorization import GRPC_FALLBACK
from extauthz.service.checker import Checker
from extauthz.service.engine_holder import EngineHolder, Generation
from extauthz.service.health import HealthState
from extauthz.service.native_health import health_methods
from extauthz.transport.cause import Cause
from extauthz.transport.limits import Limits
from extauthz.transport.memory import Memory
from extauthz.transport.messages import WINDOW_BITS
from extauthz.transport.methods import Method, UnaryMethod
from extauthz.transport.session import Session
from extauthz.wire.answer_writer import AnswerWriter
from extauthz.wire.deny import DenyAnswer
from extauthz.wire.engine_reader import reader_for
from extauthz.wire.proto.envoy.service.auth.v3.external_auth_pb2 import CheckResponse
from support import frames, pki
from support.answer_reader import AnswerReader
from support.h2_peer import CHECK_PATH
from support.h2_session import Account

LIMITS = Limits(
    message_bytes=1 << 16,
    expanded_bytes=1 << 14,
    streams=20,
    age=300.0,
    age_grace=30.0,
    keepalive=60.0,
    keepalive_timeout=20.0,
)
STEP, LONGEST = 10.0, 420.0
"""Seconds between two looks at the time, and until which every connection must have ended."""
SERVICE = "envoy.service.auth.v3.Authorization"
SHA256_HEADER = "x-client-cert-sha256"


class BrokenConnectionError(Exception):
    """A promise that does not hold for the bytes of some connection."""


class _Uncounted:
    """In the place of metrics."""

    api = "grpc"
    in_flight = 0

    def decided(self, decision: Decision, seconds: float, now: datetime) -> None:
        """Count nothing."""


class Served:
    """A session as a server would drive it, fed with some bytes in reads that the bytes themselves decide."""

    def __init__(self, engine: Engine) -> None:
        holder: EngineHolder[bytes, bytes] = EngineHolder()
        holder.replace(
            Generation(
                engine=engine,
                reader=reader_for(engine),
                writer=AnswerWriter(DenyAnswer()),
                decision_log=None,
                digest="fuzz",
            )
        )
        checker = Checker(
            holder,
            GRPC_FALLBACK,
            cast("ApiChecks", _Uncounted()),
            cast("DecisionLog", None),
            clock=lambda: pki.NOW,
            new_id=lambda: "id",
        )
        self.now = 0.0
        self.reports: list[str] = []
        self.counted: list[Cause] = []
        self.memory = Memory(LIMITS.message_bytes * 2)
        self.account = Account()
        health = HealthState((SERVICE,))
        methods: dict[bytes, Method] = {
            CHECK_PATH: UnaryMethod(checker.check, self.account, lambda _raw, caller: checker.check(b"", caller)),
            **health_methods(health, RpcMetrics(CollectorRegistry())),
        }
        self.reader = AnswerReader()
        self.session = Session(
            LIMITS,
            methods,
            caller=None,
            asked=lambda: True,
            clock=lambda: self.now,
            begun=self.now,
            spread=1.0,
            memory=self.memory,
            count=self.counted.append,
            report=lambda event: self.reports.append(f"{event}: {traceback.format_exc()}"),
            wake=lambda: None,
        )

    def feed(self, data: bytes, *, pauses: bool = True) -> None:
        """Let the client say all of it, then nothing more for longer than any connection may last.

        ``pauses``: time passes between reads, enough to end a connection that did nothing wrong but wait.
        """
        rng = random.Random(zlib.crc32(data))
        at = 0
        while at < len(data) and not self.session.finished:
            size = rng.choice((1, 9, 100, 1000, 1 << 14))
            self.session.receive(data[at : at + size])
            at += size
            if rng.random() < 0.9:
                self._hear()
            if pauses and rng.random() < 0.1:
                self._pass(rng.choice((0.01, 1.0, STEP)))
        self._hear()
        while not self.session.finished:
            if self.now > 3 * LONGEST:
                raise BrokenConnectionError("the connection never ends")
            self._pass(STEP)
        self.session.close()

    def _pass(self, seconds: float) -> None:
        self.now += seconds
        self.session.tick(self.now, unwritten=0)
        self._hear()

    def _hear(self) -> None:
        for one in frames.split(self.session.output()):
            self.reader.read(one)


def run(data: bytes, engine: Engine, *, pauses: bool = True) -> int:
    """Feed a connection, and look at everything that is promised of it; return how many questions were allowed."""
    served = Served(engine)
    served.feed(data, pauses=pauses)
    if served.reports:
        raise BrokenConnectionError("\n".join(served.reports))
    if served.memory.held:
        raise BrokenConnectionError(f"{served.memory.held} bytes are still held")
    if served.account.begun != len(served.account.ended):
        raise BrokenConnectionError(f"{served.account.begun} calls began, {len(served.account.ended)} ended")
    said = content(data)
    return sum(
        allowed(answer.message, said[stream_id], engine)
        for stream_id, answer in served.reader.answers.items()
        if answer.ended and answer.status == 0 and answer.body
    )


def allowed(answer: bytes, said: bytes, engine: Engine) -> bool:
    """Say whether an answer allows; fail when it does, and what was said on its own stream does not ask for that."""
    response = CheckResponse.FromString(answer)
    if not response.HasField("ok_response"):
        return False
    (let_in,) = [one.header.value for one in response.ok_response.headers if one.header.key == SHA256_HEADER]
    decisions = [engine.decide(request, pki.NOW) for request in _questions(said, engine)]
    if not any(one.allowed and one.identity is not None and one.identity.sha256 == let_in for one in decisions):
        raise BrokenConnectionError(f"{let_in} was allowed, and its stream did not ask for it")
    return True


def _questions(said: bytes, engine: Engine) -> list[AuthRequest]:
    """Return what the first message on a stream can be read as: as it is, or compressed."""
    message = said[5 : 5 + int.from_bytes(said[1:5], "big")]
    readings = [message]
    for bits in WINDOW_BITS.values():
        with suppress(zlib.error):
            readings.append(zlib.decompressobj(bits).decompress(message))
    found = []
    for one in readings:
        with suppress(DecodeError):
            found.append(reader_for(engine).read(one))
    return found


def content(data: bytes) -> defaultdict[int, bytes]:
    """Return the content of all DATA frames by stream, read without any rule but that of framing."""
    found: defaultdict[int, bytes] = defaultdict(bytes)
    rest = data[len(frames.PREFACE) :]
    for one in frames.split(rest[: frames.whole(rest)]):
        if one.type == frames.DATA:
            padding = one.payload[:1] if one.flags & frames.PADDED else b""
            inner = one.payload[len(padding) : len(one.payload) - (padding[0] if padding else 0)]
            found[one.stream_id & 0x7FFFFFFF] += inner
    return found
