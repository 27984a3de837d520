"""Messages of requests that are torn, too many, too long, or compressed to no good end."""

import gzip
import zlib

import pytest
from ngh2 import ErrorCode

from extauthz.transport.cause import Cause
from extauthz.transport.status import Status
from extauthz.wire.proto.envoy.service.auth.v3.external_auth_pb2 import CheckResponse
from support import frames
from support.h2_peer import request_fields
from support.questions import reason
from support.victim import MIB, Victim
from support.wire_client import Wire

GZIP = request_fields(grpc_encoding=b"gzip")
MAX_MESSAGE_BYTES = 4 << 20
LIMIT = 64 << 20
"""``TRANSPORT_LEAST_BYTES``: the largest message that is read whatever the configuration says."""


def asks(wire: Wire, question: bytes, fields: list[tuple[bytes, bytes]]) -> int:
    """Ask nobody's question with these headers; whatever comes back may not be an allow."""
    stream_id = wire.head(fields)
    wire.say(frames.data(stream_id, frames.message(question), end=True))
    return stream_id


@pytest.mark.parametrize("encoding", [b"br", b"snappy", b"", b"gzip, gzip", b"GZIP", b"identity;q=1"])
def test_an_unknown_encoding(encoding: bytes, victim: Victim) -> None:
    wire = victim.wire()
    answer = wire.answer(asks(wire, victim.questions.alice, request_fields(grpc_encoding=encoding)))
    assert answer.status == Status.UNIMPLEMENTED
    assert answer.headers[b"grpc-accept-encoding"] == b"identity, deflate, gzip"
    victim.alive(wire)
    victim.counts()


