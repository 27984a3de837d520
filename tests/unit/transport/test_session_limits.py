"""Whoever asks for too much is told so with the right code, is counted, and holds nothing afterwards."""

from collections.abc import Callable

import pytest

from extauthz.transport import session as session_module
from extauthz.transport.cause import Cause
from extauthz.transport.limits import CONTROL_FRAMES, REQUEST_SECONDS, RESETS, UNREAD_SECONDS
from extauthz.transport.memory import Memory
from extauthz.transport.status import Status
from support import frames
from support.h2_peer import request_fields
from support.h2_session import LIMITS, Served

PROTOCOL_ERROR, FLOW_CONTROL_ERROR, FRAME_SIZE_ERROR, REFUSED_STREAM = 1, 3, 6, 7
COMPRESSION_ERROR, ENHANCE_YOUR_CALM = 9, 11


def cut(served: Served, sent: bytes) -> tuple[int, bytes]:
    """Let the client say this, which ends the connection; return error code and debug data of the GOAWAY."""
    served.session.receive(sent)
    (goaway,) = [one for one in frames.split(served.session.output()) if one.type == frames.GOAWAY]
    assert served.session.finished
    assert served.session.output() == b""
    return int.from_bytes(goaway.payload[4:8], "big"), goaway.payload[8:]


def test_a_flood_of_pings_in_one_read() -> None:
    served = Served()
    assert cut(served, frames.ping() * 2000) == (ENHANCE_YOUR_CALM, b"")
    assert served.counted == [Cause.FLOOD]


def test_pings_more_often_than_allowed_are_forgiven_twice() -> None:
    served = Served()
    for _ in range(3):
        served.send(frames.ping())
    assert not served.session.finished
    assert cut(served, frames.ping()) == (ENHANCE_YOUR_CALM, b"too_many_pings")
    assert served.counted == [Cause.TOO_MANY_PINGS]


def test_pings_at_the_allowed_interval_are_never_too_many() -> None:
    served = Served()
    for _ in range(20):
        served.now += 10
        served.send(frames.ping())
    assert not served.session.finished


def test_pings_between_requests_are_measurements() -> None:
    served = Served()
    for _ in range(20):
        served.ask(b"x")
        served.send(frames.ping())
    assert not served.session.finished


def test_a_flood_of_settings_slow_enough_to_be_acknowledged() -> None:
    served = Served()
    for _ in range(CONTROL_FRAMES[0] - 2):
        served.session.receive(frames.settings())
        served.session.output()
    assert not served.session.finished
    code, _ = cut(served, frames.settings() * 3)
    assert (code, served.counted) == (ENHANCE_YOUR_CALM, [Cause.FLOOD])


def test_settings_with_too_many_entries() -> None:
    served = Served()
    code, _ = cut(served, frames.frame(frames.SETTINGS, 0, 0, b"\0\x03\0\0\0\x64" * 33))
    assert (code, served.counted) == (ENHANCE_YOUR_CALM, [Cause.FLOOD])


def test_empty_data_frames_are_counted() -> None:
    served = Served()
    stream_id, head = served.peer.head()
    code, _ = cut(served, head + frames.data(stream_id, b"") * (CONTROL_FRAMES[0] + 1))
    assert (code, served.counted) == (ENHANCE_YOUR_CALM, [Cause.FLOOD])


def test_streams_opened_only_to_be_reset() -> None:
    served = Served()
    allowed = RESETS[0] + LIMITS.streams
    for _ in range(allowed):
        stream_id, head = served.peer.head()
        served.send(head + frames.rst_stream(stream_id))
    assert not served.session.finished
    stream_id, head = served.peer.head()
    code, _ = cut(served, head + frames.rst_stream(stream_id))
    assert (code, served.counted) == (ENHANCE_YOUR_CALM, [Cause.RAPID_RESET])


def test_a_client_that_did_not_know_the_limit_of_streams_may_ask_again() -> None:
    served = Served(hello=False)
    served.session.receive(served.peer.hello)
    served.session.output()
    for number in range(LIMITS.streams):
        served.session.receive(frames.headers(2 * number + 1, frames.block(request_fields())))
    one_more = 2 * LIMITS.streams + 1
    served.session.receive(frames.headers(one_more, frames.block(request_fields())))
    assert served.session.output() == frames.rst_stream(one_more, REFUSED_STREAM)
    assert not served.session.finished


def test_a_client_that_knew_the_limit_is_cut_off() -> None:
    served = Served()
    heads = [frames.headers(2 * number + 1, frames.block(request_fields())) for number in range(LIMITS.streams + 1)]
    assert cut(served, b"".join(heads)) == (PROTOCOL_ERROR, b"request HEADERS: max concurrent streams exceeded")
    assert served.counted == [Cause.PROTOCOL_ERROR]


