"""A conversation in HTTP/1.1: one answer for each request, in order, and an end for whatever is none."""

import re
import time
from collections.abc import Sequence

import pytest

from extauthz.transport.cause import Cause
from extauthz.transport.http1 import session as session_module
from extauthz.transport.http1.limits import (
    BODY_BYTES,
    BODY_SECONDS,
    HEAD_BYTES,
    HEAD_SECONDS,
    HEADER_COUNT,
    STRANGER_SECONDS,
    Http1Limits,
)
from extauthz.transport.http1.pieces import Pieces
from extauthz.transport.http1.reply import Reply
from extauthz.transport.http1.requests import Request
from extauthz.transport.http1.session import Http1Session
from extauthz.transport.limits import UNREAD_SECONDS

AGE, IDLE = 100.0, 50.0
GET = b"GET /check HTTP/1.1\r\nhost: a\r\n\r\n"


class Talk:
    """A session, the client of it, and what it counted."""

    def __init__(self, reply: Reply | None = None, *, handshake: float = 0.0, known: bool = False) -> None:
        """``handshake``: how many seconds it took; ``known``: and it has shown who may ask."""
        self.now = 1000.0
        self.reply = reply or Reply(200, b"x-who: alice\r\n", b"ok", stays=True)
        self.requests: list[Request] = []
        self.counted: list[Cause] = []
        self.reports: list[str] = []
        self.ending = False
        self.admitted = 0
        self.may_ask = False
        self.session = Http1Session(
            Http1Limits(age=AGE, idle=IDLE),
            self._answer,
            known=known,
            may_ask=lambda _request: self.may_ask,
            admitted=self._is_admitted,
            clock=lambda: self.now,
            begun=self.now - handshake,
            spread=1.0,
            ending=lambda: self.ending,
            count=self.counted.append,
            report=self.reports.append,
        )

    def _is_admitted(self) -> None:
        self.admitted += 1

    def _answer(self, request: Request) -> Reply:
        self.requests.append(request)
        return self.reply

    def say(self, *pieces: bytes) -> bytes:
        for piece in pieces:
            self.session.receive(piece)
        return self.session.output()


def statuses(output: bytes) -> Sequence[int]:
    return [int(found) for found in re.findall(rb"HTTP/1\.1 (\d{3}) ", output)]


@pytest.fixture
def talk() -> Talk:
    return Talk()


def test_a_request_is_answered_in_full(talk: Talk) -> None:
    assert talk.say(GET) == b"HTTP/1.1 200 OK\r\nx-who: alice\r\ncontent-length: 2\r\n\r\nok"
    assert talk.requests == [Request(b"GET", b"/check", [(b"host", b"a")])]
    assert not talk.session.finished


def test_names_are_lower_case_and_values_as_they_came(talk: Talk) -> None:
    talk.say(b"POST /c?q=%2f HTTP/1.1\r\nHost: A\r\nX-Some-Thing:  \xc3\xa9 b\t\r\nX-Some-Thing: 2\r\n\r\n")
    request = talk.requests[0]
    assert (request.method, request.target) == (b"POST", b"/c?q=%2f")
    assert [(name, value.strip()) for name, value in request.headers] == [
        (b"host", b"A"),
        (b"x-some-thing", b"\xc3\xa9 b"),
        (b"x-some-thing", b"2"),
    ]


@pytest.mark.parametrize("size", [1, 2, 7])
def test_pieces_of_any_size_make_the_same_request(size: int, talk: Talk) -> None:
    whole = Talk().say(GET * 2)
    assert talk.say(*[(GET * 2)[at : at + size] for at in range(0, 2 * len(GET), size)]) == whole
    assert len(talk.requests) == 2


def test_a_head_question_gets_no_body_but_its_length(talk: Talk) -> None:
    assert talk.say(GET.replace(b"GET", b"HEAD")).endswith(b"content-length: 2\r\n\r\n")


