"""Header blocks that never end, are torn, expand, or cannot be decoded."""

import pytest
from ngh2 import ErrorCode

from extauthz.transport.cause import Cause
from support import frames
from support.frames import END_STREAM
from support.h2_peer import request_fields
from support.victim import MIB, Victim
from support.wire_client import Wire

FIELDS = frames.block(request_fields())
FIRST_DYNAMIC = b"\xbe"
"""Index 62: the newest entry of the dynamic table (RFC 7541, section 2.3.3)."""


def in_frames(stream_id: int, block: bytes, size: int = 16_384) -> bytes:
    """Return a header block in frames of at most so many bytes."""
    parts = [block[at : at + size] for at in range(0, len(block), size)]
    sent = frames.headers(stream_id, parts[0], whole=len(parts) == 1)
    return sent + b"".join(
        frames.continuation(stream_id, part, whole=number == len(parts)) for number, part in enumerate(parts[1:], 2)
    )


def asks(wire: Wire, name: str, question: bytes, sent_head: bytes, stream_id: int) -> bool:
    """Send this head and the question of a client behind it; return the verdict."""
    wire.asked[stream_id] = name
    wire.say(sent_head + frames.data(stream_id, frames.message(question), end=True))
    return wire.verdict(stream_id)


@pytest.mark.parametrize("size", [1, 2, 10])
def test_a_head_in_tiny_continuations_is_read(size: int, victim: Victim) -> None:
    wire = victim.wire()
    stream_id = wire.open()
    assert asks(wire, "alice", victim.questions.alice, in_frames(stream_id, FIELDS, size), stream_id)
    victim.alive(wire)
    victim.counts()


@pytest.mark.parametrize("content", [b"", b"\0\x01x\x01y"], ids=["empty", "with a field"])
def test_continuations_without_end(content: bytes, victim: Victim) -> None:
    wire = victim.wire()
    wire.open()
    wire.say(frames.headers(1, FIELDS, whole=False) + frames.continuation(1, content, whole=False) * 100_000)
    assert wire.goodbye() == (ErrorCode.ENHANCE_YOUR_CALM, b"")
    victim.counts(Cause.FLOOD)


def test_large_continuations_without_end(victim: Victim) -> None:
    wire = victim.wire()
    wire.open()
    field = frames.block([(b"x", b"y" * 16_000)])
    wire.say(frames.headers(1, FIELDS, whole=False) + frames.continuation(1, field, whole=False) * 2000)
    assert wire.goodbye() == (ErrorCode.ENHANCE_YOUR_CALM, b"")
    victim.counts(Cause.HEADERS_TOO_LARGE)


@pytest.mark.parametrize(
    "between",
    [
        frames.data(1, b"x"),
        frames.headers(3, FIELDS),
        frames.headers(1, FIELDS),
        frames.ping(),
        frames.settings_ack(),
        frames.window_update(0, 1),
        frames.rst_stream(1),
        frames.continuation(3, b"", whole=True),
        frames.frame(0x42, 0, 1, b"unknown"),
    ],
    ids=["DATA", "HEADERS", "HEADERS again", "PING", "SETTINGS", "WINDOW_UPDATE", "RST_STREAM", "another's", "unknown"],
)
def test_a_frame_inside_of_a_header_block(between: bytes, victim: Victim) -> None:
    wire = victim.wire()
    wire.open()
    rest = frames.continuation(1, FIELDS[20:], whole=True) + frames.data(1, frames.message(victim.questions.alice))
    wire.say(frames.headers(1, FIELDS[:20], whole=False) + between + rest)
    code, _debug = wire.goodbye()
    assert code == ErrorCode.PROTOCOL_ERROR
    victim.counts(Cause.PROTOCOL_ERROR)


def test_a_continuation_of_nothing(victim: Victim) -> None:
    wire = victim.wire()
    stream_id = wire.head()
    wire.say(frames.continuation(stream_id, b"", whole=True))
    code, _debug = wire.goodbye()
    assert code == ErrorCode.PROTOCOL_ERROR
    victim.counts(Cause.PROTOCOL_ERROR)


@pytest.mark.parametrize(
    ("fields", "code", "cause"),
    [
        ([(b"x-%d" % number, b"x" * 60_000) for number in range(20)], ErrorCode.ENHANCE_YOUR_CALM, "headers_too_large"),
        ([(b"x-%d" % number, b"") for number in range(1100)], ErrorCode.ENHANCE_YOUR_CALM, "headers_too_large"),
        ([(b"x" * 66_000, b"")], ErrorCode.COMPRESSION_ERROR, "compression"),
        ([(b"x", b"x" * 66_000)], ErrorCode.COMPRESSION_ERROR, "compression"),
    ],
    ids=["too long together", "too many", "one name too long", "one value too long"],
)
def test_headers_past_a_limit(fields: list[tuple[bytes, bytes]], code: int, cause: Cause, victim: Victim) -> None:
    wire = victim.wire()
    wire.open()
    wire.say(in_frames(1, frames.block([*request_fields(), *fields])))
    assert wire.goodbye().code == code
    victim.counts(cause)


