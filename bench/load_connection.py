"""One connection of the load generator: requests with a time each, answers that are checked, and how long they took."""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, cast

import http2_frames as h2
from hpack import HPACKError

SAMPLE_EVERY: Final = 64
"""Of so many answers on a connection the body of one is kept and checked; headers and gRPC status are those of all."""
_ROOM_STEP: Final = 1 << 28
"""Octets received until the server is given room for more."""
_FRAME_HEAD: Final = 9
_TYPE: Final = 0xFF

Judge = Callable[[Mapping[bytes, bytes], bool], str | None]
"""Says what is wrong with the headers of an answer; the flag tells whether they end it."""


class Question:
    """One request: its body with gRPC's prefix (None for none), and what must come back."""

    __slots__ = ("allowed", "body", "frame_head")

    def __init__(self, body: bytes | None, *, allowed: bool) -> None:
        if body is not None and len(body) > h2.LARGEST_FRAME:
            raise ValueError(f"a request of {len(body)} bytes needs more than one frame")
        self.body = body or b""
        self.allowed = allowed
        self.frame_head = b"" if body is None else h2.head_of_frame(h2.DATA, h2.END_STREAM, len(body))


@dataclass(slots=True)
class Tally:
    """What has come back so far, of all connections together."""

    latencies: list[float] = field(default_factory=list)
    """Seconds, in the order of the answers."""
    failures: Counter[str] = field(default_factory=Counter)
    """Answers that are none, by what was wrong."""
    samples: list[tuple[Question, bytes]] = field(default_factory=list)


