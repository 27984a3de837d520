"""Connections end with age, silent ones are pinged, and no caller notices either."""

import socket
import time
from typing import Self

import pytest

from support import frames
from support.questions import allowed, question
from support.service import PATIENCE, RealService, eventually
from support.service_site import Site, StartService

ADMIN = {"address": "127.0.0.1:0"}


def listen(**settings: object) -> dict[str, object]:
    return {"grpc": {"address": "127.0.0.1:0", **settings}, "admin": ADMIN}


class Silent:
    """A client that introduces itself and says nothing more."""

    def __init__(self, service: RealService) -> None:
        host, _, port = service.grpc_address.rpartition(":")
        self._socket = socket.create_connection((host, int(port)), timeout=PATIENCE)
        self._socket.sendall(frames.PREFACE + frames.settings())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._socket.close()

    def hear_all(self) -> list[frames.Frame]:
        """Return the frames up to the end of the connection."""
        heard = b""
        while data := self._socket.recv(1 << 16):
            heard += data
        return frames.split(heard)


def goaways(heard: list[frames.Frame]) -> list[int]:
    """Return the error codes."""
    return [int.from_bytes(one.payload[4:8], "big") for one in heard if one.type == frames.GOAWAY]


def test_an_old_connection_makes_way_for_a_new_one_and_no_question_fails(start: StartService, site: Site) -> None:
    service = start(listen=listen(max_connection_age="1s", max_connection_age_grace="5s"))
    asked = question(site.pki.issue("alice"))
    until = time.monotonic() + 4
    while time.monotonic() < until:
        assert allowed(service.check(asked, wait_for_ready=False))


def test_an_idle_connection_is_told_of_its_age(start: StartService, transport: str) -> None:
    service = start(listen=listen(max_connection_age="1s", max_connection_age_grace="1s"))
    with Silent(service) as client:
        heard = client.hear_all()
    assert goaways(heard)[0] == 0
    if transport == "native":
        assert service.metric("extauthz_transport_closed_total", cause="age") == 1


@pytest.mark.parametrize("transport", ["native"], indirect=True)  # grpcio was seen to take longer than PATIENCE over it
def test_a_client_that_does_not_answer_pings_is_cut_off(start: StartService) -> None:
    service = start(listen=listen(keepalive_time="1s", keepalive_timeout="1s"))
    with Silent(service) as client:
        heard = client.hear_all()
    assert any(one.type == frames.PING and not one.flags & frames.ACK for one in heard)
    assert service.metric("extauthz_transport_closed_total", cause="keepalive") == 1
    eventually(lambda: service.metric("extauthz_transport_connections") == 0 or None, "nobody connected")
