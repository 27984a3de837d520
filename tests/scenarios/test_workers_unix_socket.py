"""Several workers on one Unix socket."""

import os
import signal
import stat

import pytest

from support.questions import allowed, question
from support.service import eventually
from support.service_site import Site, StartService
from support.workers import ask_anew


def listen_at(path: object) -> dict[str, object]:
    return {"grpc": {"address": f"unix:{path}"}, "admin": {"address": "127.0.0.1:0"}}


@pytest.mark.parametrize("transport", ["native"], indirect=True)
def test_they_share_it_and_the_supervisor_removes_it(start: StartService, site: Site) -> None:
    path = site.folder / "s"
    service = start(workers=2, listen=listen_at(path))
    client = question(site.pki.issue("alice"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o660
    inode = path.stat().st_ino
    os.kill(service.workers[0], signal.SIGKILL)
    for _ in range(10):
        assert allowed(ask_anew(service, client))
    eventually(lambda: service.get("/readyz").status == 200 or None, "the worker being back")
    assert path.stat().st_ino == inode
    assert allowed(ask_anew(service, client))
    assert service.stop() == 0
    assert not path.exists()


@pytest.mark.parametrize("transport", ["native"], indirect=True)
def test_a_second_service_is_refused_there(start: StartService, site: Site) -> None:
    path = site.folder / "s"
    first = start(workers=2, listen=listen_at(path))
    second = start(wait=False, workers=2, listen=listen_at(path))
    assert second.wait() == 2
    assert any("another process listens" in line for line in second.stderr())
    assert allowed(ask_anew(first, question(site.pki.issue("alice"))))


@pytest.mark.parametrize("transport", ["grpcio"], indirect=True)
def test_grpcio_cannot_and_says_so(start: StartService, site: Site) -> None:
    service = start(wait=False, workers=2, listen=listen_at(site.folder / "s"))
    assert service.wait() == 2
    (line,) = [line for line in service.stderr() if not line.startswith("{")]
    assert line.endswith(
        "listen.grpc.address: cannot be shared by several workers with `transport: grpcio`; "
        "take `native`, a port, or `workers: 1`"
    )
