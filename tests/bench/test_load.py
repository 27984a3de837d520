"""The load generator counts only right answers, and charges a server for every request that it kept waiting."""

import os
import signal
import threading
import time
from dataclasses import replace

import hpack
import pytest
from http2_frames import RequestHead, decode_block
from load import GRPC_HEAD, Load, LoadError, RefusedError, run_load
from load_connection import Question
from order import endless

from extauthz.wire.proto.envoy.service.auth.v3.external_auth_pb2 import CheckRequest
from support.bench_stub import StartStub

STALL = 0.4


def question(*, allowed: bool = True, filler: int = 2_000) -> Question:
    request = CheckRequest()
    request.attributes.request.http.path = "/" + "x" * filler
    body = request.SerializeToString()
    return Question(b"\0" + len(body).to_bytes(4) + body, allowed=allowed)


def load(port: int, *questions: Question, **changes: object) -> Load:
    asked = endless(questions or [question()])
    plain = Load(host="127.0.0.1", port=port, questions=asked, seconds=0.5, warm_up=0.05)
    return replace(plain, **changes)  # type: ignore[arg-type]  # the tests name fields that are there


@pytest.mark.parametrize("kind", ["native", "grpcio"])
@pytest.mark.parametrize(("connections", "streams"), [(1, 1), (2, 16), (3, 64)])
def test_answers_are_counted_and_looked_into(start_stub: StartStub, kind: str, connections: int, streams: int) -> None:
    stub = start_stub(kind)
    marks: list[bool] = []
    result = run_load(load(stub.port, connections=connections, streams=streams), marks.append)
    assert marks == [True, False]
    assert result.answers == len(result.latencies) > 0
    assert list(result.latencies) == sorted(result.latencies)
    assert set(result.samples) == {"allowed"}
    assert 0 < result.quantile(0.5) <= result.quantile(0.99) <= result.quantile(0.999)


def test_a_wrong_verdict_is_an_error(start_stub: StartStub) -> None:
    stub = start_stub("native", allows=False)
    with pytest.raises(LoadError, match=r"\d+ x wrongly denied"):
        run_load(load(stub.port))
    assert set(run_load(load(stub.port, question(allowed=False))).samples) == {"denied"}


def test_a_peer_with_a_policy_of_its_own_may_deny(start_stub: StartStub) -> None:
    stub = start_stub("native", allows=False)
    assert set(run_load(load(stub.port, verdicts_known=False)).samples) == {"denied"}


def test_an_rpc_error_is_an_error(start_stub: StartStub) -> None:
    stub = start_stub("grpcio")
    head = tuple((name, b"/nobody.Here/Check" if name == b":path" else value) for name, value in GRPC_HEAD)
    with pytest.raises(LoadError, match=r"grpc-status 12"):
        run_load(load(stub.port, head=head))


def test_a_refusal_under_an_offered_rate_is_told_from_a_wrong_answer(start_stub: StartStub) -> None:
    stub = start_stub("grpcio")
    head = tuple((name, b"/nobody.Here/Check" if name == b":path" else value) for name, value in GRPC_HEAD)
    with pytest.raises(RefusedError, match=r"grpc-status 12"):
        run_load(load(stub.port, head=head, rate=500.0))
    denying = start_stub("native", allows=False)
    with pytest.raises(LoadError, match="wrongly denied") as raised:
        run_load(load(denying.port, rate=500.0))
    assert not isinstance(raised.value, RefusedError)


def test_a_lost_connection_is_an_error(start_stub: StartStub) -> None:
    stub = start_stub("native")
    with pytest.raises(LoadError, match="the connection was lost"):
        run_load(load(stub.port), lambda begins: stub.process.stop() if begins else None)


def test_a_question_that_needs_more_than_one_frame_is_refused() -> None:
    with pytest.raises(ValueError, match="more than one frame"):
        question(filler=17_000)


def test_an_offered_rate_is_kept(start_stub: StartStub) -> None:
    stub = start_stub("native")
    result = run_load(load(stub.port, rate=2_000.0, seconds=1.0))
    assert 1_000.0 < result.rate < 3_000.0  # a busy machine may answer some of them after the end


def test_a_stall_is_charged_for_every_request_that_was_due(start_stub: StartStub) -> None:
    stub = start_stub("native")

    def stall() -> None:
        os.kill(stub.process.pid, signal.SIGSTOP)
        time.sleep(STALL)  # how long it stalls, not a wait for something
        os.kill(stub.process.pid, signal.SIGCONT)

    threads: list[threading.Thread] = []

    def on_window(begins: bool) -> None:
        if begins:
            threads.append(threading.Thread(target=stall))
            threads[0].start()

    result = run_load(load(stub.port, rate=1_000.0, seconds=1.0), on_window)
    threads[0].join()
    slow = sum(latency > STALL / 4 for latency in result.latencies)
    # Three quarters of the requests that were due during the stall waited for more than a quarter of it.
    assert slow >= 0.5 * 1_000.0 * STALL


def test_questions_at_random_come_once_each_first() -> None:
    questions = [question() for _ in range(50)]
    asked = endless(questions, at_random=True)
    assert [next(asked) for _ in questions] == questions
    later = [next(asked) for _ in range(500)]
    assert later[:50] != questions
    assert set(later) == set(questions)


@pytest.mark.parametrize("table_size", [4_096, 100, 0])
def test_the_first_and_every_other_header_block_say_the_same(table_size: int) -> None:
    first, other = RequestHead(GRPC_HEAD).blocks(table_size)
    decoder = hpack.Decoder()
    decoder.max_allowed_table_size = table_size
    for block in (first, other, other):
        assert tuple(decoder.decode(block, raw=True)) == GRPC_HEAD
    assert (len(other) == len(GRPC_HEAD)) == (table_size == 4_096)


def test_a_header_block_that_refers_to_what_came_before_is_not_read() -> None:
    _, referring = RequestHead(GRPC_HEAD).blocks(4_096)
    with pytest.raises(hpack.HPACKError):
        decode_block(referring)
