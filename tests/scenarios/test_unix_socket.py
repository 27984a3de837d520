"""Listening on Unix sockets: for a sidecar proxy, closed to everybody else on the node."""

import signal
from pathlib import Path

from support.questions import allowed, question
from support.service_site import Site, StartService


def listen(site: Site) -> dict[str, object]:
    return {
        "grpc": {"address": f"unix:{site.folder}/grpc.sock"},
        "admin": {"address": f"unix:{site.folder}/admin.sock"},
    }


def sockets(site: Site) -> list[Path]:
    return [site.folder / "grpc.sock", site.folder / "admin.sock"]


def test_it_answers_over_its_sockets(start: StartService, site: Site) -> None:
    service = start(listen=listen(site))
    assert service.grpc_address == f"unix:{site.folder}/grpc.sock"
    assert allowed(service.check(question(site.pki.issue("alice"))))
    assert service.get("/readyz").status == 200


def test_only_owner_and_group_can_connect(start: StartService, site: Site) -> None:
    start(listen=listen(site))
    assert [path.stat().st_mode & 0o777 for path in sockets(site)] == [0o660, 0o660]


def test_the_sockets_are_gone_at_the_end(start: StartService, site: Site) -> None:
    service = start(listen=listen(site))
    assert service.stop() == 0
    assert [path.exists() for path in sockets(site)] == [False, False]


def test_what_a_crashed_process_left_behind_is_taken_over(start: StartService, site: Site) -> None:
    crashed = start(listen=listen(site))
    crashed.signal(signal.SIGKILL)
    crashed.wait()
    assert [path.exists() for path in sockets(site)] == [True, True]
    assert allowed(start(listen=listen(site)).check(question(site.pki.issue("alice"))))


def test_the_socket_of_a_living_service_is_not_taken(start: StartService, site: Site) -> None:
    first = start(listen=listen(site))
    other = {**listen(site), "admin": {"address": "127.0.0.1:0"}}
    second = start(wait=False, listen=other)
    assert second.wait() == 2
    address = f"{site.folder}/grpc.sock"
    assert f"cannot listen on unix:{address}: another process listens on {address}" in second.stderr()
    assert allowed(first.check(question(site.pki.issue("alice"))))


def test_a_file_that_is_no_socket_is_left_alone(start: StartService, site: Site) -> None:
    precious = site.folder / "grpc.sock"
    precious.write_text("precious")
    service = start(wait=False, listen=listen(site))
    assert service.wait() == 2
    assert any("exists and is not a socket" in line for line in service.stderr())
    assert precious.read_text() == "precious"
    assert not (site.folder / "admin.sock").exists()
