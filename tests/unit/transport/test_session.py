"""A call is answered exactly, however its frames are cut, and only when it is one."""

import gzip
import zlib
from collections.abc import Callable
from functools import partial

import pytest

from extauthz.transport.status import CallError, Status
from support import frames
from support.h2_peer import CHECK_PATH, Answer, request_fields
from support.h2_session import CALLER, Served

OK_HEADERS = {b":status": b"200", b"content-type": b"application/grpc"}


def split_body(body: bytes, size: int, *, end: bool = True) -> list[Callable[[int], bytes]]:
    """Return DATA frames of so many bytes each."""
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return [
        partial(frames.data, content=part, end=end and number == len(parts)) for number, part in enumerate(parts, 1)
    ]


def whole(body: bytes) -> Callable[[int], bytes]:
    return lambda stream_id: frames.data(stream_id, body, end=True)


def assert_ok(answer: Answer, message: bytes) -> None:
    assert answer.headers == OK_HEADERS
    assert answer.message == message
    assert answer.trailers == {b"grpc-status": b"0"}
    assert answer.ended


def assert_refused(answer: Answer, status: Status, message: bytes) -> None:
    """Assert that the answer is trailers only: one block, no message."""
    assert answer.headers[b":status"] == b"200"
    assert answer.headers[b"content-type"] == b"application/grpc"
    assert (answer.status, answer.headers[b"grpc-message"]) == (status, message)
    assert (answer.body, answer.ended) == (b"", True)


def test_the_server_says_its_settings_and_window_first() -> None:
    served = Served(hello=False)
    first, second = frames.split(served.session.output())
    assert first == frames.split(frames.settings({3: 10, 4: 1 << 20, 6: 1 << 18}))[0]
    assert second == frames.split(frames.window_update(0, (4 << 20) - 65535))[0]


def test_one_question_gets_one_answer() -> None:
    served = Served()
    assert_ok(served.ask(b"question"), b"question")
    assert served.asked == [(b"question", CALLER)]
    assert (served.account.begun, served.account.ended) == (1, [0])
    assert (served.counted, served.reports) == ([], [])


def test_the_first_answer_byte_by_byte() -> None:
    served = Served(lambda _raw, _caller: b"answer")
    _, sent = served.peer.request(b"question")
    head, data, trailers = frames.split(served.send(sent))
    assert head[:3] == (frames.HEADERS, frames.END_HEADERS, 1)
    assert data == (frames.DATA, 0, 1, b"\0\0\0\0\x06answer")
    assert trailers[:3] == (frames.HEADERS, frames.END_HEADERS | frames.END_STREAM, 1)


def test_many_questions_in_one_read_are_answered_in_one_write() -> None:
    served = Served()
    made = [served.peer.request(b"%d" % number) for number in range(10)]
    served.send(b"".join(sent for _, sent in made))
    for number, (stream_id, _) in enumerate(made):
        assert_ok(served.peer.answers[stream_id], b"%d" % number)


@pytest.mark.parametrize("size", [1, 2, 4, 5, 6, 1000])
def test_a_message_may_come_in_any_number_of_frames(size: int) -> None:
    served = Served()
    content = bytes(range(256))
    assert_ok(served.call(request_fields(), *split_body(frames.message(content), size)), content)
    assert (served.account.begun, served.account.ended) == (1, [0])


def test_bytes_may_be_cut_anywhere() -> None:
    served = Served()
    stream_id, sent = served.peer.request(b"question")
    for at in range(len(sent)):
        served.send(sent[at : at + 1])
    assert_ok(served.peer.answers[stream_id], b"question")


def test_the_end_of_the_request_may_come_alone() -> None:
    served = Served()
    message = frames.message(b"question")
    answer = served.call(request_fields(), partial(frames.data, content=message), whole(b""))
    assert_ok(answer, b"question")


def test_the_end_of_the_request_may_be_trailers() -> None:
    served = Served()
    message = frames.message(b"question")
    trailers = frames.block([(b"x-trailer", b"1")])
    answer = served.call(
        request_fields(), lambda sid: frames.data(sid, message), lambda sid: frames.headers(sid, trailers, end=True)
    )
    assert_ok(answer, b"question")


