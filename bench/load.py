"""The load generator: closed loop (so many requests always under way) or open loop (so many a second, come what may).

In the open loop a request's latency counts from the moment at which it was due, so that a server that stalls is charged
for every request that it kept waiting, and not for one (no "coordinated omission").
"""

import asyncio
import gc
import random
import resource
import ssl
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import cycle
from typing import Final

import uvloop
from http2_frames import Headers, RequestHead
from load_connection import LoadConnection, Question, Tally

from extauthz.wire.proto.envoy.service.auth.v3.external_auth_pb2 import CheckResponse

WARM_UP: Final = 0.3
"""Seconds of load before the figures count: a server's buffers grow and its caches fill."""
LAST_ANSWERS: Final = 5.0
"""Seconds to wait for what is still under way at the end."""
CONNECT_SECONDS: Final = 10.0
PRIMING_SECONDS: Final = 120.0
GRPC_HEAD: Final[Headers] = (
    (b":method", b"POST"),
    (b":scheme", b"http"),
    (b":path", b"/envoy.service.auth.v3.Authorization/Check"),
    (b":authority", b"127.0.0.1"),
    (b"te", b"trailers"),
    (b"content-type", b"application/grpc"),
    (b"user-agent", b"extauthz-bench"),
)
_PREFIX: Final = 5
"""Octets before a gRPC message."""


class LoadError(RuntimeError):
    """Answers that were none, or wrong: such figures are worth nothing."""


