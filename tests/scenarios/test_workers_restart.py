"""A worker that dies is replaced, and what it had counted stays counted."""

import os
import signal

from support.questions import allowed, question
from support.service import RealService, eventually
from support.service_site import Site, StartService
from support.workers import ask_anew, counted, replace_workers


def kill_one(service: RealService) -> int:
    """Kill a worker, and return once there is another in its place."""
    victim, *_ = service.workers
    replace_workers(service, victim)
    return victim


def test_a_killed_worker_is_replaced_and_counted(start: StartService) -> None:
    service = start(workers=2)
    victim = kill_one(service)
    assert service.metric("extauthz_worker_restarts_total") == 1.0
    assert service.metric("extauthz_workers", state="serving") == 2.0
    event = service.event("a worker ended and is started again")
    assert event["how"] == f"process {victim} with signal SIGKILL"


def test_sums_do_not_go_backwards(start: StartService, site: Site) -> None:
    service = start(workers=2)
    client = question(site.pki.issue("alice"))
    for _ in range(20):
        ask_anew(service, client)
    before = service.samples()
    kill_one(service)
    kill_one(service)
    after = service.samples()
    sums = {key for key in before if key[0].endswith(("_total", "_count", "_sum", "_bucket"))}
    assert {key for key in sums if after[key] < before[key]} == set()
    assert counted(service) == 20.0
    ask_anew(service, client)
    assert counted(service) == 21.0


def test_it_is_not_ready_while_a_worker_is_missing_and_answers_all_the_same(start: StartService, site: Site) -> None:
    service = start(workers=2)
    client = question(site.pki.issue("alice"))
    os.kill(service.workers[0], signal.SIGKILL)
    reply = eventually(lambda: reply if (reply := service.get("/readyz")).status == 503 else None, "/readyz being 503")
    assert reply.json()["reasons"] == ["waiting_for_workers"]
    for _ in range(10):
        assert allowed(ask_anew(service, client))
    service.event("ready", 2)


def test_a_new_worker_has_what_the_others_have_and_not_what_the_files_say(start: StartService, site: Site) -> None:
    service = start(workers=2)
    client = question(site.pki.issue("alice"))
    site.write(policies=[])
    assert service.reload().status == 422
    kill_one(service)
    for _ in range(10):
        assert allowed(ask_anew(service, client))
    assert service.metric("extauthz_config_info", hash=service.event("ready")["config"]) == 1.0
