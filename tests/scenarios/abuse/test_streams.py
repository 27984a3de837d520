"""Streams that are opened, reset, ended and numbered against the rules, at any moment."""

from collections.abc import Callable

import pytest
from ngh2 import ErrorCode

from extauthz.transport.cause import Cause
from extauthz.transport.limits import RESETS
from support import frames
from support.h2_peer import request_fields
from support.victim import MIB, Victim

HEAD = frames.block(request_fields())
STREAMS = 1000
"""``listen.grpc.max_concurrent_streams`` as it is without a setting."""


def test_streams_opened_and_reset_at_once(victim: Victim) -> None:
    """CVE-2023-44487."""
    before = victim.resident()
    wire = victim.wire()
    wire.say(b"".join(frames.headers(at, HEAD) + frames.rst_stream(at) for at in range(1, 40_000, 2)))
    assert wire.goodbye() == (ErrorCode.ENHANCE_YOUR_CALM, b"")
    assert victim.resident() - before < 32 * MIB
    victim.counts(Cause.RAPID_RESET)


def test_whole_requests_reset_at_once(victim: Victim) -> None:
    wire = victim.wire()
    content = frames.message(victim.questions.alice)
    for at in range(1, 4 * (RESETS[0] + STREAMS), 2):
        wire.asked[at] = "alice"  # one whose end comes in a later read than its question has its answer by then
        wire.say(frames.headers(at, HEAD) + frames.data(at, content, end=True) + frames.rst_stream(at))
        if wire.ended:
            break
    assert wire.goodbye().code == ErrorCode.ENHANCE_YOUR_CALM
    victim.counts(Cause.RAPID_RESET)


def test_a_proxy_may_reset_all_its_streams(victim: Victim) -> None:
    wire = victim.wire()
    streams = [wire.head() for _ in range(STREAMS)]
    wire.say(b"".join(frames.rst_stream(stream_id) for stream_id in streams))
    victim.alive(wire)
    victim.counts()


@pytest.mark.parametrize("cut", [0, 1, 3, 5, 100])
def test_a_reset_at_any_moment_of_a_request(cut: int, victim: Victim) -> None:
    wire = victim.wire()
    content = frames.message(victim.questions.alice)
    for code in (0, 7, 8, 0xFFFFFFFF):
        stream_id = wire.head()
        wire.say(frames.data(stream_id, content[:cut]) if cut else b"")
        wire.say(frames.rst_stream(stream_id, code))
        wire.say(frames.data(stream_id, content[cut:], end=True))
    victim.alive(wire)
    victim.counts()


def test_a_reset_behind_the_answer_and_another(victim: Victim) -> None:
    wire = victim.wire()
    for _ in range(10):
        stream_id = victim.ask(wire, "alice")
        assert wire.verdict(stream_id)
        wire.say(frames.rst_stream(stream_id) * 2)
    victim.alive(wire)
    victim.counts()


@pytest.mark.parametrize(
    "sent",
    [
        frames.rst_stream(99),
        frames.window_update(99, 1),
        frames.data(99, b"x"),
        frames.rst_stream(2),
        frames.data(2, b"x"),
        frames.headers(2, HEAD),
        frames.window_update(2, 1),
        frames.continuation(99, HEAD, whole=True),
    ],
    ids=[
        "idle RST_STREAM",
        "idle WINDOW_UPDATE",
        "idle DATA",
        "even RST_STREAM",
        "even DATA",
        "even HEADERS",
        "even WINDOW_UPDATE",
        "idle CONTINUATION",
    ],
)
def test_frames_on_streams_that_were_never_opened(sent: bytes, victim: Victim) -> None:
    wire = victim.wire()
    victim.alive(wire)
    wire.say(sent)
    code, _debug = wire.goodbye()
    assert code == ErrorCode.PROTOCOL_ERROR
    victim.counts(Cause.PROTOCOL_ERROR)


def test_numbers_that_go_backwards(victim: Victim) -> None:
    """libnghttp2 takes a lower number for a stream that was closed long ago, and reads past what comes on it."""
    wire = victim.wire()
    content = frames.data(3, frames.message(victim.questions.alice), end=True)
    wire.open(), wire.open(), wire.open()
    wire.say(frames.headers(5, HEAD) + frames.data(5, frames.message(victim.questions.mallory), end=True))
    wire.say(frames.headers(3, HEAD) + content)
    victim.alive(wire)
    assert wire.answers[3].body == b""
    victim.counts()


def test_the_same_stream_twice(victim: Victim) -> None:
    wire = victim.wire()
    wire.asked[1] = "mallory"
    questions = victim.questions.mallory, victim.questions.alice
    # In one write, as the stream would be over with the first answer.
    wire.say(b"".join(frames.headers(1, HEAD) + frames.data(1, frames.message(one), end=True) for one in questions))
    assert wire.goodbye().code == ErrorCode.STREAM_CLOSED
    assert wire.answers[1].body.count(b"alice") == 0
    victim.counts(Cause.PROTOCOL_ERROR)


def test_a_stream_again_after_its_answer(victim: Victim) -> None:
    wire = victim.wire()
    stream_id = victim.ask(wire, "mallory")
    assert not wire.verdict(stream_id)
    wire.say(frames.headers(stream_id, HEAD) + frames.data(stream_id, frames.message(victim.questions.alice), end=True))
    victim.alive(wire)
    assert len([one for one in wire.frames if (one.type, one.stream_id) == (frames.HEADERS, stream_id)]) == 2
    victim.counts()


