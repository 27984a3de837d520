"""Windows: ours overrun, the client's tiny, shrunk, closed or too wide."""

import pytest
from ngh2 import ErrorCode

from extauthz.transport.cause import Cause
from extauthz.transport.limits import CONNECTION_WINDOW_BYTES, STREAM_WINDOW_BYTES
from support import frames
from support.frames import Frame
from support.victim import MIB, Victim
from support.wire_client import Wire

INITIAL_WINDOW_SIZE = 4
MOST = (1 << 31) - 1
LONG = frames.message(bytes(32 << 20))[:-1]
"""The beginning of a message that never ends."""


def data_of(wire: Wire, stream_id: int) -> list[Frame]:
    return [one for one in wire.frames if (one.type, one.stream_id) == (frames.DATA, stream_id)]


def settled(wire: Wire) -> None:
    """Wait until everything that was said has been read, and what there is to say to it is here."""
    before = sum(one.type == frames.PING for one in wire.frames)
    wire.say(frames.ping())
    wire.until(lambda: sum(one.type == frames.PING for one in wire.frames) > before, "the ping's answer")


def test_more_than_the_window_of_a_stream_and_of_the_connection(victim: Victim) -> None:
    """A stream may have 1 MiB on its way, and libnghttp2 widens it as it reads: only one read can be too much.

    The whole window in one frame after another, faster than updates of it come, is no error; a window that a client
    believes to have and was never given is one, and shows when nothing is read for a while: see the session's tests.
    """
    before = victim.resident()
    wire = victim.wire()
    stream_id = wire.head()
    sent = LONG[: 2 * CONNECTION_WINDOW_BYTES]
    wire.say(b"".join(frames.data(stream_id, sent[at : at + 16_384]) for at in range(0, len(sent), 16_384)))
    settled(wire)
    widened = sum(int.from_bytes(one.payload, "big") for one in wire.frames if one.type == frames.WINDOW_UPDATE)
    assert widened >= 2 * (len(sent) - STREAM_WINDOW_BYTES)
    victim.alive(wire)
    assert victim.resident() - before < 64 * MIB
    wire.close()
    victim.counts()


@pytest.mark.parametrize("on_stream", [False, True])
def test_an_update_of_nothing(on_stream: bool, victim: Victim) -> None:
    wire = victim.wire()
    stream_id = wire.head()
    wire.say(frames.window_update(stream_id if on_stream else 0, 0))
    code, _debug = wire.goodbye()
    assert code == ErrorCode.PROTOCOL_ERROR
    victim.counts(Cause.PROTOCOL_ERROR)


@pytest.mark.parametrize("on_stream", [False, True])
def test_a_window_of_more_than_there_can_be(on_stream: bool, victim: Victim) -> None:
    wire = victim.wire()
    stream_id = wire.head()
    wire.say(frames.window_update(stream_id if on_stream else 0, MOST))
    code, _debug = wire.goodbye()
    assert code == ErrorCode.FLOW_CONTROL_ERROR
    victim.counts(Cause.FLOW_CONTROL)


def test_a_setting_that_makes_a_window_too_wide(victim: Victim) -> None:
    wire = victim.wire(settings={INITIAL_WINDOW_SIZE: 100})
    stream_id = wire.head()
    wire.say(frames.window_update(stream_id, MOST - 100) + frames.settings({INITIAL_WINDOW_SIZE: 101}))
    code, _debug = wire.goodbye()
    assert code == ErrorCode.FLOW_CONTROL_ERROR
    victim.counts(Cause.FLOW_CONTROL)


def test_a_reserved_bit_changes_nothing(victim: Victim) -> None:
    wire = victim.wire()
    wire.say(frames.frame(frames.WINDOW_UPDATE, 0, 0, b"\x80\0\0\1"))
    victim.alive(wire)
    victim.counts()


def test_windows_of_nothing_with_many_answers_waiting(victim: Victim) -> None:
    """Headers need no window. The answers come, each its own, as soon as there is one."""
    wire = victim.wire(settings={INITIAL_WINDOW_SIZE: 0})
    before = victim.resident()
    names = ("alice", "mallory", "bob") * 300
    streams = [victim.ask(wire, name) for name in names]
    settled(wire)
    assert not any(one.type == frames.DATA for one in wire.frames)
    assert victim.resident() - before < 32 * MIB
    other = victim.wire()
    victim.alive(other)
    wire.say(frames.settings({INITIAL_WINDOW_SIZE: 1 << 16}))
    assert [wire.verdict(stream_id) for stream_id in streams] == [name != "mallory" for name in names]
    victim.alive(wire)
    victim.counts()


