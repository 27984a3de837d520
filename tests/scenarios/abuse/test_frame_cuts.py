"""Frames that arrive in pieces, in crowds, empty or padded, mean what they say."""

import pytest
from ngh2 import ErrorCode

from extauthz.transport.cause import Cause
from support import frames
from support.h2_peer import request_fields
from support.victim import Victim

FIELDS = frames.block(request_fields())


def test_a_connection_dribbled_byte_by_byte(victim: Victim) -> None:
    wire = victim.wire(hello=False)
    streams = [wire.request(name, victim.questions.by_name()[name]) for name in ("alice", "mallory", "bob")]
    for at in range(len(sent := wire.hello + b"".join(sent for _, sent in streams))):
        wire.say(sent[at : at + 1])
    assert [wire.verdict(stream_id) for stream_id, _ in streams] == [True, False, True]
    victim.alive(wire)
    victim.counts()


def test_two_requests_cut_at_every_byte(victim: Victim) -> None:
    wire = victim.wire()
    cuts = len(wire.request("alice", victim.questions.alice)[1]) * 2
    for at in range(0, cuts, 7):
        (first, one), (second, two) = (
            wire.request(name, victim.questions.by_name()[name]) for name in ("alice", "mallory")
        )
        both = one + two
        wire.say(both[:at])
        wire.say(both[at:])
        assert (wire.verdict(first), wire.verdict(second)) == (True, False)
    victim.counts()


@pytest.mark.parametrize("size", [1, 2, 5, 100, 16_384])
def test_a_message_in_data_frames_of_a_size(size: int, victim: Victim) -> None:
    wire = victim.wire()
    content = frames.message(victim.questions.alice)
    stream_id = wire.head()
    wire.asked[stream_id] = "alice"
    parts = [content[at : at + size] for at in range(0, len(content), size)]
    wire.say(b"".join(frames.data(stream_id, part) for part in parts) + frames.data(stream_id, b"", end=True))
    assert wire.verdict(stream_id)
    victim.counts()


def test_messages_of_many_streams_interleaved(victim: Victim) -> None:
    wire = victim.wire()
    names = ("alice", "mallory", "bob") * 20
    streams = [(wire.head(), frames.message(victim.questions.by_name()[name]), name) for name in names]
    wire.asked.update((stream_id, name) for stream_id, _, name in streams)
    longest = max(len(content) for _, content, _ in streams)
    for at in range(0, longest, 50):
        wire.say(
            b"".join(
                frames.data(stream_id, content[at : at + 50], end=at < len(content) <= at + 50)
                for stream_id, content, _ in streams
                if at < len(content)
            )
        )
    assert [wire.verdict(stream_id) for stream_id, _, _ in streams] == [name != "mallory" for name in names]
    victim.counts()


def test_padding_at_its_most(victim: Victim) -> None:
    wire = victim.wire()
    content = frames.message(victim.questions.alice)
    stream_id = wire.open()
    wire.asked[stream_id] = "alice"
    wire.say(frames.headers(stream_id, FIELDS, padding=255))
    for at in range(0, len(content), 10):
        wire.say(frames.data(stream_id, content[at : at + 10], padding=255))
    wire.say(frames.data(stream_id, b"", end=True, padding=255))
    assert wire.verdict(stream_id)
    victim.counts()


def test_padding_alone_is_a_flood_of_nothing(victim: Victim) -> None:
    wire = victim.wire()
    stream_id = wire.head()
    wire.say(frames.data(stream_id, b"", padding=255) * 1100)
    assert wire.goodbye() == (ErrorCode.ENHANCE_YOUR_CALM, b"")
    victim.counts(Cause.FLOOD)


def test_a_flood_of_empty_data_frames(victim: Victim) -> None:
    wire = victim.wire()
    stream_id = wire.head()
    wire.say(frames.data(stream_id, b"") * 5000)
    assert wire.goodbye() == (ErrorCode.ENHANCE_YOUR_CALM, b"")
    victim.counts(Cause.FLOOD)


@pytest.mark.parametrize(
    "sent",
    [
        frames.frame(frames.HEADERS, frames.PADDED | frames.END_HEADERS, 1, b"\xff" + FIELDS[:20]),
        frames.headers(1, FIELDS) + frames.frame(frames.DATA, frames.PADDED, 1, b"\x05xxxx"),
        frames.headers(1, FIELDS) + frames.frame(frames.DATA, frames.PADDED, 1, b"\xff"),
        frames.frame(frames.HEADERS, frames.PADDED | frames.END_HEADERS, 1, b""),
    ],
    ids=["HEADERS", "DATA", "only the length", "not even the length"],
)
def test_padding_longer_than_its_frame(sent: bytes, victim: Victim) -> None:
    wire = victim.wire()
    wire.open()
    wire.say(sent)
    code, _debug = wire.goodbye()
    assert code == ErrorCode.PROTOCOL_ERROR
    victim.counts(Cause.PROTOCOL_ERROR)


@pytest.mark.parametrize(
    "sent",
    [
        frames.frame(frames.PING, 0, 0, bytes(7)),
        frames.frame(frames.PING, 0, 0, bytes(9)),
        frames.frame(frames.SETTINGS, 0, 0, bytes(5)),
        frames.frame(frames.SETTINGS, frames.ACK, 0, bytes(6)),
        frames.frame(frames.WINDOW_UPDATE, 0, 0, bytes(3)),
        frames.frame(frames.GOAWAY, 0, 0, bytes(7)),
        frames.frame(frames.PRIORITY, 0, 1, bytes(4)),
        frames.headers(1, FIELDS) + frames.frame(frames.RST_STREAM, 0, 1, bytes(3)),
        frames.headers(1, FIELDS) + frames.frame(frames.DATA, 0, 1, bytes(16_385)),
        frames.headers(1, bytes(16_385)),
        b"\xff\xff\xff\x00\x00\x00\x00\x00\x01",
        b"\xff\xff\xff\x42\x00\x00\x00\x00\x00",
    ],
    ids=[
        "short PING",
        "long PING",
        "odd SETTINGS",
        "full acknowledgement",
        "short WINDOW_UPDATE",
        "short GOAWAY",
        "short PRIORITY",
        "short RST_STREAM",
        "long DATA",
        "long HEADERS",
        "DATA of 16 MiB",
        "unknown frame of 16 MiB",
    ],
)
def test_a_frame_of_a_wrong_size(sent: bytes, victim: Victim) -> None:
    wire = victim.wire()
    wire.open()
    wire.say(sent)
    code, _debug = wire.goodbye()
    assert code == ErrorCode.FRAME_SIZE_ERROR
    victim.counts(Cause.PROTOCOL_ERROR)