def test_a_body_is_read_and_thrown_away(talk: Talk) -> None:
    body = b"POST /check HTTP/1.1\r\ncontent-length: 5\r\n\r\nGET /"
    chunked = b"POST /check HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n5\r\nGET /\r\n0\r\n\r\n"
    assert statuses(talk.say(body + chunked + GET)) == [200, 200, 200]
    assert [request.method for request in talk.requests] == [b"POST", b"POST", b"GET"]


def test_a_client_that_waits_for_a_go_ahead_gets_it(talk: Talk) -> None:
    output = talk.say(b"POST /check HTTP/1.1\r\nexpect: 100-continue\r\ncontent-length: 1\r\n\r\n")
    assert output == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert statuses(talk.say(b"x")) == [200]


def test_a_go_ahead_is_awaited_with_space_behind_the_word_too(talk: Talk) -> None:
    output = talk.say(b"POST /check HTTP/1.1\r\nexpect: 100-continue \t\r\ncontent-length: 1\r\n\r\n")
    assert output == b"HTTP/1.1 100 Continue\r\n\r\n"


def test_nothing_is_said_behind_the_last_answer(talk: Talk) -> None:
    waiting = b"POST /check HTTP/1.1\r\nexpect: 100-continue\r\ncontent-length: 1\r\n\r\n"
    output = talk.say(GET.replace(b"host", b"connection: close\r\nhost") + waiting)
    assert output.endswith(b"\r\n\r\nok")


def test_a_length_may_begin_with_any_number_of_zeros(talk: Talk) -> None:
    head = b"POST /check HTTP/1.1\r\ncontent-length: " + b"0" * 5000 + b"1\r\n\r\n"
    assert statuses(talk.say(head + b"x" + GET)) == [200, 200]
    assert talk.reports == []


def test_a_request_without_a_version_is_refused_whatever_its_target_is_called(talk: Talk) -> None:
    assert statuses(talk.say(b"CONNECT HTTP/1.1\r\n\r\n")) == [400]
    assert talk.requests == []


def test_an_empty_line_behind_a_request_begins_none(talk: Talk) -> None:
    """RFC 9112, section 2.2: it is to be ignored. So it is idleness that ends the connection, and not slowness."""
    talk.say(GET + b"\r\n")
    talk.now += HEAD_SECONDS + 1
    talk.session.tick(talk.now, unwritten=0)
    assert not talk.session.finished
    assert statuses(talk.say(GET)) == [200]


def test_whoever_says_close_is_told_the_same_and_left(talk: Talk) -> None:
    output = talk.say(b"GET /check HTTP/1.1\r\nconnection: close\r\n\r\n" + GET)
    assert b"connection: close\r\n" in output
    assert statuses(output) == [200]
    assert talk.session.finished
    assert talk.counted == []


def test_http_1_0_is_left_unless_it_asks_to_stay(talk: Talk) -> None:
    staying = talk.say(b"GET /check HTTP/1.0\r\nconnection: keep-alive\r\n\r\n")
    assert b"connection: keep-alive\r\n" in staying
    assert b"connection: close\r\n" in talk.say(b"GET /check HTTP/1.0\r\n\r\n")
    assert talk.session.finished


