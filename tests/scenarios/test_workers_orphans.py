"""Without a supervisor there are no workers: nobody holds the port for a service that is gone."""

import signal
from pathlib import Path

from support.questions import allowed, question
from support.service import eventually
from support.service_site import Site, StartService
from support.workers import ask_anew


def test_workers_end_with_a_supervisor_that_is_killed(start: StartService, site: Site) -> None:
    service = start(workers=2)
    workers = list(service.workers)
    service.signal(signal.SIGKILL)
    assert service.wait() == -signal.SIGKILL

    def look() -> bool | None:
        return not any(Path(f"/proc/{one}/fd/0").exists() for one in workers) or None

    eventually(look, "the end of the workers")
    listen = {"grpc": {"address": service.grpc_address}, "admin": {"address": "127.0.0.1:0"}}
    after = start(workers=2, listen=listen)
    assert allowed(ask_anew(after, question(site.pki.issue("alice"))))
