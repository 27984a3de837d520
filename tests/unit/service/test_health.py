"""One truth for all services, told to every listener."""

from grpc_health.v1 import health_pb2

from extauthz.service.health import HealthState

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
UNKNOWN = health_pb2.HealthCheckResponse.SERVICE_UNKNOWN


def test_nothing_serves_until_it_is_said_to() -> None:
    state = HealthState(("", "some.Service"))
    assert state.status().status == NOT_SERVING
    state.set_serving(True)
    assert state.status().status == SERVING
    assert {name: one.status for name, one in state.list().statuses.items()} == {"": SERVING, "some.Service": SERVING}


def test_a_watcher_of_an_unknown_service_is_told_so() -> None:
    state = HealthState(("",))
    assert [state.watched_status(name).status for name in ("", "other")] == [NOT_SERVING, UNKNOWN]


def test_listeners_hear_of_changes_until_they_are_forgotten() -> None:
    state = HealthState(("",))
    heard: list[str] = []

    def forgetful() -> None:
        heard.append("forgetful")
        state.forget(forgetful)

    state.listen(forgetful)
    state.listen(lambda: heard.append("faithful"))
    state.set_serving(True)
    state.end_watches()
    assert heard == ["forgetful", "faithful", "faithful"]
    assert state.ended