@pytest.mark.parametrize(
    "request_bytes",
    [
        pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", id="http/2"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00", id="tls"),
        pytest.param(b"hello\r\n\r\n", id="words"),
        pytest.param(b"GET /check\r\n\r\n", id="http/0.9"),
        pytest.param(b"GET /check HTTP/9.9\r\n\r\n", id="version"),
        pytest.param(b"GET /check RTSP/1.0\r\n\r\n", id="rtsp"),
        pytest.param(b"GET  /check  RTSP/1.1\r\n\r\n", id="rtsp and spaces"),
        pytest.param(b"\r\nOPTIONS * RTSP/1.0\r\ncseq: 1\r\n\r\n", id="rtsp options"),
        pytest.param(b"SOURCE /check ICE/1.0\r\n\r\n", id="ice"),
        pytest.param(b"GET /check HTTPS/1.1\r\n\r\n", id="unknown protocol"),
        pytest.param(b"G ET /check HTTP/1.1\r\n\r\n", id="method"),
        pytest.param(b"GET /check HTTP/1.1\r\nbad name: x\r\n\r\n", id="space in a name"),
        pytest.param(b"GET /check HTTP/1.1\r\nname : x\r\n\r\n", id="space before the colon"),
        pytest.param(b"GET /check HTTP/1.1\r\nn: a\r\n b\r\n\r\n", id="folded line"),
        pytest.param(b"GET /check HTTP/1.1\r\nn: a\0b\r\n\r\n", id="nul"),
        pytest.param(b"GET /check HTTP/1.1\r\nn: a\rb\r\n\r\n", id="bare cr"),
        pytest.param(b"GET /check HTTP/1.1\nn: a\n\n", id="bare lf"),
        pytest.param(b"POST /check HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nx", id="two lengths"),
        pytest.param(b"POST /check HTTP/1.1\r\ncontent-length: +1\r\n\r\nx", id="signed length"),
        pytest.param(b"POST /check HTTP/1.1\r\ncontent-length: 1,1\r\n\r\nx", id="list of lengths"),
        pytest.param(
            b"POST /check HTTP/1.1\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", id="cl and te"
        ),
        pytest.param(b"POST /check HTTP/1.1\r\ntransfer-encoding: chunked, x\r\n\r\n0\r\n\r\n", id="te not last"),
        pytest.param(b"POST /check HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n-1\r\n\r\n", id="negative chunk"),
    ],
)
def test_what_is_no_request_of_one_meaning_ends_the_connection(request_bytes: bytes, talk: Talk) -> None:
    output = talk.say(request_bytes + GET)
    assert statuses(output) == [400]
    assert b"connection: close\r\n" in output
    assert talk.requests == []
    assert talk.session.finished
    assert talk.counted == [Cause.PROTOCOL_ERROR]
    assert talk.say(GET) == b"", "nothing is read any more"


BEFORE = {
    "nothing": b"",
    "one": GET,
    "several": GET * 3,
    "a body": b"POST /check HTTP/1.1\r\ncontent-length: 3\r\n\r\nabc",
    "empty lines": b"\r\n\r\n\r" + GET + b"\r\n\r\n",
    "a body of empty lines": b"POST /check HTTP/1.1\r\ncontent-length: 8\r\n\r\n\r\n\r\n\r\n\r\n",
    "no body": b"POST /check HTTP/1.1\r\ncontent-length: 0\r\n\r\n",
    "chunks": b"POST /check HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n4;x=y\r\n\r\n\r\n\r\n0\r\n\r\n",
    "trailers": b"POST /check HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n1\r\n0\r\n0\r\nx: y\r\n\r\n",
    "names of others": b"GET /check HTTP/1.1\r\nx: GET /check RTSP/1.0\r\ny: a ICE/1.0\r\n\r\n",
}


@pytest.mark.parametrize("before", BEFORE.values(), ids=BEFORE.keys())
def test_another_protocol_is_found_wherever_it_is_cut_and_whatever_comes_before(before: bytes) -> None:
    said = before + b"GET /check RTSP/1.0\r\nx: GET /check HTTP/1.1\r\n\r\n" + GET
    good = [200] * len(re.findall(rb"(?:GET|POST) /check HTTP/1.1\r\n(?!\r\n)", before))
    for size in range(1, len(said) + 1):
        talk = Talk()
        output = talk.say(*[said[at : at + size] for at in range(0, len(said), size)])
        assert (statuses(output), talk.counted) == ([*good, 400], [Cause.PROTOCOL_ERROR]), size
        assert len(talk.requests) == len(good)


