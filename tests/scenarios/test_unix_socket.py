"""Listening on Unix sockets: for a sidecar proxy, closed to everybody else on the node."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from support.questions import allowed, question
from support.service_site import Site, StartService

NOBODY = 65534
CONNECT = """
import os, socket, sys
user, group = map(int, sys.argv[2:])
os.setgroups([])
os.setresgid(group, group, group)
os.setresuid(user, user, user)
try:
    socket.socket(socket.AF_UNIX).connect(sys.argv[1])
except OSError as error:
    print(type(error).__name__)
else:
    print("connected")
"""


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


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
def test_another_user_of_another_group_is_refused_by_the_kernel(start: StartService) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)  # it is the socket's mode that has to refuse, and not the directory's
        paths = [f"{folder}/grpc.sock", f"{folder}/admin.sock"]
        start(listen={"grpc": {"address": f"unix:{paths[0]}"}, "admin": {"address": f"unix:{paths[1]}"}})
        assert [connects(path, group=NOBODY) for path in paths] == ["PermissionError", "PermissionError"]
        assert [connects(path, group=os.getegid()) for path in paths] == ["connected", "connected"]


def connects(path: str, *, group: int) -> str:
    """Return how connecting ends for a user who is not the owner, of a group.

    The process becomes that user once it runs, who may have no way to the interpreter.
    """
    command = (sys.executable, "-c", CONNECT, path, str(NOBODY), str(group))
    ended = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return ended.stdout.strip()


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