def test_trailers_without_a_message_are_no_question() -> None:
    served = Served()
    trailers = frames.block([(b"x-trailer", b"1")])
    answer = served.call(request_fields(), lambda sid: frames.headers(sid, trailers, end=True))
    assert_refused(answer, Status.UNIMPLEMENTED, b"no message for a method that takes one")


@pytest.mark.parametrize("padding", [0, 1, 255])
def test_padding_is_no_part_of_anything(padding: int) -> None:
    served = Served()
    stream_id = served.peer.open()
    served.send(frames.headers(stream_id, frames.block(request_fields()), padding=padding))
    served.send(frames.data(stream_id, frames.message(b"question"), end=True, padding=padding))
    assert_ok(served.peer.answers[stream_id], b"question")


@pytest.mark.parametrize("size", [1, 10, 50])
def test_headers_may_be_continued(size: int) -> None:
    served = Served()
    stream_id = served.peer.open()
    block = frames.block(request_fields())
    parts = [block[at : at + size] for at in range(0, len(block), size)]
    served.send(frames.headers(stream_id, parts[0], whole=False))
    for number, part in enumerate(parts[1:], 2):
        served.send(frames.continuation(stream_id, part, whole=number == len(parts)))
    served.send(frames.data(stream_id, frames.message(b"question"), end=True))
    assert_ok(served.peer.answers[stream_id], b"question")


def test_an_empty_question_is_a_question() -> None:
    assert_ok(Served().ask(b""), b"")


def test_no_message_is_no_question() -> None:
    served = Served()
    stream_id, sent = served.peer.head(end=True)
    served.send(sent)
    assert_refused(served.peer.answers[stream_id], Status.UNIMPLEMENTED, b"no message for a method that takes one")
    assert served.asked == []
    assert served.account.ended == [Status.UNIMPLEMENTED]


def test_two_messages_are_one_too_many() -> None:
    served = Served()
    answer = served.call(request_fields(), whole(frames.message(b"one") + frames.message(b"two")))
    assert_refused(answer, Status.UNIMPLEMENTED, b"more than one message for a method that takes one")
    assert served.asked == []


@pytest.mark.parametrize("rest", [b"\0", b"\0\0\0\0", b"\0\0\0\0\x05four"])
def test_bytes_after_the_message_are_refused(rest: bytes) -> None:
    served = Served()
    answer = served.call(request_fields(), whole(frames.message(b"one") + rest))
    assert_refused(answer, Status.INTERNAL, b"the request ends inside of a message")
    assert served.asked == []


@pytest.mark.parametrize("body", [b"\0", b"\0\0\0\0", b"\0\0\0\0\x01", b"\0\0\0\0\x05four"])
def test_a_message_cut_short_is_refused(body: bytes) -> None:
    served = Served()
    answer = served.call(request_fields(), whole(body))
    assert_refused(answer, Status.INTERNAL, b"the request ends inside of a message")
    assert served.asked == []


def test_a_compressed_flag_without_an_encoding_is_refused() -> None:
    served = Served()
    answer = served.call(request_fields(), whole(frames.message(b"x", flags=1)))
    assert_refused(answer, Status.INTERNAL, b"a message is marked as compressed, and no encoding was named")


@pytest.mark.parametrize("flags", [2, 3, 0x80, 0xFF])
def test_unknown_flags_are_refused(flags: int) -> None:
    answer = Served().call(request_fields(), whole(frames.message(b"x", flags=flags)))
    assert_refused(answer, Status.INTERNAL, b"the flags %d before a message are not known" % flags)


@pytest.mark.parametrize(("encoding", "compress"), [(b"gzip", gzip.compress), (b"deflate", zlib.compress)])
def test_compressed_questions_are_read(encoding: bytes, compress: Callable[[bytes], bytes]) -> None:
    content = b"question" * 1000
    answer = Served().call(request_fields(grpc_encoding=encoding), whole(frames.message(compress(content), flags=1)))
    assert_ok(answer, content)


def test_with_an_encoding_a_message_may_still_be_plain() -> None:
    assert_ok(Served().call(request_fields(grpc_encoding=b"gzip"), whole(frames.message(b"plain"))), b"plain")


def test_an_unknown_encoding_is_refused_with_those_that_are_known() -> None:
    served = Served()
    answer = served.call(request_fields(grpc_encoding=b"br"))
    assert_refused(answer, Status.UNIMPLEMENTED, b"the encoding of the messages is not supported")
    assert answer.headers[b"grpc-accept-encoding"] == b"identity, deflate, gzip"
    assert answer.reset == 0