@pytest.mark.parametrize("before", BEFORE.values(), ids=BEFORE.keys())
def test_names_of_other_protocols_may_stand_in_headers_and_targets(before: bytes) -> None:
    head = b"GET /RTSP/1.0 HTTP/1.1\r\nvia: 1.0 RTSP/1.0\r\nx: GET /RTSP/1.0 RTSP/1.0\r\ny: a ICE/1.0\r\n\r\n"
    for size in (1, 2, 3, 7, len(before) + 9, len(before + head) + 5, 10_000):
        talk = Talk()
        said = before + head + head
        output = talk.say(*[said[at : at + size] for at in range(0, len(said), size)])
        assert set(statuses(output)) == {200}
        assert [request.target for request in talk.requests[-2:]] == [b"/RTSP/1.0", b"/RTSP/1.0"]


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"GET  /check  HTTP/1.1", 200),
        (b"\r\n\r\nGET /check HTTP/1.1", 200),
        (b"GET / HTTP/1.1 RTSP/1.0", 400),
        (b"GET /check RTSP/1.0 HTTP/1.1", 400),
        (b"GET /check  HTTP/1.0 RTSP/1.1", 400),
    ],
)
def test_what_the_line_ends_with_is_the_protocol(line: bytes, status: int, talk: Talk) -> None:
    assert statuses(talk.say(line + b"\r\nx: y\r\n\r\n")) == [status]


def test_a_parser_that_sees_a_beginning_where_there_should_be_none_is_not_believed(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Pieces, "end", lambda _self, data, _begin, *, body: len(data))
    assert statuses(talk.say(GET + GET)) == [200, 400]
    assert (len(talk.requests), talk.counted) == (1, [Cause.PROTOCOL_ERROR])


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(b"GET /check HTTP/1.1\r\na: " + b" RTSP/" * 40_000 + b"\r\n\r\n", id="names of others"),
        pytest.param(b"\r\n\r\n" * 60_000 + GET, id="empty lines"),
        pytest.param(
            b"POST /check HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n3d090\r\n"
            + b"\r\n" * 125_000
            + b"\r\n0\r\n\r\n",
            id="a body of empty lines",
        ),
    ],
)
@pytest.mark.parametrize("size", [100, 1 << 14])
def test_no_request_costs_more_than_its_length(said: bytes, size: int, talk: Talk) -> None:
    begun = time.process_time()
    output = talk.say(*[said[at : at + size] for at in range(0, len(said), size)])
    assert time.process_time() - begun < 2, "250 kB take a hundredth of that, or a tenth in pieces"
    assert set(statuses(output)) == {200}


def test_long_targets_cost_no_more_than_their_length() -> None:
    begun = time.process_time()
    for number in range(30):  # each another, so that nothing remembered helps
        said = b"GET  /check/%d" % number + b"-" * 250_000 + b" HTTP/1.1\r\na: x RTSP/\r\n\r\n"
        assert statuses(Talk().say(*[said[at : at + (1 << 14)] for at in range(0, len(said), 1 << 14)])) == [200]
    assert time.process_time() - begun < 2, "they take a tenth of that"


def test_another_protocol_is_not_changed_to(talk: Talk) -> None:
    upgrade = b"GET /check HTTP/1.1\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n"
    output = talk.say(upgrade + GET)
    assert statuses(output) == [200]
    assert b"connection: close\r\n" in output
    assert len(talk.requests) == 1
    assert talk.session.finished


