"""Frames that are valid one by one, and an attack by their number."""

from collections.abc import Callable

import pytest

from extauthz.transport.cause import Cause
from extauthz.transport.limits import CONTROL_FRAMES, RESETS, WINDOW_UPDATES, WINDOW_UPDATES_PER_REQUEST
from support import frames
from support.h2_peer import request_fields
from support.h2_session import LIMITS, Served

UPDATES = WINDOW_UPDATES[0] + LIMITS.streams * WINDOW_UPDATES_PER_REQUEST
HEAD = frames.block(request_fields())


def test_updates_of_windows_that_nothing_waits_for() -> None:
    served = Served()
    served.send(frames.window_update(0, 1) * UPDATES)
    assert served.counted == []
    served.session.receive(frames.window_update(0, 1))
    assert served.counted == [Cause.FLOOD]


def test_updates_of_windows_come_back_with_time_and_requests() -> None:
    served = Served(automatic=False)
    served.send(frames.window_update(0, 1) * UPDATES)
    served.now += 1
    served.send(frames.window_update(0, 1) * WINDOW_UPDATES[1])
    served.ask(b"x")
    served.send(frames.window_update(0, 1) * WINDOW_UPDATES_PER_REQUEST)
    assert served.counted == []
    served.session.receive(frames.window_update(0, 1))
    assert served.counted == [Cause.FLOOD]


def test_updates_that_let_an_answer_go_on_are_no_flood() -> None:
    served = Served(peer_settings={4: 0}, automatic=False)
    stream_id, sent = served.peer.request(b"x" * 3 * UPDATES)
    served.send(sent)
    for _ in range(2 * UPDATES):
        served.session.receive(frames.window_update(stream_id, 1))
        (one,) = frames.split(served.session.output())
        assert (one.type, len(one.payload)) == (frames.DATA, 1)
    assert served.counted == []


def test_acknowledgements_of_pings_that_nobody_sent() -> None:
    served = Served()
    served.session.receive(frames.ping(ack=True) * (CONTROL_FRAMES[0] + 1))
    assert served.counted == [Cause.FLOOD]


@pytest.mark.parametrize(
    "provocation",
    [
        lambda at: frames.headers(at, frames.block([*request_fields(), (b"X", b"")]), end=True),
        lambda at: frames.headers(at, HEAD) + frames.headers(at, frames.block([(b"x", b"y")])),
    ],
    ids=["wrong header", "second head"],
)
def test_streams_that_the_server_is_made_to_reset(provocation: Callable[[int], bytes]) -> None:
    served = Served()
    allowed = RESETS[0] + LIMITS.streams
    for number in range(allowed + 2):  # a stream closes when the reset is written, and is counted with the next read
        assert served.counted == []
        served.session.receive(provocation(2 * number + 1))
        served.session.output()
    assert served.counted == [Cause.RAPID_RESET]
    assert served.session.finished


def test_a_reset_by_the_client_counts_once() -> None:
    served = Served()
    for number in range(RESETS[0]):
        served.session.receive(frames.headers(2 * number + 1, HEAD) + frames.rst_stream(2 * number + 1))
        served.session.output()
    assert served.counted == []


def test_bytes_behind_a_goodbye_are_nobodys_error() -> None:
    served = Served()
    served.ask(b"x")
    served.session.receive(frames.goaway())
    served.session.receive(frames.ping())
    served.session.output()
    assert served.session.finished
    assert (served.counted, served.reports) == ([], [])
