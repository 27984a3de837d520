"""Health on the native transport: the same truth, and no watcher waits for another."""

import pytest
from grpc_health.v1 import health_pb2

from extauthz.observe.metrics import Metrics
from extauthz.service.health import HealthState
from extauthz.service.native_health import health_methods
from extauthz.transport.methods import Streaming, StreamingMethod, UnaryMethod
from extauthz.transport.status import CallError, Status

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
UNKNOWN = health_pb2.HealthCheckResponse.SERVICE_UNKNOWN


class Watcher:
    """One call of Watch."""

    def __init__(self, method: StreamingMethod, service: str) -> None:
        self.told: list[int] = []
        self.finished = False
        self.call: Streaming = method.open(self)
        self.call.message(asked(service))

    def send(self, message: bytes) -> None:
        self.told.append(health_pb2.HealthCheckResponse.FromString(message).status)

    def finish(self) -> None:
        self.finished = True
        self.call.ended()


class Health:
    def __init__(self) -> None:
        self.state = HealthState(("", "some.Service"))
        self.methods = health_methods(self.state, Metrics(version="1").rpc)

    def unary(self, name: str, raw: bytes) -> bytes:
        method = self.methods[b"/grpc.health.v1.Health/" + name.encode()]
        assert isinstance(method, UnaryMethod)
        return method.answer(raw, None)

    def watch(self, service: str) -> Watcher:
        method = self.methods[b"/grpc.health.v1.Health/Watch"]
        assert isinstance(method, StreamingMethod)
        assert not method.several
        return Watcher(method, service)


@pytest.fixture
def health() -> Health:
    return Health()


def asked(service: str) -> bytes:
    return bytes(health_pb2.HealthCheckRequest(service=service).SerializeToString())


@pytest.mark.parametrize("service", ["", "some.Service"])
def test_check_says_what_the_state_says(health: Health, service: str) -> None:
    assert health_pb2.HealthCheckResponse.FromString(health.unary("Check", asked(service))).status == NOT_SERVING
    health.state.set_serving(True)
    assert health_pb2.HealthCheckResponse.FromString(health.unary("Check", asked(service))).status == SERVING


def test_an_unknown_service_is_not_found(health: Health) -> None:
    with pytest.raises(CallError) as caught:
        health.unary("Check", asked("other.Service"))
    assert caught.value.status is Status.NOT_FOUND


def test_bytes_that_are_no_question_are_an_error(health: Health) -> None:
    with pytest.raises(CallError) as caught:
        health.unary("Check", b"\xff")
    assert caught.value.status is Status.INTERNAL


def test_a_list_has_every_service(health: Health) -> None:
    answer = health_pb2.HealthListResponse.FromString(health.unary("List", b""))
    assert {name: one.status for name, one in answer.statuses.items()} == {
        "": NOT_SERVING,
        "some.Service": NOT_SERVING,
    }


def test_watchers_hear_the_state_and_each_change(health: Health) -> None:
    one, other, unknown = health.watch(""), health.watch("some.Service"), health.watch("other.Service")
    health.state.set_serving(True)
    health.state.set_serving(True)
    health.state.set_serving(False)
    assert one.told == other.told == [NOT_SERVING, SERVING, NOT_SERVING]
    assert unknown.told == [UNKNOWN]
    assert not one.finished


def test_the_last_news_is_told_before_a_watch_ends(health: Health) -> None:
    one = health.watch("")
    health.state.end_watches()
    assert (one.told, one.finished) == ([NOT_SERVING], True)
    late = health.watch("")
    assert (late.told, late.finished) == ([NOT_SERVING], True)


def test_a_watcher_that_is_gone_hears_nothing(health: Health) -> None:
    one = health.watch("")
    one.call.no_more()
    one.call.ended()
    health.state.set_serving(True)
    assert one.told == [NOT_SERVING]
