"""Connections end in order: notice, final word, cut; and for want of life."""

import pytest

from extauthz.transport.cause import Cause
from extauthz.transport.limits import FIRST_REQUEST_SECONDS, HANDSHAKE_SECONDS, LAST_REQUESTS_SECONDS
from extauthz.transport.status import Status
from support import frames
from support.h2_peer import request_fields
from support.h2_session import CHAT_PATH, LIMITS, Served

NO_ERROR = 0
NOTICE = (0x7FFFFFFF, NO_ERROR, b"")


def quiet(served: Served, seconds: float) -> None:
    """Let time pass with signs of life, in steps that no timer minds."""
    end = served.now + seconds
    while served.now < end and not served.session.finished:
        served.later(min(10, end - served.now))


def test_age_ends_an_idle_connection_in_two_steps() -> None:
    served = Served(automatic=False)
    served.ask(b"x")
    served.now += LIMITS.age - 0.1
    served.session.receive(frames.ping())
    served.later(0.2)
    assert served.peer.goaways == [NOTICE]
    assert served.peer.pings[-1] == b"shutdown"
    assert not served.session.finished
    served.send(frames.ping(b"shutdown", ack=True))
    assert served.peer.goaways == [NOTICE, (1, NO_ERROR, b"")]
    assert served.session.finished
    assert served.counted == [Cause.AGE]


def test_a_request_on_its_way_at_the_notice_is_answered() -> None:
    served = Served(automatic=False)
    served.session.leave(served.now, 30)
    served.flush()
    assert served.peer.goaways == [NOTICE]
    served.send(frames.headers(1, frames.block(request_fields())) + frames.data(1, frames.message(b"x"), end=True))
    served.send(frames.ping(b"shutdown", ack=True))
    assert served.peer.goaways[-1] == (1, NO_ERROR, b"")
    assert served.account.ended == [0]


def test_without_an_acknowledgement_the_final_word_comes_after_a_while() -> None:
    served = Served(automatic=False)
    served.session.leave(served.now, 30)
    served.flush()
    served.later(LAST_REQUESTS_SECONDS)
    assert served.peer.goaways == [NOTICE, (0, NO_ERROR, b"")]
    assert served.counted == [Cause.DRAIN]


def test_calls_in_flight_may_finish() -> None:
    served = Served()
    stream_id, head = served.peer.head()
    served.send(head)
    served.session.leave(served.now, 30)
    served.flush()
    served.later(20)
    assert not served.session.finished
    served.send(frames.data(stream_id, frames.message(b"x"), end=True))
    assert served.peer.answers[stream_id].message == b"x"
    assert served.session.finished
    assert served.counted == [Cause.DRAIN]


def test_calls_in_flight_are_cut_off_when_the_grace_is_over() -> None:
    served = Served()
    stream_id, head = served.peer.head(request_fields(CHAT_PATH))
    served.send(head + frames.data(stream_id, frames.message(b"x")))
    served.session.leave(served.now, 5)
    served.flush()
    served.later(5)
    assert served.session.finished
    served.session.close()
    assert served.stream_account.ended == [Status.CANCELLED]
    assert served.counted == [Cause.DRAIN]


def test_without_any_grace_it_ends_at_once() -> None:
    served = Served()
    stream_id, head = served.peer.head()
    served.send(head)
    served.session.leave(served.now, 0)
    served.flush()
    assert served.session.finished
    assert served.peer.goaways == [(stream_id, NO_ERROR, b"")]


def test_a_second_word_brings_the_end_forward() -> None:
    served = Served()
    _, head = served.peer.head()
    served.send(head)
    served.session.leave(served.now, 30)
    served.flush()
    served.session.leave(served.now, 0)
    assert served.session.finished
    assert served.counted == [Cause.DRAIN]


def test_streams_after_the_final_word_are_not_answered() -> None:
    served = Served()
    _, head = served.peer.head()
    served.send(head)
    served.session.leave(served.now, 30)
    served.flush()
    assert served.peer.goaways[-1] == (1, NO_ERROR, b"")
    served.session.receive(
        frames.headers(3, frames.block(request_fields())) + frames.data(3, frames.message(b"late"), end=True)
    )
    assert served.asked == []