@pytest.mark.parametrize(
    ("fields", "code", "cause"),
    [
        ([(b"x-%d" % number, b"x" * 60_000) for number in range(20)], ENHANCE_YOUR_CALM, Cause.HEADERS_TOO_LARGE),
        ([(b"x-%d" % number, b"") for number in range(1100)], ENHANCE_YOUR_CALM, Cause.HEADERS_TOO_LARGE),
        ([(b"x-long", b"x" * 66_000)], COMPRESSION_ERROR, Cause.COMPRESSION),
    ],
    ids=["a megabyte", "1100 of them", "one of 66 KB"],
)
def test_headers_past_a_limit_end_the_connection(fields: list[tuple[bytes, bytes]], code: int, cause: Cause) -> None:
    served = Served()
    block = frames.block([*request_fields(), *fields])
    parts = [block[at : at + 16_384] for at in range(0, len(block), 16_384)]
    sent = frames.headers(1, parts[0], whole=len(parts) == 1)
    for number, part in enumerate(parts[1:], 2):
        sent += frames.continuation(1, part, whole=number == len(parts))
    served.peer.open()
    assert cut(served, sent)[0] == code
    assert served.counted == [cause]


def test_headers_up_to_the_limit_are_read() -> None:
    served = Served()
    stream_id = served.peer.open()
    block = frames.block([*request_fields(), *((b"x-%d" % number, b"x" * 60_000) for number in range(4))])
    parts = [block[at : at + 16_384] for at in range(0, len(block), 16_384)]
    served.send(frames.headers(stream_id, parts[0], whole=False))
    for number, part in enumerate(parts[1:], 2):
        served.send(frames.continuation(stream_id, part, whole=number == len(parts)))
    served.send(frames.data(stream_id, frames.message(b"x"), end=True))
    assert served.peer.answers[stream_id].status == 0


def test_an_endless_header_block_of_empty_frames() -> None:
    served = Served()
    served.peer.open()
    sent = frames.headers(1, frames.block(request_fields()), whole=False)
    code, _ = cut(served, sent + frames.continuation(1, b"", whole=False) * 600)
    assert (code, served.counted) == (ENHANCE_YOUR_CALM, [Cause.FLOOD])


