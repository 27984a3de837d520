"""Messages arrive whole or not at all."""

import json
import os
import socket
import struct
import threading
import time
from collections.abc import Iterator

import pytest

from extauthz.refresh.message import MAX_FIELDS_BYTES, ConnectionEnded, Message, receive, send

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    one, other = socket.socketpair()
    with one, other:
        yield one, other


def test_fields_bytes_and_a_file_arrive(pair: Pair) -> None:
    reader, writer = os.pipe()
    send(pair[0], Message({"a": [1, "ü"]}, b"blob", writer))
    os.close(writer)
    message = receive(pair[1])
    assert (message.fields, message.blob) == ({"a": [1, "ü"]}, b"blob")
    assert message.descriptor is not None
    os.write(message.descriptor, b"x")
    os.close(message.descriptor)
    assert os.read(reader, 1) == b"x"
    os.close(reader)


def test_messages_keep_their_order_and_their_files(pair: Pair) -> None:
    reader, writer = os.pipe()
    send(pair[0], Message({"n": 1}))
    send(pair[0], Message({"n": 2}, b"", writer))
    send(pair[0], Message({"n": 3}))
    found = [receive(pair[1]) for _ in range(3)]
    assert [(one.fields["n"], one.descriptor is not None) for one in found] == [(1, False), (2, True), (3, False)]
    for descriptor in (reader, writer, found[1].descriptor):
        os.close(descriptor)  # type: ignore[arg-type]  # it is there


def test_a_large_message_arrives_while_it_is_read(pair: Pair) -> None:
    blob = os.urandom(5 << 20)
    thread = threading.Thread(target=send, args=(pair[0], Message({}, blob)))
    thread.start()
    assert receive(pair[1]).blob == blob
    thread.join()


def test_the_end_of_the_other_side_is_told(pair: Pair) -> None:
    pair[0].close()
    with pytest.raises(ConnectionEnded):
        receive(pair[1])
    with pytest.raises(ConnectionEnded):
        send(pair[1], Message({}))


def test_a_message_that_is_cut_short_is_the_end(pair: Pair) -> None:
    pair[0].send(struct.pack("!II", 10, 0) + b"{}")
    pair[0].close()
    with pytest.raises(ConnectionEnded):
        receive(pair[1])


@pytest.mark.parametrize(
    "data",
    [
        struct.pack("!II", MAX_FIELDS_BYTES + 1, 0),
        struct.pack("!II", 2, 1 << 30) + b"{}",
        struct.pack("!II", 2, 0) + b"[]",
        struct.pack("!II", 2, 0) + b"\xff\xff",
    ],
)
def test_what_is_no_message_ends_the_connection(pair: Pair, data: bytes) -> None:
    pair[0].send(data)
    with pytest.raises(ConnectionEnded):
        receive(pair[1])


def test_more_files_than_one_are_refused_and_closed(pair: Pair) -> None:
    fields = json.dumps({}).encode()
    header = struct.pack("!II", len(fields), 0)
    reader, writer = os.pipe()
    socket.send_fds(pair[0], [header], [writer])
    socket.send_fds(pair[0], [fields], [writer])
    os.close(writer)
    with pytest.raises(ConnectionEnded):
        receive(pair[1])
    assert os.read(reader, 1) == b""  # nobody has the other end open any more
    os.close(reader)


def test_a_time_that_is_over_is_a_time_out(pair: Pair) -> None:
    with pytest.raises(TimeoutError):
        receive(pair[1], time.monotonic() + 0.01)
    with pytest.raises(TimeoutError):
        receive(pair[1], time.monotonic() - 1)
    with pytest.raises(TimeoutError):
        send(pair[0], Message({}, b"x" * (20 << 20)), time.monotonic() + 0.05)
