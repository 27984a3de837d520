"""Who opens too many connections, or leaves a request unfinished, is cut off, and everybody else is served."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import pytest

from extauthz.observe.metrics import Metrics
from extauthz.service import admin_connection
from extauthz.service.admin_app import AdminApp
from extauthz.service.admin_listener import AdminListener
from extauthz.service.readiness import Readiness
from extauthz.service.reload import Reloader
from support.boards import FakeBoard

PATIENCE = 20.0
SOON = 0.2
WHOLE = b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n"
HALF = WHOLE[:-2]
CUT_OFF = b""

Client = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class NoReloads:
    """For an application that is not asked to reload."""

    last = None


class Clients:
    """Connections to one listener."""

    def __init__(self, address: str) -> None:
        self._address = address
        self.writers: list[asyncio.StreamWriter] = []

    async def connect(self, data: bytes) -> Client:
        host, _, port = self._address.rpartition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        self.writers.append(writer)
        writer.write(data)
        return reader, writer


@asynccontextmanager
async def listening() -> AsyncIterator[Clients]:
    app = AdminApp(Metrics(version="1").registry, Readiness(), cast("Reloader", NoReloads()), FakeBoard())
    listener = AdminListener("127.0.0.1:0", app)
    listener.start()
    clients = Clients(listener.address)
    try:
        yield clients
    finally:
        for writer in clients.writers:
            writer.close()
        await listener.stop()


async def read(client: Client) -> bytes:
    """Return one answer, ``CUT_OFF`` when there is none."""
    async with asyncio.timeout(PATIENCE):
        try:
            head = await client[0].readuntil(b"\r\n\r\n")
            return head + await client[0].readexactly(len(b"alive\n"))
        except (asyncio.IncompleteReadError, ConnectionResetError):
            return CUT_OFF


@pytest.mark.parametrize("sent", [b"", b"G", HALF])
async def test_an_unfinished_head_is_cut_off(sent: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admin_connection, "HEAD_SECONDS", SOON)
    async with listening() as clients:
        assert await read(await clients.connect(sent)) == CUT_OFF


async def test_so_is_a_later_one_on_the_same_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admin_connection, "HEAD_SECONDS", SOON)
    async with listening() as clients:
        client = await clients.connect(WHOLE)
        assert (await read(client)).endswith(b"alive\n")
        client[1].write(HALF)
        assert await read(client) == CUT_OFF


async def test_dripping_bytes_do_not_prolong_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admin_connection, "HEAD_SECONDS", SOON)
    async with listening() as clients:
        client = await clients.connect(HALF)
        gone = asyncio.create_task(read(client))
        while not gone.done():
            client[1].write(b"x")
            await asyncio.sleep(SOON / 10)
        assert gone.result() == CUT_OFF


async def test_a_silent_connection_that_was_served_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admin_connection, "HEAD_SECONDS", SOON)
    async with listening() as clients:
        served, silent = await clients.connect(WHOLE), await clients.connect(b"")
        assert (await read(served)).endswith(b"alive\n")
        assert await read(silent) == CUT_OFF  # so the time is over for all of them
        served[1].write(WHOLE)
        assert (await read(served)).endswith(b"alive\n")


async def test_one_too_many_takes_the_place_of_who_was_silent_longest(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(admin_connection, "MAX_CONNECTIONS", 3)
    caplog.set_level(logging.INFO)
    async with listening() as clients:
        first = [await clients.connect(WHOLE) for _ in range(3)]
        assert all([(await read(client)).endswith(b"alive\n") for client in first])
        assert (await read(await clients.connect(WHOLE))).endswith(b"alive\n")
        assert await read(first[0]) == CUT_OFF
        first[1][1].write(WHOLE)
        assert (await read(first[1])).endswith(b"alive\n")
    assert [record for record in caplog.records if record.name.startswith("uvicorn")] == []


async def test_where_nobody_waits_for_a_further_request_one_too_many_is_cut_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(admin_connection, "MAX_CONNECTIONS", 3)
    async with listening() as clients:
        for _ in range(3):
            await clients.connect(b"GET /healthz HTTP/1.1\r\n")
        assert await read(await clients.connect(WHOLE)) == CUT_OFF


async def test_nonsense_is_no_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async with listening() as clients:
        reader, _ = await clients.connect(b"\0\r\n\r\n")
        async with asyncio.timeout(PATIENCE):
            assert (await reader.read()).startswith(b"HTTP/1.1 400 ")
    assert caplog.records == []
