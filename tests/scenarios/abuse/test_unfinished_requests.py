"""Requests that are never finished may hold so much memory, each connection and all together, and no more."""

from extauthz.transport.cause import Cause
from extauthz.transport.limits import CONNECTION_REQUEST_MESSAGES, REQUEST_MESSAGES
from extauthz.wire.proto.envoy.service.auth.v3.external_auth_pb2 import CheckResponse
from support import frames
from support.h2_peer import request_fields
from support.questions import reason
from support.victim import MIB, Victim
from support.wire_client import Wire

MESSAGE = 64 << 20
"""The largest message that is read, whatever the configuration says."""
PIECE = bytes(16_384)


def unfinished(wire: Wire, size: int) -> int:
    """Send so many bytes of a message that is a byte longer; return the stream."""
    stream_id = wire.head()
    wire.say(frames.data(stream_id, b"\0" + (size + 1).to_bytes(4, "big")))
    whole, rest = divmod(size, len(PIECE))
    for _ in range(whole // 64):
        wire.say(frames.data(stream_id, PIECE) * 64)
    wire.say(frames.data(stream_id, PIECE) * (whole % 64) + frames.data(stream_id, PIECE[:rest]))
    return stream_id


def denied_in_words(wire: Wire, stream_id: int) -> bool:
    """Say whether the answer denies for the size, which a proxy that fails open takes for what it is."""
    answer = CheckResponse.FromString(wire.answer(stream_id).message)
    return reason(answer) == "request_too_large"


def test_one_connection_has_its_share(victim: Victim) -> None:
    wire = victim.wire()
    before = victim.resident()
    victim.forget_peak()
    held = [unfinished(wire, MESSAGE - 100) for _ in range(CONNECTION_REQUEST_MESSAGES)]
    over = unfinished(wire, 1000)
    assert denied_in_words(wire, over)
    victim.counts(Cause.REQUEST_BYTES)
    victim.alive(wire)
    assert all(not wire.answers[stream_id].headers for stream_id in held)
    assert victim.peak() - before < (CONNECTION_REQUEST_MESSAGES + 1) * MESSAGE
    wire.say(frames.rst_stream(held[0]))
    again = unfinished(wire, 1000)
    wire.say(frames.data(again, b"\0", end=True))
    assert not wire.verdict(again)
    wire.close()
    victim.drops_below(before + 48 * MIB)


def test_all_connections_have_theirs(victim: Victim) -> None:
    before = victim.resident()
    wires = [victim.wire() for _ in range(REQUEST_MESSAGES + 4)]
    streams = [(wire, unfinished(wire, MESSAGE - 100)) for wire in wires[:REQUEST_MESSAGES]]
    for wire in wires[REQUEST_MESSAGES:]:
        assert denied_in_words(wire, unfinished(wire, 1000))
    victim.counts(*[Cause.REQUEST_BYTES] * 4)
    assert victim.resident() - before < (REQUEST_MESSAGES + 1) * MESSAGE
    for wire in wires:
        victim.alive(wire)
    for wire, stream_id in streams:
        assert not wire.answers[stream_id].headers
        wire.close()
    victim.drops_below(before + 64 * MIB)


def test_a_thousand_small_ones(victim: Victim) -> None:
    wire = victim.wire()
    before = victim.resident()
    for _ in range(999):
        stream_id = wire.head()
        wire.say(frames.data(stream_id, b"\0\0\1\0\0" + bytes(1000)))
    victim.alive(wire)
    assert victim.resident() - before < 16 * MIB
    wire.close()
    victim.counts()


def test_a_thousand_heads_of_many_headers(victim: Victim) -> None:
    """What a request's headers hold is let go as soon as they were read."""
    wire = victim.wire()
    before = victim.resident()
    many = [(b"x-%d" % number, b"y" * 900) for number in range(16)]
    for _ in range(999):
        wire.say(frames.headers(wire.open(), frames.block([*request_fields(), *many])))
    victim.alive(wire)
    assert victim.resident() - before < 16 * MIB
    wire.close()
    victim.counts()


def test_half_header_blocks_on_many_connections(victim: Victim) -> None:
    before = victim.resident()
    wires = [victim.wire() for _ in range(50)]
    block = frames.block([*request_fields(), *((b"x-%d" % number, b"y" * 1000) for number in range(15))])
    for wire in wires:
        wire.say(frames.headers(1, block, whole=False))
    other = victim.wire()
    victim.alive(other)
    assert victim.resident() - before < 50 * MIB
    for wire in wires:
        wire.reset()
    victim.counts()