@pytest.mark.parametrize("spread", [0.9, 1.0, 1.1])
def test_ages_differ(spread: float) -> None:
    served = Served(spread=spread)
    served.ask(b"x")
    quiet(served, LIMITS.age * spread - 1)
    assert not served.session.finished
    quiet(served, 2)
    assert served.session.finished
    assert served.counted == [Cause.AGE]


def test_a_silent_client_is_pinged_and_lives_if_it_answers() -> None:
    served = Served()
    served.ask(b"x")
    for number in range(1, 4):
        served.later(LIMITS.keepalive)
        assert served.peer.pings == [b"alive?\0\0"] * number
        served.later(LIMITS.keepalive_timeout)
    assert not served.session.finished


def test_a_client_that_does_not_answer_is_cut_off() -> None:
    served = Served(automatic=False)
    served.ask(b"x")
    served.later(LIMITS.keepalive)
    served.later(LIMITS.keepalive_timeout - 0.1)
    assert not served.session.finished
    served.later(0.2)
    assert served.session.finished
    assert served.counted == [Cause.KEEPALIVE]
    assert served.peer.goaways == [(1, NO_ERROR, b"keepalive_timeout")]


def test_any_sign_of_life_counts() -> None:
    served = Served(automatic=False)
    served.ask(b"x")
    served.later(LIMITS.keepalive)
    served.ask(b"x")
    served.later(LIMITS.keepalive_timeout)
    assert not served.session.finished


def test_a_connection_that_never_asks_is_closed() -> None:
    limits = LIMITS.__class__(
        message_bytes=1000, streams=10, age=10_000.0, age_grace=30.0, keepalive=60.0, keepalive_timeout=20.0
    )
    served = Served(limits=limits)
    quiet(served, FIRST_REQUEST_SECONDS - 1)
    assert not served.session.finished
    quiet(served, 2)
    assert served.session.finished
    assert served.counted == [Cause.IDLE]


def test_the_first_request_is_told_of_once() -> None:
    served = Served()
    assert served.introduced == 0
    for _ in range(3):
        served.ask(b"x")
        served.send(served.peer.head([*request_fields(), (b"x-odd", b"1")])[1])
    assert served.introduced == 1


def test_each_request_is_told_of_until_whoever_asks_may() -> None:
    served = Served()
    served.may_ask = False
    for _ in range(3):  # each with the same headers as the one before
        served.ask(b"x")
    assert served.introduced == 3
    served.may_ask = True
    for _ in range(3):
        served.ask(b"x")
    assert served.introduced == 4


def test_the_handshake_counts_as_time_without_a_hello() -> None:
    served = Served(hello=False, handshake=HANDSHAKE_SECONDS - 1)
    served.now += 0.9
    served.session.tick(served.now, unwritten=0)
    assert not served.session.finished
    served.now += 0.2
    served.session.tick(served.now, unwritten=0)
    assert served.counted == [Cause.HANDSHAKE]


@pytest.mark.parametrize("said", [b"", frames.PREFACE[:10], frames.PREFACE])
def test_a_connection_without_a_whole_hello_is_closed(said: bytes) -> None:
    served = Served(hello=False)
    served.session.output()
    if said:
        served.session.receive(said)
    served.session.tick(served.now + HANDSHAKE_SECONDS - 0.1, unwritten=0)
    assert not served.session.finished
    served.session.tick(served.now + HANDSHAKE_SECONDS, unwritten=0)
    assert served.session.finished
    assert served.counted == [Cause.HANDSHAKE]
    assert frames.split(served.session.output())[-1].payload == bytes(4) + b"\0\0\0\4"


def test_a_client_that_says_goodbye_gets_its_answers_first() -> None:
    served = Served()
    stream_id, head = served.peer.head()
    served.send(head + frames.goaway())
    assert not served.session.finished
    served.send(frames.data(stream_id, frames.message(b"x"), end=True))
    assert served.peer.answers[stream_id].message == b"x"
    assert served.session.finished
    assert served.counted == []


def test_a_client_that_complains_is_no_error_of_its_own() -> None:
    served = Served()
    served.session.receive(frames.goaway(2))
    served.session.output()
    assert served.session.finished
    assert served.counted == []


def test_after_the_end_nothing_happens() -> None:
    served = Served()
    served.session.leave(served.now, 0)
    served.session.output()
    served.session.tick(served.now + 1000, unwritten=5)
    served.session.leave(served.now, 0)
    assert served.session.output() == b""
    assert served.counted == [Cause.DRAIN]
