"""The service in this process: wired, answering, and ended by a signal; its parts have tests of their own."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from extauthz.config.parts import Parts
from extauthz.observe import process_log
from extauthz.refresh.keeper import CrlKeeper
from extauthz.service import app as app_module
from extauthz.service.app import EXIT_CANNOT_RUN, EXIT_HURRIED, EXIT_OK, serve
from extauthz.service.loading import Loaded, load
from extauthz.service.watch import Watcher
from extauthz.wire.proto.envoy.service.auth.v3.external_auth_pb2 import CheckResponse
from support.edge_pki import EdgePki
from support.process_state import process_as_before
from support.questions import allowed, policy, question, reason
from support.service_site import Site

PATIENCE = 20.0
Event = Mapping[str, object]


class Running:
    """A service that runs as a task, and what it logged."""

    def __init__(self, path: Path, lines: Callable[[], list[str]]) -> None:
        self._lines = lines
        self.task = asyncio.create_task(serve(path))

    def events(self, name: str) -> list[Event]:
        found = [json.loads(line) for line in self._lines() if line.startswith("{")]
        return [event for event in found if event["event"] == name]

    async def event(self, name: str, number: int = 1) -> Event:
        async with asyncio.timeout(PATIENCE):
            while len(found := self.events(name)) < number:
                assert not self.task.done(), self._lines()
                await asyncio.sleep(0.02)
        return found[number - 1]

    async def stop(self) -> int:
        os.kill(os.getpid(), signal.SIGTERM)
        return await asyncio.wait_for(self.task, PATIENCE)


@pytest.fixture
def pki(tmp_path: Path) -> EdgePki:
    return EdgePki(tmp_path / "pki")


@pytest.fixture
def site(tmp_path: Path, pki: EdgePki) -> Site:
    return Site(tmp_path, pki)


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Put back what other tests rely on: the service configures the whole process."""
    with process_as_before():
        yield


@pytest.fixture
def stderr(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], list[str]]]:
    """Return all whole lines of standard error so far.

    The log, which another thread writes, goes to a file of its own: what pytest captures is emptied after it was read,
    and a line that is written in between is lost.
    """
    path = tmp_path / "log"
    said: list[str] = []

    def read() -> list[str]:
        said.extend(capfd.readouterr().err.splitlines())
        return [*said, *path.read_text(encoding="utf-8").split("\n")[:-1]]

    with path.open("wb") as file:
        monkeypatch.setattr(process_log, "_STDERR_DESCRIPTOR", file.fileno())
        yield read


@asynccontextmanager
async def running(site: Site, stderr: Callable[[], list[str]], **sections: object) -> AsyncIterator[Running]:
    site.write(**sections)
    one = Running(site.path, stderr)
    try:
        yield one
    finally:
        if not one.task.done():
            os.kill(os.getpid(), signal.SIGTERM)
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.wait_for(one.task, PATIENCE)


async def check(address: object, raw: bytes, credentials: grpc.ChannelCredentials | None = None) -> CheckResponse:
    channel = (
        grpc.aio.insecure_channel(str(address))
        if credentials is None
        else grpc.aio.secure_channel(str(address), credentials)
    )
    async with channel:
        ask: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(
            "/envoy.service.auth.v3.Authorization/Check"
        )
        return CheckResponse.FromString(await ask(raw, timeout=PATIENCE, wait_for_ready=True))


async def test_it_answers_reloads_and_ends(site: Site, stderr: Callable[[], list[str]]) -> None:
    asked = question(site.pki.issue("alice")).SerializeToString()
    async with running(site, stderr) as service:
        address = (await service.event("ready"))["grpc"]
        assert allowed(await check(address, asked))
        site.write(policies=[{"name": "new", "when": {}, "require": {}}])
        os.kill(os.getpid(), signal.SIGHUP)
        await service.event("reloaded")
        assert service.events("this setting changes only with a restart") == []
        assert policy(await check(address, asked)) == "new"
        assert await service.stop() == EXIT_OK
    assert [line["policy"] for line in site.decisions()] == ["everybody", "new"]


async def test_health_and_reflection_are_beside_check(site: Site, stderr: Callable[[], list[str]]) -> None:
    listen = {"grpc": {"address": "127.0.0.1:0", "reflection": True}, "admin": {"address": "127.0.0.1:0"}}
    async with running(site, stderr, listen=listen) as service:
        address = (await service.event("ready"))["grpc"]
        async with grpc.aio.insecure_channel(str(address)) as channel:
            answer = await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest())
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
        assert await service.stop() == EXIT_OK