def zipped(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


@pytest.mark.parametrize(
    ("compressed", "status"),
    [
        (zipped(b"x" * 1000)[:-1], Status.INTERNAL),
        (zipped(b"x" * 1000)[:-9], Status.INTERNAL),
        (zipped(b"x" * 1000) + b"\0", Status.INTERNAL),
        (zipped(b"x") + zipped(b"y"), Status.INTERNAL),
        (b"", Status.INTERNAL),
        (b"\x1f\x8b", Status.INTERNAL),
        (zlib.compress(b"x"), Status.INTERNAL),
        (b"x" * 100, Status.INTERNAL),
        (zipped(b"x")[:-8] + bytes(8), Status.INTERNAL),
    ],
    ids=["a byte short", "no sum", "a byte behind", "twice", "nothing", "two bytes", "zlib", "no gzip", "a wrong sum"],
)
def test_gzip_that_is_not_whole(compressed: bytes, status: Status, victim: Victim) -> None:
    wire = victim.wire()
    stream_id = wire.head(GZIP)
    wire.say(frames.data(stream_id, frames.message(compressed, flags=1), end=True))
    assert wire.answer(stream_id).status == status
    victim.alive(wire)
    victim.counts()


def test_gzip_that_is_whole(victim: Victim) -> None:
    wire = victim.wire()
    for name in ("alice", "mallory"):
        stream_id = wire.head(GZIP)
        wire.asked[stream_id] = name
        compressed = frames.message(zipped(victim.questions.by_name()[name]), flags=1)
        wire.say(frames.data(stream_id, compressed, end=True))
        assert wire.verdict(stream_id) == (name == "alice")
    victim.counts()


@pytest.mark.parametrize("size", [MAX_MESSAGE_BYTES + 1, 100 << 20, 1 << 30])
def test_a_bomb(size: int, victim: Victim) -> None:
    """A thousandfold in each of several streams; what is over the limit is never there, and is denied in words."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(compressor.compress(bytes(MIB)) for _ in range(size // MIB))
    bomb += compressor.compress(bytes(size % MIB)) + compressor.flush()
    content = frames.message(bomb, flags=1)
    parts = [content[at : at + 16_384] for at in range(0, len(content), 16_384)]
    wire = victim.wire()
    before = victim.resident()
    victim.forget_peak()
    for _ in range(3):
        stream_id = wire.head(GZIP)
        for number, part in enumerate(parts, 1):
            wire.say(frames.data(stream_id, part, end=number == len(parts)))
            wire.look()
        assert reason(CheckResponse.FromString(wire.answer(stream_id).message)) == "request_too_large"
    victim.alive(wire)
    assert victim.peak() - before < 32 * MIB
    victim.counts()


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", Status.UNIMPLEMENTED),
        (b"\0", Status.INTERNAL),
        (b"\0\0\0\0", Status.INTERNAL),
        (b"\0\0\0\0\1", Status.INTERNAL),
        (b"\0\0\0\0\0\0", Status.INTERNAL),
        (b"\0\xff\xff\xff\xff", Status.RESOURCE_EXHAUSTED),
        (b"\1\xff\xff\xff\xff", Status.RESOURCE_EXHAUSTED),
        (b"\1\0\0\0\0", Status.INTERNAL),
        (b"\2\0\0\0\0", Status.INTERNAL),
        (b"\xff\0\0\0\0", Status.INTERNAL),
        (b"\0" + (LIMIT + 1).to_bytes(4, "big"), Status.RESOURCE_EXHAUSTED),
    ],
    ids=[
        "nothing",
        "one byte",
        "four bytes",
        "a byte missing",
        "a byte behind",
        "four gigabytes",
        "four gigabytes compressed",
        "compressed without an encoding",
        "flags of 2",
        "all flags",
        "a byte over the limit",
    ],
)
def test_lengths_and_flags_that_lie(content: bytes, status: Status, victim: Victim) -> None:
    wire = victim.wire()
    stream_id = wire.head()
    wire.say(frames.data(stream_id, content, end=True))
    answer = wire.answer(stream_id)
    assert (answer.headers[b":status"], answer.status, answer.body) == (b"200", status, b"")
    victim.alive(wire)
    victim.counts()


@pytest.mark.parametrize("difference", [-1, 1, 100])
def test_a_question_whose_length_lies(difference: int, victim: Victim) -> None:
    wire = victim.wire()
    question = victim.questions.alice
    stream_id = wire.head()
    lying = b"\0" + (len(question) + difference).to_bytes(4, "big") + question
    wire.say(frames.data(stream_id, lying, end=True))
    answer = wire.answer(stream_id)
    assert (answer.status, answer.body) == (Status.INTERNAL, b"")
    victim.alive(wire)
    victim.counts()


@pytest.mark.parametrize("second", ["alice", "mallory"])
def test_two_questions_in_one_request(second: str, victim: Victim) -> None:
    wire = victim.wire()
    both = frames.message(victim.questions.alice) + frames.message(victim.questions.by_name()[second])
    for parts in ([both], [both[:700], both[700:]], [both[:-1], both[-1:]]):
        stream_id = wire.head()
        wire.say(b"".join(frames.data(stream_id, part) for part in parts) + frames.data(stream_id, b"", end=True))
        answer = wire.answer(stream_id)
        assert (answer.status, answer.body) == (Status.UNIMPLEMENTED, b"")
    victim.alive(wire)
    victim.counts()


def test_a_request_of_headers_only(victim: Victim) -> None:
    wire = victim.wire()
    answer = wire.answer(wire.head(end=True))
    assert (answer.status, answer.body) == (Status.UNIMPLEMENTED, b"")
    victim.alive(wire)
    victim.counts()


def test_a_refused_request_may_not_go_on_for_ever(victim: Victim) -> None:
    """The answer comes first, then RST_STREAM with NO_ERROR; what is said after it is nobody's."""
    wire = victim.wire()
    stream_id = wire.head(request_fields(method=b"PUT"))
    assert wire.answer(stream_id).headers[b":status"] == b"405"
    assert wire.reset_code(stream_id) == ErrorCode.NO_ERROR
    wire.say(frames.data(stream_id, bytes(16_000)) * 50)
    victim.alive(wire)
    victim.counts()


def test_bytes_that_are_no_question(victim: Victim) -> None:
    wire = victim.wire()
    for content in (b"\xff" * 10, victim.questions.alice[:-1], b"\x0a\xff\xff\xff\xff\x0f", bytes(1000)):
        stream_id = wire.head()
        wire.say(frames.data(stream_id, frames.message(content), end=True))
        assert not wire.verdict(stream_id)
    victim.counts()


def test_a_cause_is_not_counted_for_what_ends_one_call(victim: Victim) -> None:
    wire = victim.wire()
    for _ in range(200):
        wire.head(request_fields(method=b"GET"), end=True)
    victim.alive(wire)
    victim.counts()
    wire.say(frames.data(99_999, b""))
    wire.listen_to_end()
    victim.counts(Cause.PROTOCOL_ERROR)
