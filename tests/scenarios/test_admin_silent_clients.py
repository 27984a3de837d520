"""Clients that open connections to the admin listener and say nothing do not get the service restarted."""

import socket
import time
from contextlib import ExitStack

from support.service import eventually
from support.service_site import StartService

SILENT = 70
LONGEST_SECONDS = 8.0
"""Five that such a client has, and what a busy machine needs."""


def test_silent_clients_keep_probes_out_for_a_moment_only(start: StartService) -> None:
    service = start()
    host, _, port = service.admin_address.rpartition(":")

    def alive() -> bool | None:
        try:
            return service.get("/healthz").status == 200 or None
        except OSError:  # cut off
            return None

    with ExitStack() as silent:
        begun = time.monotonic()
        for _ in range(SILENT):
            silent.enter_context(socket.create_connection((host, int(port)))).sendall(b"GET /healthz HTTP/1.1\r\n")
        eventually(alive, "/healthz being answered")
        assert time.monotonic() - begun < LONGEST_SECONDS
    assert service.events("an admin request failed") == []


def test_clients_that_have_asked_and_stay_keep_no_probe_out(start: StartService) -> None:
    service = start()
    host, _, port = service.admin_address.rpartition(":")
    with ExitStack() as staying:
        for _ in range(SILENT):
            one = staying.enter_context(socket.create_connection((host, int(port))))
            one.settimeout(LONGEST_SECONDS)
            one.sendall(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
            assert one.recv(1 << 16).startswith(b"HTTP/1.1 200")
        assert service.get("/healthz").status == 200