def test_the_last_number_there_is(victim: Victim) -> None:
    wire = victim.wire()
    last = (1 << 31) - 1
    wire.asked[last] = "alice"
    wire.say(frames.headers(last, HEAD) + frames.data(last, frames.message(victim.questions.alice), end=True))
    assert wire.verdict(last)
    wire.say(frames.headers(1, HEAD) + frames.data(1, frames.message(victim.questions.alice), end=True))
    wire.say(frames.ping())
    wire.first(frames.PING)
    assert wire.answers[1].body == b""
    victim.counts()


def test_more_streams_than_may_be_open(victim: Victim) -> None:
    """A client that has acknowledged the limit knows better; what is open goes with the connection."""
    wire = victim.wire()
    wire.say(b"".join(frames.headers(at, HEAD) for at in range(1, 2 * STREAMS + 4, 2)))
    code, _debug = wire.goodbye()
    assert code == ErrorCode.PROTOCOL_ERROR
    victim.counts(Cause.PROTOCOL_ERROR)


def test_more_streams_than_a_client_that_never_acknowledged_knew(victim: Victim) -> None:
    wire = victim.wire(hello=False, automatic=False)
    content = frames.data(1, frames.message(victim.questions.alice), end=True)
    wire.asked[wire.open()] = "alice"
    wire.say(wire.hello + b"".join(frames.headers(at, HEAD) for at in range(1, 2 * STREAMS + 20, 2)))
    refused = 2 * STREAMS + 1
    for at in range(refused, refused + 18, 2):
        assert wire.reset_code(at) == ErrorCode.REFUSED_STREAM
    wire.say(content)
    assert wire.verdict(1)
    victim.counts()


def test_streams_refused_without_end(victim: Victim) -> None:
    wire = victim.wire(hello=False, automatic=False)
    wire.say(wire.hello + b"".join(frames.headers(at, HEAD) for at in range(1, 300_000, 2)))
    assert wire.goodbye().code == ErrorCode.ENHANCE_YOUR_CALM
    victim.counts(Cause.FLOOD)


@pytest.mark.parametrize(
    "provocation",
    [
        lambda at: frames.headers(at, frames.block([*request_fields(), (b"X", b"")]), end=True),
        lambda at: frames.headers(at, frames.block(request_fields(content_length=b"1")), end=True),
        lambda at: frames.headers(at, frames.block(request_fields(content_length=b"1"))) + frames.data(at, b"xx"),
        lambda at: frames.headers(at, HEAD) + frames.headers(at, frames.block([(b"x", b"y")])),
    ],
    ids=["wrong header", "no content", "more content", "second head"],
)
def test_the_server_made_to_reset(provocation: Callable[[int], bytes], victim: Victim) -> None:
    """CVE-2025-8671: valid requests, each followed by what makes the server itself reset the stream."""
    wire = victim.wire()
    for first in range(1, 20_000, 400):
        wire.say(b"".join(provocation(at) for at in range(first, first + 400, 2)))
        wire.until(
            lambda: bool(wire.ended) or wire.answers[first + 398].reset is not None,  # noqa: B023  (called before the next turn)
            "a reset",
        )
        if wire.ended:
            break
    assert wire.goodbye().code == ErrorCode.ENHANCE_YOUR_CALM
    victim.counts(Cause.RAPID_RESET)


def test_data_behind_the_end_of_a_request(victim: Victim) -> None:
    """RFC 9113, section 5.1: a frame on a half-closed stream. In one packet, so that no answer closes it in between."""
    wire = victim.wire()
    stream_id = wire.open()
    head = frames.headers(stream_id, frames.block(request_fields()), end=True)
    wire.say(head + frames.data(stream_id, frames.message(victim.questions.alice), end=True))
    wire.listen_to_end()
    assert wire.answers[stream_id].body == b""
    victim.counts(Cause.PROTOCOL_ERROR)


def test_data_behind_the_answer(victim: Victim) -> None:
    """Both sides are done with the stream: what still comes on it is not heard, and the connection goes on."""
    wire = victim.wire()
    stream_id = wire.head(end=True)
    answer = wire.answer(stream_id)
    wire.say(frames.data(stream_id, frames.message(victim.questions.alice), end=True))
    victim.alive(wire)
    assert answer.body == b""
    victim.counts()


def test_goodbye_in_the_middle_of_calls(victim: Victim) -> None:
    """A client that goes gets the answers it still waits for."""
    wire = victim.wire(automatic=False)
    content = frames.message(victim.questions.alice)
    streams = [wire.head() for _ in range(20)]
    wire.asked.update(dict.fromkeys(streams, "alice"))
    wire.say(b"".join(frames.data(stream_id, content[:50]) for stream_id in streams))
    wire.say(frames.goaway())
    wire.say(b"".join(frames.data(stream_id, content[50:], end=True) for stream_id in streams))
    assert all(wire.verdict(stream_id) for stream_id in streams)
    wire.listen_to_end()
    victim.counts()


def test_a_goodbye_and_then_more(victim: Victim) -> None:
    wire = victim.wire()
    victim.alive(wire)
    wire.say(frames.goaway() + frames.frame(0x42, 0, 0) * 10_000)
    wire.listen_to_end()
    victim.counts()


def test_goodbyes_without_end(victim: Victim) -> None:
    wire = victim.wire()
    wire.head()
    wire.say(frames.goaway(debug=b"x" * 10_000) * 2000)
    wire.reset()
    victim.counts()
