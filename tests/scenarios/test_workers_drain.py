"""The end of all workers: in order, or at once; never one of them left behind."""

import os
import signal
from pathlib import Path

from grpc_health.v1 import health_pb2, health_pb2_grpc

from support.questions import allowed, question
from support.service import RealService, eventually
from support.service_site import Site, StartService
from support.workers import ask_anew


def expect_gone(workers: list[int]) -> None:
    left = [one for one in workers if Path(f"/proc/{one}/cmdline").exists()]
    assert left == [], "a worker outlived its supervisor"


def test_sigterm_ends_all_of_them_well(start: StartService, site: Site) -> None:
    service = start(workers=2)
    workers = list(service.workers)
    for _ in range(40):
        ask_anew(service, question(site.pki.issue("alice")))
    assert service.stop() == 0
    expect_gone(workers)
    assert [event["event"] for event in service.events()][-2:] == ["draining", "stopped"]
    assert len(site.decisions()) == 40, "what waited in the logs of all was written"


def test_while_they_drain_they_answer_and_say_that_they_are_not_ready(start: StartService, site: Site) -> None:
    service = start(workers=2, shutdown={"drain_delay": "3s", "grace": "5s"})
    client = question(site.pki.issue("alice"))
    service.signal(signal.SIGTERM)
    eventually(lambda: service.get("/readyz").status == 503 or None, "/readyz being 503")
    assert service.get("/readyz").json()["reasons"] == ["draining"]

    def health() -> int:
        with service.channel() as channel:
            status = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest()).status
            return int(status)

    eventually(lambda: health() == health_pb2.HealthCheckResponse.NOT_SERVING or None, "the first NOT_SERVING")
    for _ in range(10):
        assert allowed(ask_anew(service, client))
        assert health() == health_pb2.HealthCheckResponse.NOT_SERVING
    assert service.wait() == 0


def test_a_second_signal_ends_them_at_once(start: StartService) -> None:
    service = start(workers=2, shutdown={"drain_delay": "10m", "grace": "10m"})
    workers = list(service.workers)
    service.signal(signal.SIGTERM)
    service.event("draining")
    service.signal(signal.SIGTERM)
    assert service.wait() == 1
    expect_gone(workers)


def test_a_signal_to_the_workers_themselves_cuts_nothing_off(start: StartService, site: Site) -> None:
    """A service manager may signal every process of a service: the supervisor says what happens."""
    service = start(workers=2)
    before = service.workers
    for one in before:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            os.kill(one, number)
    for _ in range(10):
        assert allowed(ask_anew(service, question(site.pki.issue("alice"))))
    assert service.workers == before
    assert service.stop() == 0


def test_a_worker_that_dies_while_they_drain_is_not_replaced(start: StartService) -> None:
    service = start(workers=2, shutdown={"drain_delay": "10m", "grace": "10m"})
    service.signal(signal.SIGTERM)
    service.event("draining")
    os.kill(service.workers[0], signal.SIGKILL)
    eventually(lambda: len(service.workers) == 1 or None, "the end of one")
    service.signal(signal.SIGTERM)
    assert service.wait() == 1
    assert service.events("a worker ended and is started again") == []


def test_a_signal_while_they_start_ends_it_well(start: StartService) -> None:
    service: RealService = start(wait=False, workers=2)
    service.event("a worker starts", 2)
    workers = list(service.workers)
    service.signal(signal.SIGTERM)
    assert service.wait() == 0
    expect_gone(workers)
    assert service.events("ready") == []
