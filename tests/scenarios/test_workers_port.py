"""The port is shared by the workers of one service, and by nobody else."""

import os
import signal
import socket

import pytest

from support.questions import allowed, question
from support.service import eventually
from support.service_site import Site, StartService
from support.workers import ask_anew


def listen_at(address: str) -> dict[str, object]:
    return {"grpc": {"address": address}, "admin": {"address": "127.0.0.1:0"}}


@pytest.mark.parametrize("workers", [1, 2])
def test_a_second_service_is_refused(start: StartService, workers: int) -> None:
    first = start(workers=2)
    second = start(wait=False, workers=workers, listen=listen_at(first.grpc_address))
    assert second.wait() == 2
    assert f"cannot listen on {first.grpc_address}: address already in use" in second.stderr()
    assert first.get("/readyz").status == 200


def test_a_service_with_workers_does_not_join_one_without(start: StartService) -> None:
    first = start(workers=1)
    second = start(wait=False, workers=2, listen=listen_at(first.grpc_address))
    assert second.wait() == 2
    assert f"cannot listen on {first.grpc_address}: address already in use" in second.stderr()


def test_a_second_service_is_refused_while_no_worker_listens(start: StartService) -> None:
    first = start(workers=2)
    for one in first.workers:
        os.kill(one, signal.SIGKILL)
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        host, _, port = first.grpc_address.rpartition(":")
        with pytest.raises(OSError, match="in use"):
            other.bind((host, int(port)))
    eventually(lambda: first.get("/readyz").status == 200 or None, "the workers being back")


def test_a_port_that_was_just_left_can_be_taken_again(start: StartService, site: Site) -> None:
    """Connections that the service closed itself are in TIME_WAIT for a minute."""
    first = start(workers=2)
    with first.channel() as channel:
        assert allowed(first.check(question(site.pki.issue("alice")), channel=channel))
        assert first.stop() == 0
    second = start(workers=2, listen=listen_at(first.grpc_address))
    assert allowed(ask_anew(second, question(site.pki.issue("alice"))))


def test_a_name_with_several_addresses_listens_on_them(start: StartService, site: Site) -> None:
    service = start(workers=2, listen=listen_at("localhost:0"))
    assert allowed(ask_anew(service, question(site.pki.issue("alice"))))