def test_headers_of_almost_the_limit(victim: Victim) -> None:
    wire = victim.wire()
    for number in range(20):
        stream_id = wire.open()
        long = [(b"x-%d" % at, b"%d" % number + b"x" * 65_000) for at in range(3)]
        head = in_frames(stream_id, frames.block([*request_fields(), *long]))
        assert asks(wire, "alice", victim.questions.alice, head, stream_id)
    victim.alive(wire)
    victim.counts()


@pytest.mark.parametrize("references", [1000, 16_000])
def test_a_bomb_of_references_to_one_large_field(references: int, victim: Victim) -> None:
    """4 kB go into the table; each byte after that stands for all of them (CVE-2016-1544)."""
    before = victim.resident()
    for _ in range(10):
        wire = victim.wire()
        stream_id = wire.open()
        bomb = FIELDS + frames.indexed_literal(b"x", b"x" * 4000) + FIRST_DYNAMIC * references
        wire.say(in_frames(stream_id, bomb))
        assert wire.goodbye() == (ErrorCode.ENHANCE_YOUR_CALM, b"")
    assert victim.resident() - before < 32 * MIB
    victim.counts(*[Cause.HEADERS_TOO_LARGE] * 10)


def test_a_bomb_in_each_of_many_requests_in_one_write(victim: Victim) -> None:
    """Each request is below the limit, and 100 bytes of it expand to 240 kB."""
    wire = victim.wire()
    before = victim.resident()
    victim.forget_peak()
    first = wire.open()
    wire.say(frames.headers(first, FIELDS + frames.indexed_literal(b"x", b"x" * 4000)))
    others = [wire.open() for _ in range(900)]
    wire.say(b"".join(frames.headers(stream_id, FIELDS + FIRST_DYNAMIC * 60) for stream_id in others))
    victim.alive(wire)
    assert victim.peak() - before < 128 * MIB
    victim.counts()


def test_table_sizes_in_the_block(victim: Victim) -> None:
    """RFC 7541, section 6.3: what the decoder has announced (4096) and less may be set, at the beginning of a block."""
    wire = victim.wire()
    for size in (0, 4096, 100, 4096):
        stream_id = wire.open()
        block = frames.table_size(size) + FIELDS + frames.indexed_literal(b"x", b"y")
        head = frames.headers(stream_id, block)
        assert asks(wire, "alice", victim.questions.alice, head, stream_id)
    victim.alive(wire)
    victim.counts()


@pytest.mark.parametrize(
    "block",
    [
        frames.table_size(4097) + FIELDS,
        frames.table_size(1 << 30) + FIELDS,
        FIELDS + frames.table_size(100),
        FIELDS + FIRST_DYNAMIC,
        FIELDS + b"\x80",
        FIELDS + b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
        FIELDS + b"\0\x01x\x84\xff\xff\xff\xff",
        FIELDS + b"\0\x01x\x81\xff",
        FIELDS + b"\0\x01x\x82\x00\x00",
        FIELDS[:-1],
        FIELDS + b"\0\x7f\xff\xff\xff\xff\x7f",
        b"\xff" * 1000,
    ],
    ids=[
        "table of 4097 bytes",
        "table of a gigabyte",
        "table size at the end",
        "entry that is not there",
        "entry 0",
        "entry without end",
        "Huffman end of string",
        "Huffman padding of a byte",
        "Huffman padding of zeros",
        "cut short",
        "name of four gigabytes",
        "ones",
    ],
)
def test_a_block_that_cannot_be_decoded(block: bytes, victim: Victim) -> None:
    wire = victim.wire()
    victim.alive(wire)
    stream_id = wire.open()
    wire.say(frames.headers(stream_id, block))
    wire.say(frames.data(stream_id, frames.message(victim.questions.alice), end=True))
    assert wire.goodbye().code == ErrorCode.COMPRESSION_ERROR
    victim.counts(Cause.COMPRESSION)


def test_table_sizes_without_end(victim: Victim) -> None:
    wire = victim.wire()
    stream_id = wire.open()
    head = in_frames(stream_id, frames.table_size(0) * 100_000 + FIELDS)
    wire.say(head + frames.data(stream_id, frames.message(victim.questions.alice), end=True))
    wire.asked[stream_id] = "alice"
    assert wire.verdict(stream_id)
    victim.counts()


def test_trailers_may_not_hold_what_headers_hold(victim: Victim) -> None:
    wire = victim.wire()
    for block in (frames.block([(b":path", b"/")]), frames.block([(b"X", b"")])):
        stream_id = wire.head()
        wire.say(frames.data(stream_id, frames.message(victim.questions.alice)))
        wire.say(frames.frame(frames.HEADERS, frames.END_HEADERS | END_STREAM, stream_id, block))
        assert wire.reset_code(stream_id) == ErrorCode.PROTOCOL_ERROR
    victim.alive(wire)
    victim.counts()


def test_trailers_that_do_not_end_the_request(victim: Victim) -> None:
    wire = victim.wire()
    stream_id = wire.head()
    wire.say(frames.data(stream_id, frames.message(victim.questions.alice)))
    wire.say(frames.headers(stream_id, frames.block([(b"x", b"y")])))
    assert wire.reset_code(stream_id) == ErrorCode.PROTOCOL_ERROR
    victim.alive(wire)
    victim.counts()
