"""A connection reads no more than the client takes answers, and its last words are read."""

import asyncio
from typing import cast

import pytest

from extauthz.transport.cause import Cause
from extauthz.transport.connection import Connection
from extauthz.transport.limits import HELD_BYTES, LINGER_SECONDS, READ_BYTES, UNREAD_SECONDS, WRITE_BUFFER_BYTES
from extauthz.transport.session import Session


class FakeTransport:
    """Notes what is done with it."""

    def __init__(self, *, half_close: bool = True) -> None:
        self.done: list[str] = []
        self.written: list[bytes] = []
        self.waiting = 0
        self._half_close = half_close

    def set_write_buffer_limits(self, high: int) -> None:
        assert high == WRITE_BUFFER_BYTES

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def can_write_eof(self) -> bool:
        return self._half_close

    def write_eof(self) -> None:
        self.done.append("eof")

    def close(self) -> None:
        self.done.append("close")

    def abort(self) -> None:
        self.done.append("abort")

    def pause_reading(self) -> None:
        self.done.append("pause")

    def resume_reading(self) -> None:
        self.done.append("resume")

    def is_closing(self) -> bool:
        return False

    def get_write_buffer_size(self) -> int:
        return self.waiting

    def get_extra_info(self, name: str) -> object:
        return {"ssl_object": "tls"}.get(name)


class FakeSession:
    """Repeats what it hears."""

    def __init__(self) -> None:
        self.finished = False
        self.closed = 0
        self.ends = False
        self.said = b"hello"
        self.ticks: list[tuple[float, int]] = []

    def receive(self, data: bytes) -> None:
        self.said += data

    def output(self) -> bytes:
        self.finished |= self.ends
        said, self.said = self.said, b""
        return said

    def tick(self, now: float, *, unwritten: int) -> None:
        self.ticks.append((now, unwritten))

    def leave(self, now: float, grace: float, cause: Cause) -> None:
        self.said += b"leave %d %d %s" % (now, grace, cause.encode())

    def give_up(self, cause: Cause) -> None:
        self.said += cause.encode()
        self.finished = True

    def close(self) -> None:
        self.closed += 1


class Setup:
    def __init__(self, *, half_close: bool = True, wanted: bool = True) -> None:
        self.session = FakeSession()
        self.transport = FakeTransport(half_close=half_close)
        self.lost: list[Connection] = []
        made = cast("Session", self.session) if wanted else None
        self.defects: list[Connection] = []
        self.admitted: list[Connection] = []
        self.connection = Connection(
            lambda _connection: made,
            accepted_at=0.0,
            admitted=self.admitted.append,
            lost=self.lost.append,
            defect=self.defects.append,
        )
        self.connection.connection_made(cast("asyncio.Transport", self.transport))


async def test_it_says_hello_and_answers() -> None:
    one = Setup()
    one.connection.data_received(b"question")
    assert one.transport.written == [b"hello", b"question"]
    assert one.transport.done == []


async def test_what_can_be_answered_with_one_write_is() -> None:
    one = Setup()
    one.connection.data_received(b"x" * HELD_BYTES)
    assert [len(said) for said in one.transport.written] == [5, HELD_BYTES]


async def test_the_first_of_many_questions_do_not_wait_for_the_last() -> None:
    one = Setup()
    one.connection.data_received(b"x" * (HELD_BYTES + READ_BYTES))
    assert [len(said) for said in one.transport.written] == [5, READ_BYTES, HELD_BYTES]


async def test_many_questions_of_a_client_that_does_not_read_are_not_answered_early() -> None:
    one = Setup()
    one.connection.pause_writing()
    one.connection.data_received(b"x" * (HELD_BYTES + READ_BYTES))
    assert one.transport.written == [b"hello"]


async def test_nothing_is_heard_after_the_end_among_many_questions() -> None:
    one = Setup()
    one.session.ends = True
    one.connection.data_received(b"x" * (HELD_BYTES + 3 * READ_BYTES))
    assert len(one.transport.written[-1]) == READ_BYTES
    assert one.transport.done[-1] == "eof"


async def test_a_connection_that_is_not_wanted_is_dropped() -> None:
    one = Setup(wanted=False)
    one.connection.data_received(b"question")
    one.connection.tick(1)
    one.connection.leave(1, 1)
    one.connection.connection_lost(None)
    assert (one.transport.done, one.transport.written) == (["abort"], [])
    assert one.lost == [one.connection]


