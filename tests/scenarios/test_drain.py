"""The end: first the news, then the stop, then the last lines; a second signal cuts it short."""

import signal
import time

import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from support.questions import allowed, policy, question
from support.service import eventually
from support.service_site import Site, StartService

LONG = {"drain_delay": "10m", "grace": "10m"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_service_without_work_ends_at_once_and_well(start: StartService, number: signal.Signals) -> None:
    service = start()
    service.signal(number)
    assert service.wait() == 0
    assert [event["event"] for event in service.events()][-2:] == ["draining", "stopped"]


def test_while_it_drains_it_answers_and_says_that_it_is_not_ready(start: StartService, site: Site) -> None:
    service = start(shutdown={"drain_delay": "3s", "grace": "5s"})
    client = question(site.pki.issue("alice"))
    with service.channel() as channel:
        health = health_pb2_grpc.HealthStub(channel)
        assert health.Check(health_pb2.HealthCheckRequest()).status == health_pb2.HealthCheckResponse.SERVING
        service.signal(signal.SIGTERM)
        eventually(lambda: service.get("/readyz").status == 503 or None, "/readyz being 503")
        assert service.get("/readyz").json()["reasons"] == ["draining"]
        assert service.get("/healthz").status == 200
        assert health.Check(health_pb2.HealthCheckRequest()).status == health_pb2.HealthCheckResponse.NOT_SERVING
        assert allowed(service.check(client))
    assert service.wait() == 0
    assert [line["decision"] for line in site.decisions()] == ["allow"]


def test_a_changed_file_counts_while_it_drains(start: StartService, site: Site) -> None:
    service = start(shutdown={"drain_delay": "10m", "grace": "0s"})
    service.signal(signal.SIGTERM)
    service.event("draining")
    site.write(policies=[{"name": "last", "when": {}, "require": {}}])
    eventually(lambda: policy(service.check(question())) == "last" or None, "the last policy", show=service.stderr)
    service.signal(signal.SIGTERM)
    assert service.wait() == 1


def test_every_decision_is_in_the_log_when_the_process_has_ended(start: StartService, site: Site) -> None:
    service = start()
    for _ in range(300):
        service.check(question())
    assert service.stop() == 0
    assert len(site.decisions()) == 300


def test_an_endless_call_does_not_hold_up_the_end(start: StartService) -> None:
    service = start(shutdown={"drain_delay": "0s", "grace": "10m"})
    with service.channel() as channel:
        watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
        assert next(watch).status == health_pb2.HealthCheckResponse.SERVING
        service.signal(signal.SIGTERM)
        assert [answer.status for answer in watch] == [health_pb2.HealthCheckResponse.NOT_SERVING]
        assert service.wait() == 0


def test_a_second_signal_ends_it_at_once(start: StartService) -> None:
    service = start(shutdown=LONG)
    service.signal(signal.SIGTERM)
    service.event("draining")
    service.signal(signal.SIGTERM)
    assert service.wait() == 1
    assert len(service.events("stopping at once, as a second signal asks for")) == 1


def test_a_reload_while_it_drains_does_not_make_it_ready_again(start: StartService) -> None:
    service = start(shutdown={"drain_delay": "2s"})
    service.signal(signal.SIGTERM)
    service.event("draining")
    assert service.reload().status == 200
    assert service.get("/readyz").status == 503
    assert service.wait() == 0


def test_the_drain_delay_of_the_configuration_in_use_counts(start: StartService, site: Site) -> None:
    service = start(shutdown=LONG)
    site.write(shutdown={"drain_delay": "0s", "grace": "1s"})
    assert service.reload().status == 200
    begun = time.monotonic()
    assert service.stop() == 0
    assert time.monotonic() - begun < 30