def test_a_message_past_the_limit_is_refused_as_soon_as_its_length_is_known() -> None:
    served = Served()
    answer = served.call(request_fields(), lambda sid: frames.data(sid, b"\0" + (100_001).to_bytes(4, "big")))
    assert_refused(answer, Status.RESOURCE_EXHAUSTED, b"a message of 100001 bytes or more; at most 100000")
    assert answer.reset == 0
    assert served.memory.held == 0


def test_a_message_of_the_limit_is_read() -> None:
    served = Served()
    assert_ok(served.call(request_fields(), *split_body(frames.message(b"x" * 100_000), 16_384)), b"x" * 100_000)


@pytest.mark.parametrize("path", [b"/", b"/x", b"/envoy.service.auth.v3.Authorization/Other"])
def test_an_unknown_method_is_unimplemented(path: bytes) -> None:
    served = Served()
    stream_id, sent = served.peer.request(b"x", request_fields(path))
    served.send(sent)
    assert_refused(served.peer.answers[stream_id], Status.UNIMPLEMENTED, b"Method not found!")
    assert served.account.begun == 0


@pytest.mark.parametrize("method", [b"GET", b"PUT", b"post"])
def test_another_http_method_is_405(method: bytes) -> None:
    served = Served()
    stream_id, sent = served.peer.head(request_fields(method=method), end=True)
    served.send(sent)
    answer = served.peer.answers[stream_id]
    assert answer.headers == {b":status": b"405", b"content-length": b"0", b"allow": b"POST"}
    assert answer.ended


@pytest.mark.parametrize("kind", [None, b"", b"application/json", b"application/grpcx", b"application/grpc-web"])
def test_another_content_type_is_415(kind: bytes | None) -> None:
    served = Served()
    stream_id, sent = served.peer.request(b"x", request_fields(content_type=kind))
    served.send(sent)
    assert served.peer.answers[stream_id].headers == {b":status": b"415", b"content-length": b"0"}
    assert served.asked == []


@pytest.mark.parametrize("kind", [b"application/grpc+proto", b"application/grpc;charset=utf-8"])
def test_content_types_of_grpc_have_suffixes(kind: bytes) -> None:
    assert_ok(Served().call(request_fields(content_type=kind), whole(frames.message(b"x"))), b"x")


@pytest.mark.parametrize("te", [None, b"trailers"])
def test_a_missing_te_is_tolerated(te: bytes | None) -> None:
    assert_ok(Served().call(request_fields(te=te), whole(frames.message(b"x"))), b"x")


def test_a_call_in_time_is_answered() -> None:
    assert_ok(Served().call(request_fields(grpc_timeout=b"1S"), whole(frames.message(b"x"))), b"x")


def test_a_call_that_comes_too_late_is_not_asked_any_more() -> None:
    served = Served()
    stream_id, head = served.peer.head(request_fields(grpc_timeout=b"10m"))
    served.send(head)
    served.now += 0.011
    served.send(frames.data(stream_id, frames.message(b"x"), end=True))
    assert_refused(served.peer.answers[stream_id], Status.DEADLINE_EXCEEDED, b"Deadline Exceeded")
    assert served.asked == []
    assert served.account.ended == [Status.DEADLINE_EXCEEDED]


def test_calls_that_wait_for_others_are_late_too() -> None:
    def slow(raw: bytes, _caller: object) -> bytes:
        served.now += 0.06
        return raw

    served = Served(slow)
    made = [served.peer.request(b"%d" % number, request_fields(grpc_timeout=b"100m")) for number in range(3)]
    served.send(b"".join(sent for _, sent in made))
    assert [served.peer.answers[stream_id].status for stream_id, _ in made] == [0, 0, Status.DEADLINE_EXCEEDED]
    assert [raw for raw, _ in served.asked] == [b"0", b"1"]


@pytest.mark.parametrize("timeout", [b"", b"1", b"S", b"-1S", b"123456789S", b"1x", b"1.5S", b"\xb2S"])
def test_a_timeout_that_cannot_be_read_is_refused(timeout: bytes) -> None:
    answer = Served().call(request_fields(grpc_timeout=timeout))
    assert_refused(answer, Status.INTERNAL, b"grpc-timeout cannot be read")


