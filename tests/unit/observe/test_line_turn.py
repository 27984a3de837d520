"""Processes take turns at a log, and a torn line is closed by the next one."""

import os
import threading
from collections.abc import Iterator

import pytest

from extauthz.observe.line_sink import DescriptorSink
from extauthz.observe.line_turn import LineTurn
from extauthz.refresh.scratch import scratch_file


@pytest.fixture
def turns() -> Iterator[tuple[LineTurn, LineTurn]]:
    """Return the turns of two processes at one log."""
    with scratch_file() as file:
        one, other = LineTurn(file.fileno()), LineTurn(file.fileno())
        yield one, other
        one.close()
        other.close()


def test_the_second_waits_for_the_first(turns: tuple[LineTurn, LineTurn]) -> None:
    mine, theirs = turns
    had_it = threading.Event()

    def take() -> None:
        with theirs.taken():
            had_it.set()

    with mine.taken():
        thread = threading.Thread(target=take)
        thread.start()
        assert not had_it.wait(0.2)
    thread.join(20)
    assert had_it.is_set()


def test_a_turn_ends_with_an_exception(turns: tuple[LineTurn, LineTurn]) -> None:
    def fail() -> None:
        with turns[0].taken():
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with turns[1].taken():
        pass


def test_each_sees_what_the_other_left(turns: tuple[LineTurn, LineTurn]) -> None:
    mine, theirs = turns
    assert not theirs.mid_line
    mine.mid_line = True
    assert theirs.mid_line
    theirs.mid_line = False
    assert not mine.mid_line


def test_a_line_that_somebody_left_torn_is_closed_first(turns: tuple[LineTurn, LineTurn]) -> None:
    reader, writer = os.pipe()
    turns[0].mid_line = True  # as a process leaves it that is killed while it writes
    sink = DescriptorSink(writer, turns[1])
    sink.write(b"one\n")
    sink.write(b"two\n")
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        assert pipe.read() == b"\none\ntwo\n"
    assert not turns[0].mid_line


def test_lines_longer_than_a_pipe_takes_at_once_stay_whole(turns: tuple[LineTurn, LineTurn]) -> None:
    reader, writer = os.pipe()
    lines, size = 40, 30_000

    def write(turn: LineTurn, letter: bytes) -> None:
        sink = DescriptorSink(writer, turn)
        for _ in range(lines):
            sink.write(letter * size + b"\n")

    threads = [threading.Thread(target=write, args=one) for one in zip(turns, (b"a", b"b"), strict=True)]
    for thread in threads:
        thread.start()
    with os.fdopen(reader, "rb") as pipe:
        found = [pipe.readline() for _ in range(2 * lines)]
    for thread in threads:
        thread.join(20)
    os.close(writer)
    assert sorted(found) == [b"a" * size + b"\n"] * lines + [b"b" * size + b"\n"] * lines


def test_a_failed_write_leaves_word_for_the_next(turns: tuple[LineTurn, LineTurn]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with pytest.raises(BrokenPipeError):
        DescriptorSink(writer, turns[0]).write(b"one\n")
    os.close(writer)
    assert not turns[1].mid_line, "nothing was written, so no line is torn"
