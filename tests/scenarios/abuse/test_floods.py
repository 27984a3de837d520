"""Frames that carry nothing, without end: each kind has its bound, its code and its cause."""

import pytest
from ngh2 import ErrorCode

from extauthz.transport.cause import Cause
from support import frames
from support.h2_peer import request_fields
from support.victim import MIB, Victim

HEAD = frames.block(request_fields())
SETTINGS_HEADER_TABLE_SIZE, SETTINGS_INITIAL_WINDOW_SIZE = 1, 4


@pytest.mark.parametrize(
    "flood",
    [
        frames.ping(ack=True),
        frames.settings(),
        frames.settings({SETTINGS_INITIAL_WINDOW_SIZE: 1 << 20}),
        frames.settings({SETTINGS_HEADER_TABLE_SIZE: 0}) + frames.settings({SETTINGS_HEADER_TABLE_SIZE: 4096}),
        frames.settings({0x99: 7}),
        frames.frame(frames.PRIORITY, 0, 1, b"\0\0\0\0\x10"),
        frames.frame(frames.PRIORITY, 0, 0x7FFFFFFF, b"\0\0\0\3\x10"),
        frames.frame(0x42, 0, 0),
        frames.frame(0x42, 0xFF, 1, b"unknown"),
        frames.frame(0x0A, 0, 0, b"\0\0"),
        frames.frame(0x10, 0, 0, b"\0\0\0\x01u=1"),
        frames.window_update(0, 1),
        frames.window_update(1, 1),
    ],
    ids=[
        "PING acknowledgement",
        "SETTINGS",
        "SETTINGS of windows",
        "SETTINGS of tables",
        "SETTINGS of nothing known",
        "PRIORITY",
        "PRIORITY of idle streams",
        "unknown and empty",
        "unknown on a stream",
        "ALTSVC",
        "PRIORITY_UPDATE",
        "WINDOW_UPDATE of the connection",
        "WINDOW_UPDATE of a stream",
    ],
)
def test_a_flood(flood: bytes, victim: Victim) -> None:
    before = victim.resident()
    wire = victim.wire()
    wire.head()
    wire.say(flood * 300_000)
    code, _debug = wire.goodbye()
    assert code == ErrorCode.ENHANCE_YOUR_CALM
    assert victim.resident() - before < 64 * MIB
    victim.counts(Cause.FLOOD)


def test_a_flood_of_settings_acknowledgements(victim: Victim) -> None:
    """The first that acknowledges nothing is an error of protocol."""
    wire = victim.wire()
    wire.say(frames.settings_ack() * 10_000)
    code, _debug = wire.goodbye()
    assert code in {ErrorCode.PROTOCOL_ERROR, ErrorCode.ENHANCE_YOUR_CALM}
    victim.counts(Cause.PROTOCOL_ERROR)


def test_a_flood_of_pings(victim: Victim) -> None:
    wire = victim.wire()
    wire.say(frames.ping() * 300_000)
    assert wire.goodbye() == (ErrorCode.ENHANCE_YOUR_CALM, b"too_many_pings")
    victim.counts(Cause.TOO_MANY_PINGS)


def test_pings_one_by_one_are_strikes(victim: Victim) -> None:
    wire = victim.wire()
    for _ in range(4):
        wire.say(frames.ping(b"measured"))
    assert wire.goodbye() == (ErrorCode.ENHANCE_YOUR_CALM, b"too_many_pings")
    answered = [one for one in wire.frames if one.type == frames.PING and one.flags & frames.ACK]
    assert [one.payload for one in answered] == [b"measured"] * 4
    victim.counts(Cause.TOO_MANY_PINGS)


def test_pings_between_requests_are_answered(victim: Victim) -> None:
    wire = victim.wire()
    for _ in range(50):
        victim.alive(wire)
        wire.say(frames.ping())
    victim.alive(wire)
    victim.counts()


def test_too_many_settings_in_one_frame(victim: Victim) -> None:
    wire = victim.wire()
    wire.say(frames.settings(dict.fromkeys(range(256, 256 + 2000), 0)))
    code, _debug = wire.goodbye()
    assert code == ErrorCode.ENHANCE_YOUR_CALM
    victim.counts(Cause.FLOOD)


@pytest.mark.parametrize(
    ("settings", "code", "cause"),
    [
        ({2: 2}, ErrorCode.PROTOCOL_ERROR, Cause.PROTOCOL_ERROR),
        ({4: 1 << 31}, ErrorCode.FLOW_CONTROL_ERROR, Cause.FLOW_CONTROL),
        ({5: 16_383}, ErrorCode.PROTOCOL_ERROR, Cause.PROTOCOL_ERROR),
        ({5: 1 << 24}, ErrorCode.PROTOCOL_ERROR, Cause.PROTOCOL_ERROR),
        ({8: 2}, ErrorCode.PROTOCOL_ERROR, Cause.PROTOCOL_ERROR),
    ],
    ids=["push of 2", "window of 2 GiB", "frames of 16383", "frames of 16 MiB", "extended CONNECT of 2"],
)
def test_settings_that_may_not_be(settings: dict[int, int], code: int, cause: Cause, victim: Victim) -> None:
    wire = victim.wire()
    wire.say(frames.settings(settings))
    assert wire.goodbye().code == code
    victim.counts(cause)


@pytest.mark.parametrize(
    "sent",
    [
        frames.frame(frames.SETTINGS, 0, 1),
        frames.frame(frames.PING, 0, 1, bytes(8)),
        frames.frame(frames.GOAWAY, 0, 1, bytes(8)),
        frames.frame(frames.DATA, 0, 0, b"x"),
        frames.frame(frames.HEADERS, frames.END_HEADERS, 0, HEAD),
        frames.frame(frames.RST_STREAM, 0, 0, bytes(4)),
        frames.frame(frames.PUSH_PROMISE, frames.END_HEADERS, 1, b"\0\0\0\2" + HEAD),
    ],
    ids=["SETTINGS", "PING", "GOAWAY", "DATA", "HEADERS", "RST_STREAM", "PUSH_PROMISE"],
)
def test_a_frame_on_a_stream_where_it_may_not_be(sent: bytes, victim: Victim) -> None:
    wire = victim.wire()
    wire.head()
    wire.say(sent)
    code, _debug = wire.goodbye()
    assert code == ErrorCode.PROTOCOL_ERROR
    victim.counts(Cause.PROTOCOL_ERROR)
