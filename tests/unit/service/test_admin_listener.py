"""The admin listener serves over TCP and Unix sockets, without a word of its own."""

import asyncio
import logging
import signal
from pathlib import Path
from typing import cast

import httpx
import pytest

from extauthz.observe.metrics import Metrics
from extauthz.service.admin_app import AdminApp
from extauthz.service.admin_listener import AdminListener
from extauthz.service.listen_address import ListenError
from extauthz.service.readiness import Readiness
from extauthz.service.reload import Reloader
from support.boards import FakeBoard


class NoReloads:
    """For an application that is not asked to reload."""

    last = None


def app() -> AdminApp:
    return AdminApp(Metrics(version="1").registry, Readiness(), cast("Reloader", NoReloads()), FakeBoard())


async def test_it_serves_on_the_port_that_it_names(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    listener = AdminListener("127.0.0.1:0", app())
    listener.start()
    async with httpx.AsyncClient(base_url=f"http://{listener.address}", trust_env=False) as client:
        answer = await client.get("/healthz")
    await listener.stop()
    assert (answer.status_code, answer.text) == (200, "alive\n")
    assert "server" not in answer.headers
    assert caplog.records == []


async def test_it_serves_on_a_unix_socket_and_removes_it(tmp_path: Path) -> None:
    path = tmp_path / "s"
    listener = AdminListener(f"unix:{path}", app())
    assert listener.address == f"unix:{path}"
    listener.start()
    transport = httpx.AsyncHTTPTransport(uds=str(path))
    async with httpx.AsyncClient(base_url="http://localhost", transport=transport) as client:
        assert (await client.get("/readyz")).status_code == 503
    await listener.stop()
    assert not path.exists()


async def test_a_listener_that_never_began_gives_its_address_back() -> None:
    listener = AdminListener("127.0.0.1:0", app())
    await listener.stop()
    again = AdminListener(listener.address, app())
    with pytest.raises(ListenError):
        AdminListener(listener.address, app())
    await again.stop()


async def test_the_signals_stay_with_the_lifecycle() -> None:
    before = signal.getsignal(signal.SIGTERM)
    listener = AdminListener("127.0.0.1:0", app())
    listener.start()
    while not listener._server.started:  # noqa: ASYNC110  (the library has no event for it)
        await asyncio.sleep(0.01)
    assert signal.getsignal(signal.SIGTERM) == before
    await listener.stop()