class RefusedError(LoadError):
    """Requests were refused while more were offered than so many at a time: what an overloaded server may do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What is sent where."""

    host: str
    port: int
    questions: Iterator[Question]
    """Asked one after the other, by whichever connection is free; it never ends."""
    connections: int = 2
    streams: int = 16
    """Requests under way on each connection (closed loop)."""
    rate: float | None = None
    """Requests a second over all connections, at random moments (open loop)."""
    seconds: float = 1.0
    priming: int = 1
    """Answers before the warm-up begins."""
    warm_up: float = WARM_UP
    head: Headers = GRPC_HEAD
    is_grpc: bool = True
    tls: ssl.SSLContext | None = None
    verdicts_known: bool = True
    """Whether an answer other than the expected one is a failure. Off for peers with a policy of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadResult:
    """What came of it, within the seconds that count."""

    answers: int
    seconds: float
    latencies: Sequence[float]
    """Seconds, ascending."""
    generator_cpu: float
    """Seconds of CPU that the generator itself used."""
    unanswered: int
    """Requests that were due and had no answer at the end (open loop: the server does not keep up)."""
    samples: Mapping[str, int] = field(default_factory=dict)
    """Bodies that were looked into, by what they said."""

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answers / self.seconds

    def quantile(self, share: float) -> float:
        """Return a quantile of the latency in seconds."""
        return self.latencies[min(len(self.latencies) - 1, int(len(self.latencies) * share))]


def run_load(load: Load, on_window: Callable[[bool], None] = lambda _begins: None) -> LoadResult:
    """Run it in an event loop of its own. ``on_window`` is called when the seconds that count begin and end.

    Raises LoadError when anything but good answers comes back.
    """
    gc.collect()
    gc.freeze()
    gc.disable()  # a collection of the generator's would show as a pause of the server's
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_Run(load, on_window).run())
    finally:
        gc.enable()
        gc.unfreeze()


class _Run:
    def __init__(self, load: Load, on_window: Callable[[bool], None]) -> None:
        self._load = load
        self._on_window = on_window
        self._tally = Tally()
        self._going = True
        self._primed = asyncio.Event()
        self._ending: Sequence[LoadConnection] = ()
        self._ended = asyncio.Event()

    async def run(self) -> LoadResult:
        load = self._load
        async with self._connected() as connections:
            if load.rate is None:
                for one in connections:
                    one.ask([time.perf_counter()] * load.streams)
                pacing = None
            else:
                pacing = asyncio.create_task(self._pace(connections, load.rate))
            async with asyncio.timeout(PRIMING_SECONDS):
                await self._primed.wait()
            await asyncio.sleep(load.warm_up)
            begun, cpu, first = self._mark(begins=True)
            await asyncio.sleep(load.seconds)
            ended, cpu_at_end, last = self._mark(begins=False)
            self._going = False
            unanswered = sum(one.unanswered for one in connections)
            if pacing is not None:
                await pacing
            await self._last_answers(connections)
        self._require_good()
        latencies = sorted(self._tally.latencies[first:last])
        if not latencies:
            raise LoadError("no answer came")
        return LoadResult(
            answers=last - first,
            seconds=ended - begun,
            latencies=latencies,
            generator_cpu=cpu_at_end - cpu,
            unanswered=unanswered,
            samples=self._read_samples(),
        )

    def _mark(self, *, begins: bool) -> tuple[float, float, int]:
        self._on_window(begins)
        usage = resource.getrusage(resource.RUSAGE_SELF)
        return time.perf_counter(), usage.ru_utime + usage.ru_stime, len(self._tally.latencies)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Sequence[LoadConnection]]:
        load, loop = self._load, asyncio.get_running_loop()
        head = RequestHead(load.head)
        connections: list[LoadConnection] = []
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                for _ in range(load.connections):
                    _, connection = await loop.create_connection(
                        lambda: LoadConnection(head, load.questions, self._tally, self._wrong, self._answered),
                        load.host,
                        load.port,
                        ssl=load.tls,
                        server_hostname="localhost" if load.tls is not None else None,
                    )
                    connections.append(connection)
                    await connection.ready.wait()
            yield connections
        finally:
            for one in connections:
                one.close()

    def _answered(self, connection: LoadConnection, answers: int) -> None:
        if not self._going:
            self._look_whether_ended()
        elif self._load.rate is None:
            connection.ask([time.perf_counter()] * answers)
        if len(self._tally.latencies) >= self._load.priming:
            self._primed.set()

    async def _pace(self, connections: Sequence[LoadConnection], rate: float) -> None:
        """Send what is due, at moments as far apart at random as those of many clients together (Poisson)."""
        gap = random.Random(2).expovariate  # noqa: S311  (repeatable, not secret)
        turn = cycle(connections)
        due = time.perf_counter()
        while self._going:
            now = time.perf_counter()
            while due <= now:
                next(turn).ask((due,))
                due += gap(rate)
            await asyncio.sleep(0)  # not a timer: theirs are of whole milliseconds, far longer than an answer takes

    async def _last_answers(self, connections: Sequence[LoadConnection]) -> None:
        """Let what is under way come to its end; a server that stays silent is given up."""
        self._ending = connections
        self._look_whether_ended()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._ended.wait(), LAST_ANSWERS)

    def _look_whether_ended(self) -> None:
        if not any(one.unanswered for one in self._ending):
            self._ended.set()

    def _wrong(self, headers: Mapping[bytes, bytes], last: bool) -> str | None:  # noqa: FBT001  (a callback's form)
        if b":status" in headers and headers[b":status"] != b"200":
            return f"HTTP status {headers[b':status'].decode()}"
        if not self._load.is_grpc or not last:
            return None
        status = headers.get(b"grpc-status", b"missing").decode()
        return None if status == "0" else f"grpc-status {status} ({headers.get(b'grpc-message', b'').decode()})"

    def _require_good(self) -> None:
        refused = self._tally.failures
        wrong: Counter[str] = Counter()
        if self._load.is_grpc and self._load.verdicts_known:
            wrong = Counter(
                f"wrongly {verdict}"
                for question, body in self._tally.samples
                if (verdict := _verdict(body)) != ("allowed" if question.allowed else "denied")
            )
        if not refused and not wrong:
            return
        said = "; ".join(f"{count} x {what}" for what, count in (refused + wrong).items())
        raise LoadError(said) if wrong or self._load.rate is None else RefusedError(said)

    def _read_samples(self) -> Mapping[str, int]:
        return Counter(_verdict(body) for _, body in self._tally.samples) if self._load.is_grpc else {}


def _verdict(body: bytes) -> str:
    if len(body) < _PREFIX or body[0] or int.from_bytes(body[1:_PREFIX]) != len(body) - _PREFIX:
        return "answered with no gRPC message"
    return "allowed" if CheckResponse.FromString(body[_PREFIX:]).status.code == 0 else "denied"
