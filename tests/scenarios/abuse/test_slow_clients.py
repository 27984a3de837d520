"""Clients that take their time, all at once and for as long as the transport's own constants say.

One wait of a minute serves every test here: each looks at what became of its own clients.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from ngh2 import ErrorCode

from extauthz.transport.cause import Cause
from extauthz.transport.limits import HANDSHAKE_SECONDS, REQUEST_SECONDS, UNREAD_SECONDS
from extauthz.transport.status import Status
from support import frames
from support.edge_pki import EdgePki
from support.h2_peer import request_fields
from support.service import RealService
from support.victim import MIB, Questions, Victim, abuse_site
from support.wire_client import Wire

SLACK = 12.0
"""Seconds that a busy machine may take longer."""
STUCK_STREAMS = 900


@dataclass
class Slow:
    """The clients, and how long after its beginning each connection was seen to end."""

    victim: Victim
    wires: dict[str, Wire] = field(default_factory=dict)
    streams: dict[str, int] = field(default_factory=dict)
    ends: dict[str, float] = field(default_factory=dict)
    most_memory: int = 0
    _begun: dict[str, float] = field(default_factory=dict)

    def begin(self, name: str, **options: object) -> Wire:
        """Open a connection."""
        self._begun[name] = time.monotonic()
        self.wires[name] = self.victim.wire(**options)
        return self.wires[name]

    def look(self) -> None:
        """Hear what there is to hear, but for the one that does not read."""
        for name, wire in self.wires.items():
            if name != "socket never read" and wire.look() and name not in self.ends:
                self.ends[name] = time.monotonic() - self._begun[name]


def slow_clients(victim: Victim) -> Slow:
    """Let all of them begin."""
    slow = Slow(victim)
    content = frames.message(victim.questions.alice)

    def silent(name: str, sent: bytes) -> None:
        slow.begin(name, hello=False, automatic=False).say(sent)

    silent("no word", b"")
    silent("half a preface", frames.PREFACE[:10])
    silent("only a preface", frames.PREFACE)
    silent("half a hello", (frames.PREFACE + frames.settings())[:-1])
    silent("no acknowledgement", frames.PREFACE + frames.settings())

    for name, window in (("window of 0", 0), ("window of 1", 1)):
        wire = slow.begin(name, settings={4: window})
        for _ in range(STUCK_STREAMS):
            victim.ask(wire, "alice")
    wire = slow.begin("socket never read", automatic=False, receive_buffer=4096)
    never_read = b"".join(wire.request("mallory", victim.questions.mallory)[1] for _ in range(8000))
    wire.offer(frames.settings_ack() + frames.window_update(0, 1 << 30) + never_read)

    wire = slow.begin("no body")
    slow.streams["no body"] = wire.head()
    wire = slow.begin("half a body")
    slow.streams["half a body"] = wire.head()
    wire.say(frames.data(slow.streams["half a body"], content[:100]))
    wire = slow.begin("trickling body")
    slow.streams["trickling body"] = wire.head()
    wire.say(frames.data(slow.streams["trickling body"], b"\0\0\0\x04\0"))
    wire = slow.begin("trickling head", automatic=False)
    wire.say(frames.settings_ack())
    victim.alive(wire)
    slow.streams["trickling head"] = wire.open()
    wire.say(frames.headers(slow.streams["trickling head"], b"", whole=False))
    return slow


def wait(slow: Slow) -> None:
    """Live through the minute, listening to everybody but those who do not read; the trickling ones trickle."""
    begun = time.monotonic()
    head = frames.block(request_fields())
    trickled = 0
    while (now := time.monotonic() - begun) < REQUEST_SECONDS + SLACK / 3:
        if now > trickled:
            trickled += 1
            body, block = slow.wires["trickling body"], slow.wires["trickling head"]
            if body.answers[slow.streams["trickling body"]].reset is None:
                body.say(frames.data(slow.streams["trickling body"], b"x"))
            if block.ended is None:
                block.say(
                    frames.continuation(slow.streams["trickling head"], head[trickled - 1 : trickled], whole=False)
                )
        slow.look()
        slow.most_memory = max(slow.most_memory, slow.victim.resident())
        time.sleep(0.05)


@pytest.fixture(scope="module")
def slow(pki: EdgePki, questions: Questions, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slow]:
    with (
        RealService(abuse_site(tmp_path_factory.mktemp("abuse"), pki).path) as service,
        Victim(service, questions) as victim,
    ):
        before = victim.resident()
        slow = slow_clients(victim)
        wait(slow)
        slow.most_memory -= before
        yield slow


@pytest.mark.parametrize("name", ["no word", "half a preface", "only a preface", "half a hello"])
def test_who_never_introduces_itself_is_cut_off(name: str, slow: Slow) -> None:
    assert HANDSHAKE_SECONDS - 0.5 < slow.ends[name] < HANDSHAKE_SECONDS + SLACK
    assert slow.wires[name].goodbye().code == ErrorCode.SETTINGS_TIMEOUT


def test_a_client_that_never_asks_is_sent_away_in_order(slow: Slow) -> None:
    """``FIRST_REQUEST_SECONDS``: GOAWAY without an error, twice, as a request may be on its way."""
    codes = [
        int.from_bytes(one.payload[4:8], "big")
        for one in slow.wires["no acknowledgement"].frames
        if one.type == frames.GOAWAY
    ]
    assert codes[:1] == [ErrorCode.NO_ERROR]


@pytest.mark.parametrize("name", ["window of 0", "window of 1"])
def test_who_never_opens_its_window_is_cut_off(name: str, slow: Slow) -> None:
    assert UNREAD_SECONDS - 1 < slow.ends[name] < UNREAD_SECONDS + SLACK
    assert slow.wires[name].goodbye().code == ErrorCode.ENHANCE_YOUR_CALM


def test_who_never_reads_is_cut_off_and_let_go(slow: Slow) -> None:
    """Its last words cannot be written either: they have as long as the answers had, and then the socket is reset."""
    assert slow.wires["socket never read"].offer(frames.ping()) in {0, 17}
    slow.wires["socket never read"].listen_to_end()
    assert slow.wires["socket never read"].ended == "reset"


@pytest.mark.parametrize("name", ["no body", "half a body", "trickling body"])
def test_a_request_that_does_not_arrive_is_given_up_alone(name: str, slow: Slow) -> None:
    wire, stream_id = slow.wires[name], slow.streams[name]
    answer = wire.answer(stream_id)
    assert (answer.status, answer.reset, answer.body) == (Status.DEADLINE_EXCEEDED, ErrorCode.NO_ERROR, b"")
    assert wire.ended is None
    slow.victim.alive(wire)


def test_a_head_that_does_not_arrive_ends_its_connection(slow: Slow) -> None:
    assert slow.ends["trickling head"] > REQUEST_SECONDS - 1
    assert slow.wires["trickling head"].goodbye().code == ErrorCode.ENHANCE_YOUR_CALM


def test_each_is_counted(slow: Slow) -> None:
    slow.victim.counts(
        *[Cause.HANDSHAKE] * 4,
        Cause.IDLE,
        *[Cause.UNREAD] * 3,
        *[Cause.SLOW_REQUEST] * 4,
    )


def test_they_hold_little(slow: Slow) -> None:
    assert slow.most_memory < 32 * MIB