def test_an_answer_byte_by_byte(victim: Victim) -> None:
    wire = victim.wire(settings={INITIAL_WINDOW_SIZE: 1})
    first, second = victim.ask(wire, "alice"), victim.ask(wire, "mallory")
    seen = 1
    while not (wire.answers[first].ended and wire.answers[second].ended):
        wire.until(
            lambda: len(data_of(wire, first)) + len(data_of(wire, second)) >= seen,  # noqa: B023  (called before the next turn)
            "a byte",
        )
        for stream_id in (first, second):
            if not wire.answers[stream_id].ended:
                wire.say(frames.window_update(stream_id, 1))
        seen += 1
    assert len(data_of(wire, first)) > len(wire.answers[first].body) / 3
    assert (wire.verdict(first), wire.verdict(second)) == (True, False)
    victim.counts()


def test_a_connection_window_that_is_used_up(victim: Victim) -> None:
    """65,535 bytes for all streams together, and not one more until the client says so."""
    wire = victim.wire(automatic=False)
    wire.say(frames.settings_ack())
    streams = [victim.ask(wire, "alice") for _ in range(100)]
    settled(wire)
    assert sum(len(one.payload) for one in wire.frames if one.type == frames.DATA) == 65_535
    assert not all(wire.answers[stream_id].ended for stream_id in streams)
    wire.say(frames.window_update(0, 1 << 20))
    assert all(wire.verdict(stream_id) for stream_id in streams)
    victim.counts()


def test_windows_that_shrink_below_what_was_sent(victim: Victim) -> None:
    """RFC 9113, section 6.9.2: the window becomes negative, and answers wait until it is positive again."""
    wire = victim.wire(settings={INITIAL_WINDOW_SIZE: 300})
    stream_id = victim.ask(wire, "alice")
    wire.until(lambda: len(wire.answers[stream_id].body) == 300, "300 bytes")
    wire.say(frames.settings({INITIAL_WINDOW_SIZE: 0}) + frames.window_update(stream_id, 300))
    settled(wire)
    assert len(wire.answers[stream_id].body) == 300
    wire.say(frames.window_update(stream_id, 1))
    wire.until(lambda: len(wire.answers[stream_id].body) == 301, "one byte more")
    wire.say(frames.settings({INITIAL_WINDOW_SIZE: 1}) + frames.settings({INITIAL_WINDOW_SIZE: 1 << 16}))
    assert wire.verdict(stream_id)
    victim.counts()


def test_windows_opened_and_closed_again_and_again(victim: Victim) -> None:
    wire = victim.wire(settings={INITIAL_WINDOW_SIZE: 0})
    streams = [(name, victim.ask(wire, name)) for name in ("alice", "mallory", "bob") * 20]
    for size in (1, 0, 50, 3, MOST, 0, 700, 1, 65_535):
        wire.say(frames.settings({INITIAL_WINDOW_SIZE: size}))
    assert all(wire.verdict(stream_id) == (name != "mallory") for name, stream_id in streams)
    victim.counts()


def test_streams_reset_with_answers_waiting(victim: Victim) -> None:
    wire = victim.wire(settings={INITIAL_WINDOW_SIZE: 0})
    before = victim.resident()
    streams: list[int] = []
    for _ in range(3):
        more = [victim.ask(wire, "alice") for _ in range(300)]
        settled(wire)
        wire.say(b"".join(frames.rst_stream(stream_id) for stream_id in more))
        streams += more
    settled(wire)
    wire.say(frames.settings({INITIAL_WINDOW_SIZE: 1 << 16}))
    victim.alive(wire)
    assert not any(wire.answers[stream_id].body for stream_id in streams)
    assert victim.resident() - before < 16 * MIB
    victim.counts()


def test_a_client_that_goes_with_answers_waiting(victim: Victim) -> None:
    for way in (Wire.close, Wire.reset, Wire.half_close) * 3:
        wire = victim.wire(settings={INITIAL_WINDOW_SIZE: 0})
        for _ in range(50):
            victim.ask(wire, "alice")
        settled(wire)
        way(wire)
    victim.counts()