class LoadConnection(asyncio.Protocol):
    """Sends what ``ask`` is told to, as soon as the server has room for it."""

    def __init__(
        self,
        head: h2.RequestHead,
        questions: Iterator[Question],
        tally: Tally,
        judge: Judge,
        on_answers: Callable[["LoadConnection", int], None],
    ) -> None:
        self._head = head
        self._questions = questions
        self._next: Question | None = None
        self._tally = tally
        self._judge = judge
        self._on_answers = on_answers
        self._verdicts: tuple[dict[bytes, str | None], dict[bytes, str | None]] = ({}, {})
        """Header blocks that were judged, of those that do not end an answer and those that do."""
        self._asked: dict[int, tuple[float, Question]] = {}
        """Stream -> the time that counts as its beginning, and what was asked."""
        self._waiting: deque[float] = deque()
        self._sampled: dict[int, bytes] = {}
        self._rest = b""
        self._stream = 1
        self._streams_allowed = 0  # nothing is sent before the server's settings are known
        self._window = h2.DEFAULT_WINDOW
        self._received = 0
        self._blocks = (b"", b"")
        self._transport: asyncio.Transport | None = None
        self._ended = False
        self.ready = asyncio.Event()
        """Set once the server's settings have come, or the connection is lost."""

    @property
    def unanswered(self) -> int:
        """Requests without an answer, whether sent or not."""
        return len(self._asked) + len(self._waiting)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say the preface."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by descent
        self._transport.write(h2.opening())

    def connection_lost(self, _error: Exception | None) -> None:
        """Count what was under way."""
        if not self._ended:
            self._tally.failures["the connection was lost"] += max(1, self.unanswered)
        self._asked.clear()
        self._waiting.clear()
        self._transport = None
        self.ready.set()

    def close(self) -> None:
        """End the connection; what is under way is given up."""
        self._ended = True
        self._write(h2.frame(h2.GOAWAY, 0, 0, bytes(8)))
        if self._transport is not None:
            self._transport.close()

    def ask(self, times: Iterable[float]) -> None:
        """Send a request for each of these times, from which its latency counts."""
        self._waiting.extend(times)
        self._send()

    def _send(self) -> None:
        waiting, asked = self._waiting, self._asked
        if not waiting or len(asked) >= self._streams_allowed:
            return
        parts: list[bytes] = []
        pack = h2.STREAM.pack
        stream = self._stream
        while waiting and len(asked) < self._streams_allowed:
            question = self._next or next(self._questions)
            if len(question.body) > self._window:
                self._next = question
                break
            self._next = None
            self._window -= len(question.body)
            block = self._blocks[stream > 1]
            number = pack(stream)
            if question.frame_head:
                head = h2.head_of_frame(h2.HEADERS, h2.END_HEADERS, len(block))
                parts += (head, number, block, question.frame_head, number, question.body)
            else:
                head = h2.head_of_frame(h2.HEADERS, h2.END_HEADERS | h2.END_STREAM, len(block))
                parts += (head, number, block)
            asked[stream] = (waiting.popleft(), question)
            if stream % (2 * SAMPLE_EVERY) == 1:
                self._sampled[stream] = b""
            stream += 2
        self._stream = stream
        self._write(b"".join(parts))

    def data_received(self, data: bytes) -> None:
        """Take in whole frames and keep the rest."""
        if self._rest:
            data = self._rest + data
        now = time.perf_counter()
        unpack, end, at = h2.FRAME_HEAD.unpack_from, len(data), 0
        answers = 0
        while end - at >= _FRAME_HEAD:
            word, flags, stream = unpack(data, at)
            start = at + _FRAME_HEAD
            after = start + (word >> 8)
            if after > end:
                break
            at = after
            kind = word & _TYPE
            if kind == h2.DATA:
                self._received += word >> 8
                if stream in self._sampled:
                    self._sampled[stream] += data[start:after]
            elif kind == h2.HEADERS:
                self._look_at(data[start:after], flags, stream)
            else:
                self._control(kind, flags, stream, data[start:after])
                continue
            if flags & h2.END_STREAM and stream in self._asked:
                self._finish(stream, now)
                answers += 1
        self._rest = data[at:]
        if self._received > _ROOM_STEP:
            self._write(h2.more_room(self._received))
            self._received = 0
        if answers:
            self._on_answers(self, answers)
        self._send()

    def _finish(self, stream: int, now: float) -> None:
        begun, question = self._asked.pop(stream)
        self._tally.latencies.append(now - begun)
        if stream in self._sampled:
            self._tally.samples.append((question, self._sampled.pop(stream)))

    def _look_at(self, block: bytes, flags: int, stream: int) -> None:
        verdicts = self._verdicts[flags & h2.END_STREAM]
        wrong = verdicts[block] if block in verdicts else self._judged(block, flags)
        if wrong is not None:
            self._tally.failures[wrong] += 1
            self._sampled.pop(stream, None)

    def _judged(self, block: bytes, flags: int) -> str | None:
        try:
            if not flags & h2.END_HEADERS or flags & h2.PADDED:
                wrong: str | None = "headers in a form that is not read here"
            else:
                wrong = self._judge(h2.decode_block(block), bool(flags & h2.END_STREAM))
        except HPACKError as error:
            wrong = f"headers that cannot be read: {error!r}"
        self._verdicts[flags & h2.END_STREAM][block] = wrong
        return wrong

    def _control(self, kind: int, flags: int, stream: int, payload: bytes) -> None:
        if kind == h2.SETTINGS and not flags & h2.ACK:
            self._settle(payload)
        elif kind == h2.PING and not flags & h2.ACK:
            self._write(h2.frame(h2.PING, h2.ACK, 0, payload))
        elif kind == h2.WINDOW_UPDATE and stream == 0:
            self._window += int.from_bytes(payload)
        elif kind == h2.RST_STREAM and self._asked.pop(stream, None) is not None:
            self._tally.failures[f"reset with code {int.from_bytes(payload)}"] += 1
        elif kind == h2.GOAWAY and not self._ended:
            self._tally.failures[f"sent away with code {int.from_bytes(payload[4:8])}"] += 1
            self._streams_allowed = 0

    def _settle(self, payload: bytes) -> None:
        settings = h2.read_settings(payload)
        self._write(h2.frame(h2.SETTINGS, h2.ACK, 0))
        if self.ready.is_set():
            return  # nothing that a server changes later matters to requests as small as these
        self._streams_allowed = settings.get(h2.MAX_CONCURRENT_STREAMS, h2.LARGEST_WINDOW)
        if settings.get(h2.INITIAL_WINDOW_SIZE, h2.DEFAULT_WINDOW) < h2.LARGEST_FRAME:
            self._tally.failures["the server's window for a stream is smaller than a request"] += 1
        self._blocks = self._head.blocks(settings.get(h2.HEADER_TABLE_SIZE, h2.DEFAULT_TABLE))
        self.ready.set()

    def _write(self, data: bytes) -> None:
        if data and self._transport is not None:
            self._transport.write(data)
