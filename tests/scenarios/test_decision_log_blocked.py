"""Nobody reads the decision log: decisions go on, lines are dropped and counted, and the service still ends."""

import json
import os
import threading

from support.questions import allowed, question
from support.service_site import Site, StartService

CHECKS = 2000


def test_a_blocked_pipe_costs_lines_and_no_answers(start: StartService, site: Site) -> None:
    reader, writer = os.pipe()
    service = start(stdout=writer, decision_log={"path": "-", "queue_size": 100})
    os.close(writer)
    client = question(site.pki.issue("alice"), path="/" + "x" * 1000)
    assert all(allowed(service.check(client)) for _ in range(CHECKS))
    dropped = service.metric("extauthz_decision_log_dropped_total", cause="queue_full")
    assert dropped is not None
    assert dropped > CHECKS / 2

    lines: list[bytes] = []
    reading = threading.Thread(target=lambda: lines.extend(read_lines(reader)))
    reading.start()
    assert service.stop() == 0
    reading.join(20)
    assert len(lines) == CHECKS - dropped
    assert {json.loads(line)["decision"] for line in lines} == {"allow"}


def test_a_pipe_that_stays_blocked_does_not_keep_the_process(start: StartService) -> None:
    reader, writer = os.pipe()
    service = start(stdout=writer, decision_log={"path": "-"})
    os.close(writer)
    for _ in range(500):
        service.check(question(path="/" + "x" * 1000))
    assert service.stop() == 0
    os.close(reader)


def test_a_pipe_that_breaks_is_said_and_counted(start: StartService) -> None:
    reader, writer = os.pipe()
    service = start(stdout=writer, decision_log={"path": "-"})
    os.close(writer)
    os.close(reader)
    service.check(question())
    assert service.event("the decision log cannot be written; decisions go on")["error"] == "Broken pipe"
    assert service.metric("extauthz_decision_log_dropped_total", cause="write_failed") == 1.0
    assert service.get("/readyz").status == 200


def read_lines(descriptor: int) -> list[bytes]:
    with open(descriptor, "rb") as file:
        return file.readlines()
