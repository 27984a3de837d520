"""Messages go both ways without anybody waiting, and the end is told once."""

import os
import socket
import threading
import time
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from extauthz.refresh.message import Message
from extauthz.service.workers.link import Link

PATIENCE = 20.0


@dataclass
class End:
    """One end, and what came in."""

    incoming: socket.socket
    outgoing: socket.socket
    messages: list[Message] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)
    came: threading.Condition = field(default_factory=threading.Condition)

    def __post_init__(self) -> None:
        self.link = Link(self.incoming, self.outgoing, on_message=self._take, on_end=self._end)
        self.link.start()

    def _take(self, message: Message) -> None:
        with self.came:
            self.messages.append(message)
            self.came.notify_all()

    def _end(self) -> None:
        with self.came:
            self.ends.append(time.monotonic())
            self.came.notify_all()

    def wait_for(self, messages: int, ends: int = 0) -> None:
        with self.came:
            assert self.came.wait_for(lambda: len(self.messages) >= messages and len(self.ends) >= ends, PATIENCE)


class Owner:
    """Closes a descriptor with its own end."""

    def __init__(self, descriptor: int) -> None:
        weakref.finalize(self, os.close, descriptor)


@pytest.fixture
def ends() -> Iterator[tuple[End, End]]:
    there, back = socket.socketpair(), socket.socketpair()
    one, other = End(back[1], there[0]), End(there[1], back[0])
    yield one, other
    one.link.close(PATIENCE)
    other.link.close(PATIENCE)


def test_messages_arrive_in_order_both_ways(ends: tuple[End, End]) -> None:
    one, other = ends
    for number in range(100):
        one.link.post(Message({"n": number}))
        other.link.post(Message({"n": -number}))
    one.wait_for(100)
    other.wait_for(100)
    assert [message.fields["n"] for message in other.messages] == list(range(100))
    assert [message.fields["n"] for message in one.messages] == [-number for number in range(100)]


def test_posting_never_waits_for_who_reads(ends: tuple[End, End]) -> None:
    one, other = ends
    with other.came:  # the other end is busy
        begun = time.monotonic()
        for _ in range(20):
            one.link.post(Message({}, bytes(1 << 20)))
        assert time.monotonic() - begun < PATIENCE / 2
    other.wait_for(20)


def test_a_descriptor_is_kept_open_until_it_is_sent(ends: tuple[End, End]) -> None:
    one, other = ends
    reader, writer = os.pipe()
    with other.came:
        one.link.post(Message({}, bytes(8 << 20)))
        one.link.post(Message({}, b"", writer), Owner(writer))
    other.wait_for(2)
    (descriptor,) = [message.descriptor for message in other.messages if message.descriptor is not None]
    os.write(descriptor, b"x")
    os.close(descriptor)
    assert os.read(reader, 1) == b"x"
    os.close(reader)


def test_the_end_of_one_is_told_to_the_other_once_and_last(ends: tuple[End, End]) -> None:
    one, other = ends
    one.link.post(Message({"n": 1}))
    one.link.close(PATIENCE)
    other.wait_for(1, ends=1)
    assert [message.fields["n"] for message in other.messages] == [1]
    other.link.post(Message({"n": 2}))
    other.link.close(PATIENCE)
    assert len(other.ends) == len(one.ends) == 1
