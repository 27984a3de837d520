"""Connections spread over the workers, and the numbers are those of all."""

from contextlib import ExitStack

from support.questions import allowed, question
from support.service import eventually
from support.service_site import Site, StartService
from support.workers import ask_anew, connections, counted, port_of


def test_every_worker_gets_connections(start: StartService, site: Site) -> None:
    service = start(workers=2)
    client = question(site.pki.issue("alice"))
    port = port_of(service)
    with ExitStack() as open_channels:

        def look() -> bool | None:
            service.check(client, channel=open_channels.enter_context(service.channel()))
            return all(connections(one, port) for one in service.workers) or None

        assert len(service.workers) == 2
        eventually(look, "both workers having a connection")
        assert connections(service.pid, port) == 0, "the supervisor only holds the place"


def test_the_counters_are_sums(start: StartService, site: Site) -> None:
    service = start(workers=2)
    client = question(site.pki.issue("alice"))
    for number in range(1, 31):
        assert allowed(ask_anew(service, client))
        if number % 10 == 0:
            assert counted(service) == number
    assert service.metric("extauthz_check_duration_seconds_count", decision="allow", api="grpc") == 30.0
    assert service.metric("extauthz_checks_in_flight") == 0.0


def test_the_numbers_of_the_whole_are_in_one_answer(start: StartService) -> None:
    service = start(workers=3)
    digest = service.event("ready")["config"]
    samples = service.samples()
    assert samples["extauthz_workers", frozenset({("state", "serving")})] == 3.0
    assert samples["extauthz_workers", frozenset({("state", "waiting")})] == 0.0
    assert samples["extauthz_worker_restarts_total", frozenset()] == 0.0
    assert [labels for name, labels in samples if name == "extauthz_config_info"] == [frozenset({("hash", digest)})]
    assert samples["extauthz_config_last_reload_successful", frozenset()] == 1.0
    memory = samples["process_resident_memory_bytes", frozenset()]
    assert memory > 3 * 20e6, "of four processes together"


def test_one_worker_is_this_process_alone(start: StartService) -> None:
    service = start(workers=1)
    assert service.workers == []
    assert service.metric("extauthz_workers", state="serving") is None
