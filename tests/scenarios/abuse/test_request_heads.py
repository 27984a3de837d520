"""Heads of requests that say too little, too much or the wrong thing: none becomes an allow, none ends the others."""

import pytest
from ngh2 import ErrorCode

from extauthz.transport.status import Status
from support import frames
from support.h2_peer import request_fields
from support.victim import Victim
from support.wire_client import Wire


def asks(wire: Wire, question: bytes, fields: list[tuple[bytes, bytes]]) -> int:
    """Ask nobody's question with these headers; whatever comes back may not be an allow."""
    stream_id = wire.head(fields)
    wire.say(frames.data(stream_id, frames.message(question), end=True))
    return stream_id


@pytest.mark.parametrize(
    "fields",
    [
        request_fields(method=None),
        [one for one in request_fields() if one[0] != b":path"],
        [one for one in request_fields() if one[0] != b":scheme"],
        [],
        [(b":path", b"/"), *request_fields()],
        [*request_fields(), (b":path", b"/")],
        [*request_fields(), (b":authority", b"other")],
        [(b":status", b"200"), *request_fields()],
        [(b":unknown", b"x"), *request_fields()],
        [(b":protocol", b"websocket"), *request_fields()],
        request_fields(path=b""),
        [*request_fields(), (b"X-Upper", b"x")],
        [*request_fields(), (b"", b"x")],
        [*request_fields(), (b"a b", b"x")],
        [*request_fields(), (b"x", b"a\rb")],
        [*request_fields(), (b"x", b"a\nb")],
        [*request_fields(), (b"x", b"a\0b")],
        [*request_fields(), (b"connection", b"close")],
        [*request_fields(), (b"transfer-encoding", b"chunked")],
        [*request_fields(), (b"upgrade", b"h2c")],
        [*request_fields(), (b"keep-alive", b"1")],
        [*request_fields(), (b"proxy-connection", b"close")],
        request_fields(te=b"gzip"),
        request_fields(content_length=b"x"),
        request_fields(content_length=b"-1"),
        request_fields(content_length=b"99999999999999999999"),
        [*request_fields(), (b"content-length", b"5"), (b"content-length", b"6")],
        [*request_fields(), (b":method", b"POST"), (b":scheme", b"http")],
    ],
    ids=[
        "no method",
        "no path",
        "no scheme",
        "nothing",
        "two paths",
        "a path behind",
        "another authority behind",
        "a status",
        "an unknown pseudo-header",
        "a protocol",
        "an empty path",
        "upper case",
        "no name",
        "a space in a name",
        "CR in a value",
        "LF in a value",
        "NUL in a value",
        "connection",
        "transfer-encoding",
        "upgrade",
        "keep-alive",
        "proxy-connection",
        "te",
        "a length of x",
        "a negative length",
        "a length of 20 digits",
        "two lengths",
        "pseudo-headers behind",
    ],
)
def test_malformed_headers_reset_their_stream(fields: list[tuple[bytes, bytes]], victim: Victim) -> None:
    """RFC 9113, section 8.1.1: a malformed request is a stream error of type PROTOCOL_ERROR."""
    wire = victim.wire()
    stream_id = asks(wire, victim.questions.alice, fields)
    assert wire.reset_code(stream_id) == ErrorCode.PROTOCOL_ERROR
    assert wire.answers[stream_id].body == b""
    victim.alive(wire)
    victim.counts()


@pytest.mark.parametrize("length", [b"0", b"1", b"100000"])
def test_a_length_that_lies_resets_the_stream(length: bytes, victim: Victim) -> None:
    wire = victim.wire()
    stream_id = asks(wire, victim.questions.alice, request_fields(content_length=length))
    assert wire.reset_code(stream_id) == ErrorCode.PROTOCOL_ERROR
    assert wire.answers[stream_id].body == b""
    victim.alive(wire)
    victim.counts()


@pytest.mark.parametrize("method", [b"GET", b"PUT", b"OPTIONS", b"post", b"X" * 1000, b"HEAD"])
def test_another_http_method(method: bytes, victim: Victim) -> None:
    wire = victim.wire()
    answer = wire.answer(asks(wire, victim.questions.alice, request_fields(method=method)))
    assert (answer.headers[b":status"], answer.headers[b"allow"], answer.body) == (b"405", b"POST", b"")
    victim.alive(wire)
    victim.counts()


def test_connect_is_no_way_in(victim: Victim) -> None:
    wire = victim.wire()
    fields = [(b":method", b"CONNECT"), (b":authority", b"extauthz:443")]
    answer = wire.answer(asks(wire, victim.questions.alice, fields))
    assert (answer.headers[b":status"], answer.body) == (b"405", b"")
    victim.alive(wire)
    victim.counts()


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        b"",
        b"application/json",
        b"application/grpc-web",
        b"application/grpcx",
        b"Application/grpc",
        b"text/plain; application/grpc",
    ],
)
def test_another_content_type(content_type: bytes | None, victim: Victim) -> None:
    wire = victim.wire()
    answer = wire.answer(asks(wire, victim.questions.alice, request_fields(content_type=content_type)))
    assert (answer.headers[b":status"], answer.body) == (b"415", b"")
    victim.alive(wire)
    victim.counts()


@pytest.mark.parametrize("path", [b"/", b"*", b"/envoy.service.auth.v3.Authorization/check", b"/x" * 5000])
def test_another_path(path: bytes, victim: Victim) -> None:
    wire = victim.wire()
    fields = [(name, path if name == b":path" else value) for name, value in request_fields()]
    if path == b"*":
        stream_id = asks(wire, victim.questions.alice, fields)
        assert wire.reset_code(stream_id) == ErrorCode.PROTOCOL_ERROR
    else:
        assert wire.answer(asks(wire, victim.questions.alice, fields)).status == Status.UNIMPLEMENTED
    victim.alive(wire)
    victim.counts()


@pytest.mark.parametrize(
    ("timeout", "status"),
    [
        (b"", Status.INTERNAL),
        (b"1", Status.INTERNAL),
        (b"S", Status.INTERNAL),
        (b"-1S", Status.INTERNAL),
        (b"1.5S", Status.INTERNAL),
        (b"123456789S", Status.INTERNAL),
        (b"\xd9\xa1S", Status.INTERNAL),
        (b"1 S", Status.INTERNAL),
        (b"0n", Status.DEADLINE_EXCEEDED),
        (b"0H", Status.DEADLINE_EXCEEDED),
        (b"1n", Status.DEADLINE_EXCEEDED),
    ],
)
def test_a_time_that_cannot_be_read_or_kept(timeout: bytes, status: Status, victim: Victim) -> None:
    wire = victim.wire()
    stream_id = wire.head(request_fields(grpc_timeout=timeout))
    victim.alive(wire)  # some time passes
    if wire.answers[stream_id].reset is None:
        wire.say(frames.data(stream_id, frames.message(victim.questions.alice), end=True))
    assert wire.answer(stream_id).status == status
    victim.alive(wire)
    victim.counts()


def test_the_longest_time_there_is(victim: Victim) -> None:
    wire = victim.wire()
    fields = request_fields(grpc_timeout=b"99999999H")
    assert wire.verdict(wire.ask("alice", victim.questions.alice, fields))
    victim.counts()
