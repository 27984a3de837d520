"""On a Unix socket: the same bounds, codes and causes."""

from collections.abc import Iterator

import pytest
from ngh2 import ErrorCode

from extauthz.transport.cause import Cause
from support import frames
from support.edge_pki import EdgePki
from support.service import RealService, eventually
from support.victim import Questions, Victim, abuse_site
from support.wire_client import Wire


@pytest.fixture(scope="module")
def service(pki: EdgePki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealService]:
    folder = tmp_path_factory.mktemp("abuse")
    with RealService(abuse_site(folder, pki, address=f"unix:{folder}/grpc.sock").path) as service:
        yield service


@pytest.fixture
def victim(service: RealService, questions: Questions) -> Iterator[Victim]:
    with Victim(service, questions) as victim:
        yield victim


@pytest.mark.parametrize("sent", [b"GET / HTTP/1.1\r\n\r\n", bytes(100)])
def test_another_protocol(sent: bytes, victim: Victim) -> None:
    wire = victim.wire(hello=False)
    wire.say(sent)
    assert wire.goodbye() == (ErrorCode.PROTOCOL_ERROR, b"")
    victim.counts(Cause.PROTOCOL_ERROR)


@pytest.mark.parametrize(
    ("flood", "cause"),
    [
        (frames.settings(), Cause.FLOOD),
        (frames.ping(), Cause.TOO_MANY_PINGS),
        (frames.window_update(0, 1), Cause.FLOOD),
        (frames.frame(0x42, 0, 0), Cause.FLOOD),
    ],
    ids=["SETTINGS", "PING", "WINDOW_UPDATE", "unknown"],
)
def test_a_flood(flood: bytes, cause: Cause, victim: Victim) -> None:
    wire = victim.wire()
    wire.say(flood * 200_000)
    assert wire.goodbye().code == ErrorCode.ENHANCE_YOUR_CALM
    victim.counts(cause)


def test_answers_wait_for_windows(victim: Victim) -> None:
    wire = victim.wire(settings={4: 0})
    streams = [victim.ask(wire, name) for name in ("alice", "mallory", "bob") * 100]
    wire.say(frames.settings({4: 1 << 20}))
    assert [wire.verdict(stream_id) for stream_id in streams] == [True, False, True] * 100
    victim.counts()


def test_clients_that_go_as_they_please(victim: Victim) -> None:
    for number in range(200):
        wire = victim.wire()
        stream_id = wire.head()
        wire.say(frames.data(stream_id, frames.message(victim.questions.alice)[: number * 3]))
        (Wire.close, Wire.half_close)[number % 2](wire)
        wire.close()
    eventually(lambda: victim.connections() == 1 or None, "only the bystander", show=victim.connections)
    victim.counts()
