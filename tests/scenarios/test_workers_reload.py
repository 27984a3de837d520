"""A reload reaches every worker or none."""

import signal

from support.questions import policy, question
from support.service import RealService, eventually
from support.service_site import Site, StartService
from support.workers import ask_anew

NEW = [{"name": "new", "when": {}, "require": {}}]


def policies(service: RealService) -> set[str]:
    """Return the policies that a number of connections meet: with two workers, one is missed once in a million."""
    return {policy(ask_anew(service, question())) for _ in range(20)}


def digests(service: RealService) -> set[str]:
    """Return the digests of the configurations in use."""
    return {dict(labels)["hash"] for name, labels in service.samples() if name == "extauthz_config_info"}


def test_when_a_reload_is_answered_every_worker_has_it(start: StartService, site: Site) -> None:
    service = start(workers=2)
    before = digests(service)
    site.write(policies=NEW)
    reply = service.reload()
    assert (reply.status, reply.json()["result"]) == (200, "success")
    assert policies(service) == {"new"}
    assert len(digests(service)) == 1
    assert digests(service) != before
    assert service.metric("extauthz_config_reloads_total", result="success") == 1.0


def test_a_bad_reload_keeps_the_old_one_in_all(start: StartService, site: Site) -> None:
    service = start(workers=2)
    before = digests(service)
    site.write(policies=[], nonsense=1)
    reply = service.reload()
    assert reply.status == 422
    assert [problem.split(": ")[1] for problem in reply.json()["problems"]] == ["policies", "nonsense"]
    assert policies(service) == {"everybody"}
    assert digests(service) == before
    assert service.metric("extauthz_config_last_reload_successful") == 0.0
    assert service.get("/readyz").status == 200


def test_sighup_and_a_changed_file_reach_all(start: StartService, site: Site) -> None:
    service = start(workers=2)
    site.write(policies=NEW)
    eventually(lambda: policies(service) == {"new"} or None, "the new policy", show=service.stderr)
    service.signal(signal.SIGHUP)
    service.event("reloaded", 2)
    assert policies(service) == {"new"}


def test_the_number_of_workers_waits_for_a_restart(start: StartService, site: Site) -> None:
    service = start(workers=2)
    site.write(workers=3)
    assert service.reload().status == 200
    assert service.event("this setting changes only with a restart")["setting"] == "workers"
    assert len(service.workers) == 2