def test_an_error_of_the_method_is_the_status() -> None:
    def refuse(_raw: bytes, _caller: object) -> bytes:
        raise CallError(Status.NOT_FOUND, "no 100 % of \u00e4\n")

    served = Served(refuse)
    assert_refused(served.ask(b"x"), Status.NOT_FOUND, b"no 100 %25 of %C3%A4%0A")
    assert served.account.ended == [Status.NOT_FOUND]
    assert served.reports == []


def test_a_defect_ends_its_call_only_and_tells_the_client_nothing() -> None:
    def broken(raw: bytes, _caller: object) -> bytes:
        if raw == b"bad":
            raise KeyError("secret")
        return raw

    served = Served(broken)
    assert_refused(served.ask(b"bad"), Status.INTERNAL, b"internal error")
    assert served.reports == ["a call failed"]
    assert_ok(served.ask(b"good"), b"good")
    answer = served.call(request_fields(), *split_body(frames.message(b"bad"), 3))
    assert_refused(answer, Status.INTERNAL, b"internal error")
    assert served.account.ended == [Status.INTERNAL, 0, Status.INTERNAL]


def test_a_count_that_fails_does_not_lose_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object) -> None:
        raise RuntimeError

    served = Served()
    for name in ("started", "handled", "answered"):
        monkeypatch.setattr(served.account, name, broken)
    assert_ok(served.ask(b"x"), b"x")
    assert_ok(served.call(request_fields(), *split_body(frames.message(b"y"), 2)), b"y")
    assert_ok(served.ask(b"z"), b"z")


def test_a_stream_that_was_reset_in_the_same_read_is_nobodys_error() -> None:
    served = Served()
    stream_id, sent = served.peer.request(b"gone")
    served.send(sent + frames.rst_stream(stream_id))
    assert_ok(served.ask(b"next"), b"next")
    assert (served.reports, served.counted) == ([], [])
    assert served.account.ended == [Status.CANCELLED, 0]


@pytest.mark.parametrize("sent", [0, 3, 7])
def test_a_stream_may_be_reset_at_any_moment(sent: int) -> None:
    served = Served()
    stream_id, head = served.peer.head()
    served.send(head)
    if sent:
        served.send(frames.data(stream_id, frames.message(b"question")[:sent]))
    served.send(frames.rst_stream(stream_id))
    assert served.memory.held == 0
    assert_ok(served.ask(b"next"), b"next")


def test_answers_wait_for_a_window_of_single_bytes() -> None:
    served = Served(peer_settings={4: 1})
    stream_id, sent = served.peer.request(b"question")
    served.send(sent)
    assert_ok(served.peer.answers[stream_id], b"question")


def test_the_path_is_the_whole_path() -> None:
    served = Served()
    stream_id, sent = served.peer.request(b"x", request_fields(CHECK_PATH + b"?x"))
    served.send(sent)
    assert served.peer.answers[stream_id].status == Status.UNIMPLEMENTED


@pytest.mark.parametrize(
    "long",
    [
        request_fields(x_long=b"x" * 5000),
        [*request_fields(), (b"x" * 5000, b"")],
        [*request_fields(), (b"x", b"x" * 5000), (b"x", b"")],
    ],
    ids=["value", "name", "hidden by another"],
)
def test_headers_are_remembered_only_while_they_are_few(long: list[tuple[bytes, bytes]]) -> None:
    served = Served()
    served.ask(b"x")
    usual = served.session._usual
    assert usual is not None
    for _ in range(2):
        assert_ok(served.call(long, whole(frames.message(b"y"))), b"y")
    assert served.session._usual is usual


def test_what_was_usual_is_not_taken_for_what_is_only_similar() -> None:
    served = Served()
    served.ask(b"x")
    refused = served.call(request_fields(grpc_encoding=b"br"))
    assert refused.status == Status.UNIMPLEMENTED
    late = request_fields(grpc_timeout=b"1m")
    stream_id, head = served.peer.head(late)
    served.send(head)
    served.now += 1
    served.send(frames.data(stream_id, frames.message(b"late"), end=True))
    assert served.peer.answers[stream_id].status == Status.DEADLINE_EXCEEDED
    assert_ok(served.ask(b"z"), b"z")