def test_a_header_block_that_expands_a_thousandfold() -> None:
    """One field of 4 kB goes into the table, and is then named by single bytes (an HPACK bomb)."""
    served = Served()
    served.peer.open()
    value = b"x" * 4000
    literal = b"\x40\x01x\x7f" + bytes(((len(value) - 127) % 128 + 128, (len(value) - 127) // 128)) + value
    bomb = frames.block(request_fields()) + literal + b"\xbe" * 10_000
    code, _ = cut(served, frames.headers(1, bomb))
    assert (code, served.counted) == (ENHANCE_YOUR_CALM, [Cause.HEADERS_TOO_LARGE])


@pytest.mark.parametrize(
    ("sent", "code", "cause"),
    [
        (frames.data(0, b"x"), PROTOCOL_ERROR, Cause.PROTOCOL_ERROR),
        (frames.frame(frames.PING, 0, 0, b"short"), FRAME_SIZE_ERROR, Cause.PROTOCOL_ERROR),
        (frames.frame(frames.DATA, 0, 1, bytes(16_385)), FRAME_SIZE_ERROR, Cause.PROTOCOL_ERROR),
        (frames.window_update(0, 0), PROTOCOL_ERROR, Cause.PROTOCOL_ERROR),
        (frames.window_update(0, 0x7FFFFFFF), FLOW_CONTROL_ERROR, Cause.FLOW_CONTROL),
        (frames.headers(2, b""), PROTOCOL_ERROR, Cause.PROTOCOL_ERROR),
        (frames.headers(1, b"\xff\xff\xff\xff\xff\xff\xff"), COMPRESSION_ERROR, Cause.COMPRESSION),
        (frames.continuation(1, b"", whole=True), PROTOCOL_ERROR, Cause.PROTOCOL_ERROR),
        (frames.settings({2: 2}), PROTOCOL_ERROR, Cause.PROTOCOL_ERROR),
        (frames.settings({4: 1 << 31}), FLOW_CONTROL_ERROR, Cause.FLOW_CONTROL),
    ],
)
def test_what_is_not_http2_ends_the_connection_with_its_code(sent: bytes, code: int, cause: Cause) -> None:
    served = Served()
    assert cut(served, sent)[0] == code
    assert served.counted == [cause]


def test_what_is_not_even_a_preface_is_a_protocol_error() -> None:
    served = Served(hello=False)
    served.session.receive(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
    (goaway,) = [one for one in frames.split(served.session.output()) if one.type == frames.GOAWAY]
    assert goaway.payload == bytes(4) + PROTOCOL_ERROR.to_bytes(4, "big")
    assert served.counted == [Cause.PROTOCOL_ERROR]


def test_more_data_than_the_window_is_a_flow_control_error() -> None:
    """Frames that come together find the window as it was; it opens again when they were read."""
    served = Served()
    stream_id, head = served.peer.head()
    served.send(head)
    code, _ = cut(served, frames.data(stream_id, bytes(16_384)) * 400)
    assert (code, served.counted) == (FLOW_CONTROL_ERROR, [Cause.FLOW_CONTROL])


def test_a_request_that_never_ends_is_given_up() -> None:
    served = Served()
    stream_id, head = served.peer.head()
    served.send(head)
    served.later(1)
    served.later(REQUEST_SECONDS - 0.1)
    assert served.counted == []
    served.later(0.2)
    answer = served.peer.answers[stream_id]
    assert (answer.status, answer.reset) == (Status.DEADLINE_EXCEEDED, 0)
    assert served.counted == [Cause.SLOW_REQUEST]
    assert served.account.ended == [Status.DEADLINE_EXCEEDED]


def test_a_request_that_trickles_is_given_up_and_holds_nothing() -> None:
    served = Served()
    stream_id, head = served.peer.head()
    served.send(head + frames.data(stream_id, b"\0\0\0\0\xff"))
    for _ in range(int(REQUEST_SECONDS) + 1):
        served.send(frames.data(stream_id, b"x"))
        served.later(1)
    assert served.peer.answers[stream_id].status == Status.DEADLINE_EXCEEDED
    assert served.counted == [Cause.SLOW_REQUEST]
    assert served.memory.held == 0


def test_a_frame_that_trickles_ends_the_connection() -> None:
    served = Served()
    served.ask(b"x")
    head = frames.headers(3, frames.block(request_fields()), whole=False)
    for at in range(int(REQUEST_SECONDS) + 2):
        served.send(head[at : at + 1])
        served.later(1)
    assert served.session.finished
    assert served.counted == [Cause.SLOW_REQUEST]


def test_frames_that_say_nothing_are_no_trickle() -> None:
    served = Served()
    served.ask(b"x")
    for _ in range(5):
        served.send(frames.frame(frames.PRIORITY, 0, 1, bytes(5)))
        served.later(REQUEST_SECONDS / 2)
        served.ask(b"x")
    assert served.counted == []


def deny(_raw: bytes, _caller: object) -> bytes:
    return b"denied"


@pytest.mark.parametrize(("overloaded", "status"), [(None, Status.RESOURCE_EXHAUSTED), (deny, 0)])
def test_requests_that_do_not_fit_together_are_refused(
    overloaded: Callable[[bytes, object], bytes] | None, status: int
) -> None:
    whole = Memory(5000)
    served = Served(memory=Memory(4000, whole), overloaded=overloaded)
    sent = frames.message(bytes(3000))
    first, head = served.peer.head()
    served.send(head + frames.data(first, sent[:2000]))
    second, head = served.peer.head()
    served.send(head + frames.data(second, sent[:2500]))
    assert served.peer.answers[second].status == status
    assert served.counted == [Cause.REQUEST_BYTES]
    assert whole.held == 2000
    served.send(frames.data(second, sent[2500:], end=True))
    served.send(frames.data(first, sent[2000:], end=True))
    assert served.peer.answers[first].message == bytes(3000)
    assert served.peer.answers[second].body == (b"" if overloaded is None else frames.message(b"denied"))
    assert whole.held == 0


def test_a_client_that_reads_nothing_is_cut_off() -> None:
    served = Served(peer_settings={4: 0})
    served.ask(b"x" * 1000)
    for _ in range(int(UNREAD_SECONDS) + 1):
        served.later(1)
    assert served.counted == [Cause.UNREAD]
    assert served.peer.goaways == [(1, ENHANCE_YOUR_CALM, b"")]


def test_a_client_that_reads_slowly_is_not() -> None:
    served = Served(peer_settings={4: 0})
    stream_id, sent = served.peer.request(b"x" * 100)
    served.send(sent)
    while not served.peer.answers[stream_id].ended:
        served.later(UNREAD_SECONDS - 1)
        served.send(served.peer.widen(stream_id, 2))
    assert served.counted == []
    assert served.peer.answers[stream_id].message == b"x" * 100


def test_answers_that_wait_are_bounded_in_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_module, "UNREAD_BYTES", 1000)
    served = Served(peer_settings={4: 0})
    served.ask(b"x" * 900)
    assert served.counted == []
    served.ask(b"x" * 900)
    assert served.counted == [Cause.UNREAD]
    assert served.peer.goaways == [(3, ENHANCE_YOUR_CALM, b"")]
