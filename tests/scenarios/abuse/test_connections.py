"""Too many connections, and connections that end in every way but the orderly one."""

import socket
import time
from collections.abc import Iterator

import pytest

from extauthz.transport.cause import Cause
from support import frames
from support.edge_pki import EdgePki
from support.service import RealService, eventually
from support.victim import MIB, Questions, Victim, abuse_site

FILES = 240
ROOM = FILES - 128
"""``SPARE_FILES`` are kept for other things than connections."""


@pytest.fixture(scope="module")
def service(pki: EdgePki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealService]:
    """Start a service that may open few files."""
    service = RealService(abuse_site(tmp_path_factory.mktemp("abuse"), pki).path)
    service.command = ("/bin/sh", "-c", f'ulimit -n {FILES}; exec "$@"', "sh", *service.command)
    with service:
        yield service


@pytest.fixture
def victim(service: RealService, questions: Questions) -> Iterator[Victim]:
    with Victim(service, questions) as victim:
        yield victim


def test_more_connections_than_there_is_room_for(victim: Victim) -> None:
    """Those that have asked go on; one that is too many ends at once; there is room again when others have gone."""
    taken = victim.connections()
    inside = []
    for _ in range(ROOM - taken):
        inside.append(victim.wire())
        victim.alive(inside[-1])
    outside = [victim.wire(hello=False) for _ in range(100)]
    for wire in outside:
        wire.listen_to_end()
        assert wire.frames == []
    victim.counts(*[Cause.TOO_MANY_CONNECTIONS] * 100)
    assert victim.connections() == ROOM
    for wire in inside:
        victim.alive(wire)
    for wire in inside[:10]:
        wire.close()
    eventually(lambda: victim.connections() <= ROOM - 10 or None, "room")
    for _ in range(10):
        victim.alive(victim.wire())


def test_connections_opened_and_left_without_a_word(victim: Victim) -> None:
    before = victim.resident()
    host, _, port = victim.service.grpc_address.rpartition(":")
    for number in range(3000):
        one = socket.create_connection((host, int(port)))
        if number % 2:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        one.close()
    eventually(lambda: victim.connections() == 1 or None, "only the bystander", show=victim.connections)
    assert victim.resident() - before < 16 * MIB
    assert set(victim.counted()) <= {Cause.TOO_MANY_CONNECTIONS}


def test_connections_with_one_question_each(victim: Victim) -> None:
    before = victim.resident()
    for number in range(1000):
        wire = victim.wire()
        name = ("alice", "mallory", "bob")[number % 3]
        assert wire.verdict(victim.ask(wire, name)) == (name != "mallory")
        (wire.close, wire.reset, wire.half_close)[number % 3]()
        wire.close()
    eventually(lambda: victim.connections() == 1 or None, "only the bystander", show=victim.connections)
    assert victim.resident() - before < 16 * MIB
    victim.counts()


@pytest.mark.parametrize("way", ["close", "reset"])
def test_a_client_that_goes_in_the_middle_of_everything(way: str, victim: Victim) -> None:
    whole = frames.data(1, frames.message(victim.questions.alice), end=True)
    for length in range(0, len(whole), 37):
        wire = victim.wire()
        wire.head()
        wire.say(whole[:length])
        getattr(wire, way)()
    victim.counts()


def test_a_client_that_has_half_closed_gets_its_answers(victim: Victim) -> None:
    wire = victim.wire(automatic=False)
    streams = [(name, victim.ask(wire, name)) for name in ("alice", "mallory", "bob") * 10]
    wire.half_close()
    assert all(wire.verdict(stream_id) == (name != "mallory") for name, stream_id in streams)
    wire.listen_to_end()
    victim.counts()


def test_a_client_that_has_half_closed_in_a_request_is_not_waited_for(victim: Victim) -> None:
    begun = time.monotonic()
    wire = victim.wire(automatic=False)
    stream_id = wire.head()
    wire.say(frames.data(stream_id, b"\0\0"))
    wire.half_close()
    wire.listen_to_end()
    assert time.monotonic() - begun < 10
    victim.counts()