async def test_tls_serves_whom_it_should_with_the_newest_files(site: Site, stderr: Callable[[], list[str]]) -> None:
    folder, pki = site.pki.directory, site.pki
    tls = {"cert": "server.pem", "key": "server.key", "client_ca": "root.pem", "allowed_clients": ["uri:spiffe://a/b"]}
    tls = {name: str(folder / value) if isinstance(value, str) else value for name, value in tls.items()}
    listen = {"grpc": {"address": "127.0.0.1:0", "tls": tls}, "admin": {"address": "127.0.0.1:0"}}
    asked = question(pki.issue("alice")).SerializeToString()
    welcome = pki.issue("gateway", uris=["spiffe://a/b"])
    other = pki.issue("other", uris=["spiffe://a/c"])
    async with running(site, stderr, listen=listen) as service:
        address = (await service.event("ready"))["grpc"]
        for number in (1, 2):
            as_welcome = grpc.ssl_channel_credentials(pki.root.pem, welcome.key_pem, welcome.chain_pem)
            as_other = grpc.ssl_channel_credentials(pki.root.pem, other.key_pem, other.chain_pem)
            assert allowed(await check(address, asked, as_welcome))
            assert reason(await check(address, asked, as_other)) == "caller_not_allowed"
            pki.save("server", pki.issue("localhost", ips=["127.0.0.1"], eku=["1.3.6.1.5.5.7.3.1"]))
            await service.event("reloaded", number)
        assert await service.stop() == EXIT_OK


async def test_unix_sockets_are_served_and_removed(site: Site, stderr: Callable[[], list[str]]) -> None:
    sockets = [site.folder / "g", site.folder / "a"]
    listen = {"grpc": {"address": f"unix:{sockets[0]}"}, "admin": {"address": f"unix:{sockets[1]}"}}
    async with running(site, stderr, listen=listen) as service:
        address = (await service.event("ready"))["grpc"]
        assert allowed(await check(address, question(site.pki.issue("alice")).SerializeToString()))
        assert [path.is_socket() for path in sockets] == [True, True]
        assert await service.stop() == EXIT_OK
    assert [path.exists() for path in sockets] == [False, False]


async def test_a_second_signal_ends_it_at_once(site: Site, stderr: Callable[[], list[str]]) -> None:
    async with running(site, stderr, shutdown={"drain_delay": "10m", "grace": "10m"}) as service:
        await service.event("ready")
        os.kill(os.getpid(), signal.SIGTERM)
        await service.event("draining")
        assert await service.stop() == EXIT_HURRIED


async def test_a_configuration_with_problems_is_not_served(site: Site, stderr: Callable[[], list[str]]) -> None:
    site.write(policies=[], nonsense=1)
    assert await serve(site.path) == EXIT_CANNOT_RUN
    assert len([line for line in stderr() if line.startswith(str(site.path))]) == 2


async def test_a_socket_path_that_cannot_be_had_is_said(site: Site, stderr: Callable[[], list[str]]) -> None:
    listen = {"grpc": {"address": f"unix:{site.path}"}, "admin": {"address": "127.0.0.1:0"}}
    site.write(listen=listen)
    assert await serve(site.path) == EXIT_CANNOT_RUN
    assert f"cannot listen on unix:{site.path}: {site.path} exists and is not a socket" in stderr()


@pytest.mark.parametrize("listener", ["grpc", "admin"])
async def test_an_address_that_cannot_be_had_is_said(
    listener: str, site: Site, stderr: Callable[[], list[str]]
) -> None:
    listen = {"grpc": {"address": "127.0.0.1:0"}, "admin": {"address": "127.0.0.1:0"}}
    listen[listener] = {"address": "192.0.2.1:9191"}
    site.write(listen=listen)
    assert await serve(site.path) == EXIT_CANNOT_RUN
    assert "cannot listen on 192.0.2.1:9191: cannot assign requested address" in stderr()


async def test_a_background_task_that_fails_is_said_and_starts_again(
    site: Site, stderr: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_watcher: Watcher) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(app_module, "RESTART_SECONDS", 0.01)
    monkeypatch.setattr(Watcher, "run", broken)
    async with running(site, stderr) as service:
        await service.event("a background task failed and starts again", 2)
        assert await service.stop() == EXIT_OK


async def test_a_signal_while_it_loads_ends_it_before_it_serves(
    site: Site, stderr: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    signals = [signal.SIGTERM]

    def slow(path: Path, at: datetime, keeper: CrlKeeper, before: Parts | None) -> Loaded:
        while signals:
            os.kill(os.getpid(), signals.pop())
        return load(path, at, keeper, before)

    monkeypatch.setattr(app_module, "load", slow)
    site.write()
    assert await asyncio.wait_for(serve(site.path), PATIENCE) == EXIT_OK
    assert not any('"ready"' in line for line in stderr())