def test_a_head_that_never_ends_is_ended(talk: Talk) -> None:
    talk.say(b"GET /check HTTP/1.1\r\n")
    line = b"x: " + b"y" * 16_000 + b"\r\n"
    output = b""
    for _ in range(HEAD_BYTES // len(line) + 2):
        output += talk.say(line)
    assert statuses(output) == [431]
    assert talk.counted == [Cause.HEADERS_TOO_LARGE]


def test_a_head_of_many_lines_is_ended(talk: Talk) -> None:
    lines = b"x: y\r\n" * (HEADER_COUNT + 1)
    assert statuses(talk.say(b"GET /check HTTP/1.1\r\n" + lines + b"\r\n")) == [431]
    allowed = Talk()
    lines = b"x: y\r\n" * HEADER_COUNT
    assert statuses(allowed.say(b"GET /check HTTP/1.1\r\n" + lines + b"\r\n")) == [200]


def test_many_small_requests_are_no_large_head(talk: Talk) -> None:
    filling = b"x: " + b"y" * 8000 + b"\r\n\r\n"
    for _ in range(HEAD_BYTES // 8000 + 8):
        assert statuses(talk.say(b"GET /check HTTP/1.1\r\n" + filling)) == [200]


def test_a_body_that_never_ends_is_ended(talk: Talk) -> None:
    talk.say(b"POST /check HTTP/1.1\r\ncontent-length: 99999999\r\n\r\n")
    output = b""
    for _ in range(BODY_BYTES // (1 << 16) + 2):
        output += talk.say(b"x" * (1 << 16))
    assert statuses(output) == [413]
    assert talk.counted == [Cause.REQUEST_BYTES]


def test_a_defect_in_one_answer_is_a_deny_and_no_500(talk: Talk) -> None:
    def broken(_request: Request) -> Reply:
        raise KeyError

    talk.session._answer = broken
    assert statuses(talk.say(GET)) == [403]
    assert talk.reports == ["a request failed"]
    assert talk.session.finished


def test_a_defect_of_the_reader_ends_the_connection(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_data: bytes) -> None:
        raise KeyError

    monkeypatch.setattr(talk.session._reader, "feed", broken)
    assert statuses(talk.say(GET)) == [403]
    assert (talk.counted, talk.reports) == ([Cause.INTERNAL], ["a connection failed"])


# Time.


@pytest.mark.parametrize(
    ("said", "seconds"),
    [(b"GET /check", HEAD_SECONDS), (b"POST /check HTTP/1.1\r\ncontent-length: 9\r\n\r\nx", BODY_SECONDS)],
    ids=["head", "body"],
)
def test_a_request_that_does_not_come_to_its_end_in_time_is_ended(said: bytes, seconds: float, talk: Talk) -> None:
    talk.say(GET + said)
    for _ in range(4):  # a byte now and then does not help
        talk.now += seconds / 4 - 0.001
        talk.session.tick(talk.now, unwritten=0)
        assert not talk.session.finished
        talk.say(b"x")
    talk.session.tick(talk.now + 0.01, unwritten=0)
    assert statuses(talk.session.output()) == [408]
    assert talk.counted == [Cause.SLOW_REQUEST]


@pytest.mark.parametrize(
    ("said", "status", "cause"),
    [
        (b"", [], Cause.IDLE),
        (b"GET /check", [408], Cause.SLOW_REQUEST),
        (b"POST /check HTTP/1.1\r\ncontent-length: 99\r\n\r\nx", [408], Cause.SLOW_REQUEST),
    ],
    ids=["silent", "head", "body"],
)
def test_a_stranger_has_one_short_time_for_all_that_it_does(said: bytes, status: Sequence[int], cause: Cause) -> None:
    talk = Talk(handshake=4.0)
    left = STRANGER_SECONDS - 4.0
    if said:
        talk.say(said)
    for _ in range(4):  # a byte now and then does not help
        talk.now += left / 4 - 0.001
        talk.session.tick(talk.now, unwritten=0)
        assert not talk.session.finished
        if said:
            talk.say(b"x")
    talk.session.tick(talk.now + 0.004, unwritten=0)
    assert (statuses(talk.session.output()), talk.session.finished, talk.counted) == (status, True, [cause])
    assert talk.admitted == 0


def test_whoever_may_ask_is_a_stranger_no_more(talk: Talk) -> None:
    talk.say(GET + GET)
    assert talk.admitted == 1
    talk.session.tick(talk.now + IDLE - 0.01, unwritten=0)
    assert not talk.session.finished


def test_whoever_has_shown_a_certificate_is_none_from_the_beginning() -> None:
    talk = Talk(handshake=4.0, known=True)
    talk.session.tick(talk.now + IDLE - 0.01, unwritten=0)
    assert not talk.session.finished
    talk.say(GET)
    assert talk.admitted == 0, "whoever says so knows it"


@pytest.mark.parametrize(
    "body", [b"content-length: 99\r\n\r\nx", b"transfer-encoding: chunked\r\n\r\n5\r\nx"], ids=["length", "chunks"]
)
def test_whoever_may_ask_has_the_time_of_a_body_once_its_head_is_there(body: bytes, talk: Talk) -> None:
    talk.may_ask = True
    talk.say(b"POST /check HTTP/1.1\r\n" + body)
    assert talk.admitted == 1
    talk.session.tick(talk.now + BODY_SECONDS - 0.01, unwritten=0)
    assert not talk.session.finished
    talk.session.tick(talk.now + BODY_SECONDS, unwritten=0)
    assert (statuses(talk.session.output()), talk.counted) == ([408], [Cause.SLOW_REQUEST])


def test_whoever_may_not_stays_one(talk: Talk) -> None:
    talk.reply = Reply(403, b"", b"no")
    talk.say(GET)
    assert talk.admitted == 0


def test_a_short_idle_time_is_that_of_strangers_too(monkeypatch: pytest.MonkeyPatch, talk: Talk) -> None:
    monkeypatch.setattr(talk.session, "_limits", Http1Limits(age=AGE, idle=1.0))
    talk.session.tick(talk.now + 1.0, unwritten=0)
    assert (talk.session.finished, talk.counted) == (True, [Cause.IDLE])


def test_whoever_may_not_ask_is_answered_and_left(talk: Talk) -> None:
    talk.reply = Reply(403, b"", b"no")
    output = talk.say(GET + GET)
    assert statuses(output) == [403]
    assert b"connection: close\r\n" in output
    assert talk.session.finished


@pytest.mark.parametrize(
    "after",
    [b"x: " + b"a" * (1 << 20), b"x: y\r\n" * (HEADER_COUNT + 1), b"0" * (1 << 20), b"5;" + b"e" * (1 << 20)],
    ids=["one trailer", "many trailers", "chunk size", "chunk extension"],
)
def test_what_is_neither_head_nor_body_is_bounded(after: bytes, talk: Talk) -> None:
    talk.say(b"POST /check HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n" + (b"" if after[:1] in b"05" else b"0\r\n"))
    begun = time.process_time()
    output = b""
    for at in range(0, len(after), 1 << 14):
        output += talk.say(after[at : at + (1 << 14)])
        if talk.session.finished:
            break
    assert talk.session.finished
    assert statuses(output)[0] in {400, 431}
    assert time.process_time() - begun < 2, "each byte must be looked at once, or nearly so"


def test_a_trailer_is_no_header(talk: Talk) -> None:
    trailers = b"0\r\nx-ssl-client-cert: forged\r\nx-original-uri: /admin\r\n\r\n"
    talk.say(b"POST /check HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n" + trailers + GET)
    assert [request.headers[-1] for request in talk.requests] == [(b"transfer-encoding", b"chunked"), (b"host", b"a")]


def test_requests_that_follow_one_another_without_a_pause_are_not_late(talk: Talk) -> None:
    for _ in range(20):  # each read ends within a request
        talk.say(GET[9:] + GET[:9] if talk.requests else GET + GET[:9])
        talk.now += HEAD_SECONDS / 10
        talk.session.tick(talk.now, unwritten=0)
    assert not talk.session.finished
    assert len(talk.requests) == 20


@pytest.mark.parametrize("said", [b"expect: something-else\r\n", b"expect: 100-continue\r\nx: HTTP/1.0\r\n"])
def test_nobody_else_gets_a_go_ahead(said: bytes, talk: Talk) -> None:
    version = b"HTTP/1.0" if b"1.0" in said else b"HTTP/1.1"
    assert talk.say(b"POST /check " + version + b"\r\n" + said + b"content-length: 1\r\n\r\n") == b""


def test_a_connection_that_says_nothing_ends_in_silence(talk: Talk) -> None:
    talk.say(GET)
    talk.now += IDLE
    talk.session.tick(talk.now - 0.01, unwritten=0)
    assert not talk.session.finished
    talk.session.tick(talk.now, unwritten=0)
    assert (talk.session.output(), talk.session.finished, talk.counted) == (b"", True, [Cause.IDLE])


def test_an_old_connection_ends_with_its_next_answer(talk: Talk) -> None:
    talk.now += AGE - 0.01
    assert b"connection" not in talk.say(GET)
    talk.now += 0.01
    talk.session.tick(talk.now, unwritten=0)
    assert not talk.session.finished
    assert b"connection: close\r\n" in talk.say(GET)
    assert talk.counted == [Cause.AGE]


def test_whoever_takes_no_answers_is_cut_off(talk: Talk) -> None:
    for waiting in (10, 9, 9):
        talk.session.tick(talk.now, unwritten=waiting)
        talk.now += UNREAD_SECONDS - 1
        talk.say(GET)
    assert not talk.session.finished
    talk.session.tick(talk.now + 2, unwritten=9)
    assert (talk.session.finished, talk.counted) == (True, [Cause.UNREAD])


def test_whoever_takes_them_again_is_not(talk: Talk) -> None:
    talk.say(GET)
    talk.session.tick(talk.now, unwritten=9)
    talk.session.tick(talk.now + 1, unwritten=0)
    talk.now += UNREAD_SECONDS + 2
    talk.session.tick(talk.now, unwritten=9)
    assert not talk.session.finished


# The end.


def test_an_idle_connection_ends_at_once_when_the_service_does(talk: Talk) -> None:
    talk.say(GET)
    talk.session.leave(talk.now, 5.0)
    assert (talk.session.finished, talk.counted) == (True, [Cause.DRAIN])


def test_a_request_on_its_way_is_answered_before_the_end(talk: Talk) -> None:
    talk.say(GET[:9])
    talk.session.leave(talk.now, 5.0)
    assert not talk.session.finished
    output = talk.say(GET[9:])
    assert statuses(output) == [200]
    assert b"connection: close\r\n" in output
    assert (talk.session.finished, talk.counted) == (True, [Cause.DRAIN])


def test_while_the_service_is_about_to_end_each_answer_is_the_last(talk: Talk) -> None:
    talk.say(GET)
    talk.ending = True
    assert b"connection: close\r\n" in talk.say(GET)
    assert (talk.session.finished, talk.counted) == (True, [Cause.DRAIN])


def test_the_grace_is_not_longer_than_said(talk: Talk) -> None:
    talk.say(GET[:9])
    talk.session.leave(talk.now, 5.0)
    talk.session.tick(talk.now + 4.9, unwritten=0)
    assert not talk.session.finished
    talk.session.tick(talk.now + 5.0, unwritten=0)
    assert talk.session.finished
    talk.session.tick(talk.now + 99.0, unwritten=0)
    assert talk.counted == [Cause.DRAIN]


def test_the_end_has_the_cause_that_it_was_given(talk: Talk) -> None:
    talk.say(GET[:9])
    talk.session.leave(talk.now, 5.0, Cause.CLIENT_CA)
    assert b"connection: close\r\n" in talk.say(GET[9:])
    assert talk.counted == [Cause.CLIENT_CA]


def test_one_who_is_given_up_is_counted_once(talk: Talk) -> None:
    talk.session.give_up(Cause.UNREAD)
    talk.session.give_up(Cause.STRANGER)
    talk.session.close()
    assert (talk.session.finished, talk.counted, talk.session.unsent) == (True, [Cause.UNREAD], 0)


def test_every_status_has_its_line() -> None:
    for status in (200, 401, 403, 404, 429):
        assert statuses(Talk(Reply(status, b"", b"", stays=True)).say(GET)) == [status]
    assert session_module.DEFECT.status == 403