async def test_a_client_that_does_not_read_is_not_read_from() -> None:
    one = Setup()
    one.connection.pause_writing()
    one.connection.data_received(b"question")
    assert one.transport.done == ["pause"]
    assert one.transport.written == [b"hello"]
    one.connection.resume_writing()
    assert one.transport.done == ["pause", "resume"]
    assert one.transport.written == [b"hello", b"question"]


async def test_what_a_method_says_in_its_own_time_is_written_once() -> None:
    one = Setup()
    one.session.said = b"news"
    one.connection.wake()
    one.connection.wake()
    assert one.transport.written == [b"hello"]
    await asyncio.sleep(0)
    assert one.transport.written == [b"hello", b"news"]


async def test_the_last_words_are_followed_by_an_end_and_a_little_patience() -> None:
    one = Setup()
    one.session.finished = True
    one.session.said = b"bye"
    one.connection.wake()
    await asyncio.sleep(0)
    assert (one.transport.written[-1], one.transport.done, one.session.closed) == (b"bye", ["eof"], 1)
    one.connection.data_received(b"unheard")
    one.connection.tick(100.0)
    one.connection.tick(100.0 + LINGER_SECONDS - 0.01)
    assert one.transport.done == ["eof"]
    one.connection.tick(100.0 + LINGER_SECONDS)
    assert one.transport.done == ["eof", "abort"]
    assert one.transport.written[-1] == b"bye"


async def test_last_words_that_are_not_taken_have_longer() -> None:
    one = Setup()
    one.session.finished = True
    one.connection.data_received(b"")
    one.connection.leave(1, 1)
    one.transport.waiting = 1
    one.connection.tick(100.0)
    one.connection.tick(100.0 + UNREAD_SECONDS - 0.01)
    assert "abort" not in one.transport.done
    one.connection.tick(100.0 + UNREAD_SECONDS)
    assert one.transport.done[-1] == "abort"


async def test_without_half_closing_it_closes() -> None:
    one = Setup(half_close=False)
    one.session.finished = True
    one.connection.leave(1, 1)
    assert one.transport.done == ["close"]


async def test_last_words_go_out_to_a_client_that_does_not_read() -> None:
    one = Setup()
    one.connection.pause_writing()
    one.session.finished = True
    one.session.said = b"bye"
    one.connection.tick(1.0)
    one.connection.leave(1, 1)
    assert one.transport.written[-1].startswith(b"bye")
    assert one.transport.done == ["pause", "eof", "resume"]


async def test_the_session_hears_how_much_waits() -> None:
    one = Setup()
    one.transport.waiting = 7
    one.connection.tick(5.0)
    assert one.session.ticks == [(5.0, 7)]


async def test_leaving_is_said_at_once() -> None:
    one = Setup()
    one.connection.leave(3, 4)
    assert one.transport.written[-1] == b"leave 3 4 drain"
    one.connection.leave(3, 4, Cause.CLIENT_CA)
    assert one.transport.written[-1] == b"leave 3 4 client_ca"


async def test_whoever_makes_way_does_so_at_once() -> None:
    for one in (Setup(), Setup(wanted=False)):
        one.transport.done.clear()
        one.connection.make_way()
        assert one.transport.done == ["abort"]
        assert one.session.said in {b"stranger", b"hello"}


async def test_it_hands_on_that_whoever_is_connected_may_ask() -> None:
    one = Setup()
    assert one.admitted == []
    one.connection.admitted()
    assert one.admitted == [one.connection]
    assert one.connection.stands()


@pytest.mark.parametrize("step", ["receive", "output", "tick", "close"])
async def test_whatever_comes_out_of_a_session_is_a_defect_of_one_connection(
    step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object, **_named: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(FakeSession, step, broken)
    one = Setup()
    one.defects.clear()
    one.connection.data_received(b"x")
    one.connection.tick(1.0)
    one.connection.connection_lost(None)
    assert set(one.defects) == {one.connection}
    assert one.lost == [one.connection]


async def test_a_client_that_goes_ends_its_calls() -> None:
    one = Setup()
    one.connection.connection_lost(None)
    one.session.said = b"late"
    one.connection.wake()
    await asyncio.sleep(0)
    assert (one.session.closed, one.lost) == (1, [one.connection])
    assert one.transport.written == [b"hello"]


async def test_it_can_be_ended_at_once_and_knows_its_tls() -> None:
    one = Setup()
    assert cast("object", one.connection.tls) == "tls"
    one.connection.abort()
    assert one.transport.done == ["abort"]
