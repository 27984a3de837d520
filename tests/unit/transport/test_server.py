"""Connections are accepted, bounded, looked after one by one, and ended in order."""

import asyncio
import errno
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from extauthz.service.native_tls import NativeTls
from extauthz.service.tls import TlsInUse, TlsMaterial
from extauthz.transport import listening as listening_module
from extauthz.transport import room as room_module
from extauthz.transport import server as server_module
from extauthz.transport.cause import Cause
from extauthz.transport.connection import Connection
from extauthz.transport.methods import UnaryMethod
from extauthz.transport.room import Room
from extauthz.transport.server import Server
from extauthz.transport.session import Session
from extauthz.transport.sessions import ALPN, Sessions
from support import frames, pki
from support.h2_peer import CHECK_PATH, Peer
from support.h2_session import LIMITS, Account

CA = pki.make_ca()
LEAF = CA.issue("localhost", dns=["localhost"], eku=[pki.SERVER_AUTH])
PATIENCE = 20


def _admitted(connection: Connection, _caller: object) -> bool:
    connection.admitted()
    return True


class Running:
    """A server that echoes."""

    def __init__(
        self,
        *,
        tls: Callable[[], ssl.SSLContext] | None = None,
        caller: Callable[[Connection], object] = lambda _connection: None,
        age: float = 300.0,
        room: Room | None = None,
    ) -> None:
        self.counted: list[Cause] = []
        self.reports: list[str] = []
        self.refused: list[tuple[str, str]] = []
        self.clients: list[Client] = []
        self.may_come = True
        listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = listening.getsockname()[1]
        self.skipped = 0.0
        loop = asyncio.get_running_loop()

        def clock() -> float:
            return loop.time() + self.skipped

        sessions = Sessions(
            replace(LIMITS, age=age),
            {CHECK_PATH: UnaryMethod(lambda raw, _caller: raw, Account())},
            caller=caller,
            asked=_admitted,
            count=self.counted.append,
            report=self.reports.append,
            clock=clock,
        )
        self.server = Server(
            [listening],
            sessions,
            room=Room(1) if room is None else room,
            protocols=[ALPN],
            tls=tls,
            may_come=lambda _accepted: self.may_come,
            count=self.counted.append,
            report=self.reports.append,
            refused=lambda peer, why: self.refused.append((peer, why)),
            clock=clock,
        )

    def skip(self, seconds: float) -> None:
        """Let so much time have passed."""
        self.skipped += seconds

    async def counts(self, *causes: Cause) -> None:
        """Wait until these were counted."""
        async with asyncio.timeout(PATIENCE):
            while self.counted != list(causes):  # noqa: ASYNC110  (what is waited for has no event)
                await asyncio.sleep(0.01)

    async def empty(self) -> None:
        """Wait until nobody is connected."""
        async with asyncio.timeout(PATIENCE):
            while self.server.connections:  # noqa: ASYNC110  (the same)
                await asyncio.sleep(0.01)


class Client:
    """One connection of a client."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.peer = Peer()
        self._reader = reader
        self._writer = writer
        self._rest = b""
        self.say(self.peer.hello)

    def say(self, data: bytes) -> None:
        self._writer.write(data)

    async def ask(self, content: bytes) -> bytes:
        stream_id, sent = self.peer.request(content)
        self.say(sent)
        async with asyncio.timeout(PATIENCE):
            while not self.peer.answers[stream_id].ended:
                assert await self.hear()
        return self.peer.answers[stream_id].message

    async def hear(self) -> bool:
        """Read something, and answer what an honest client answers by itself; False at the end."""
        try:
            data = await self._reader.read(1 << 16)
        except ConnectionError:
            return False
        self._rest += data
        whole = frames.whole(self._rest)
        self.peer.read(self._rest[:whole])
        self._rest = self._rest[whole:]
        self.say(self.peer.acknowledgements())
        return bool(data)

    async def hear_all(self) -> None:
        """Read to the end."""
        async with asyncio.timeout(PATIENCE):
            while await self.hear():
                pass

    async def close(self) -> None:
        self._writer.transport.abort()
        await asyncio.sleep(0)


@asynccontextmanager
async def running(**options: object) -> AsyncIterator[Running]:
    one = Running(**options)  # type: ignore[arg-type]  # passed on
    await one.server.start()
    try:
        yield one
    finally:
        await one.server.stop(0)
        for client in one.clients:
            await client.close()
        assert one.server.connections == 0


async def connect(one: Running, tls: ssl.SSLContext | None = None) -> Client:
    name = None if tls is None else "localhost"
    client = Client(*await asyncio.open_connection("127.0.0.1", one.port, ssl=tls, server_hostname=name))
    one.clients.append(client)
    return client


async def known(one: Running) -> Client:
    """Connect, and be a stranger no more."""
    client = await connect(one)
    assert await client.ask(b"hello") == b"hello"
    return client


def client_context(*protocols: str) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=CA.pem.decode())
    context.set_alpn_protocols(protocols)
    return context


def server_tls() -> NativeTls:
    return NativeTls(TlsInUse(TlsMaterial(LEAF.pem, LEAF.key_pem)), [ALPN])


async def test_clients_are_answered_and_counted() -> None:
    async with running() as one:
        first, second = await connect(one), await connect(one)
        assert await first.ask(b"one") == b"one"
        assert await second.ask(b"two") == b"two"
        assert one.server.connections == 2
        await first.close()
        await second.close()
        await one.empty()
    assert one.counted == []


async def test_over_tls_only_h2_is_spoken() -> None:
    async with running(tls=server_tls()) as one:
        client = await connect(one, client_context("h2"))
        assert await client.ask(b"x") == b"x"
        await client.close()
        for protocols in ((), ("http/1.1",)):
            other = await connect(one, client_context(*protocols))
            await other.hear_all()
        await one.counts(Cause.NO_ALPN, Cause.NO_ALPN)
        await one.empty()


async def test_what_is_no_tls_ends_alone() -> None:
    async with running(tls=server_tls()) as one:
        plain = await connect(one)
        await plain.hear_all()
        await one.counts(Cause.HANDSHAKE)
        ((peer, why),) = one.refused
        assert peer.startswith("127.0.0.1:")
        assert why
        client = await connect(one, client_context("h2"))
        assert await client.ask(b"x") == b"x"
        await client.close()


async def test_a_handshake_that_cannot_begin_ends_alone() -> None:
    def broken() -> ssl.SSLContext:
        raise ValueError

    async with running(tls=broken) as one:
        client = await connect(one)
        await client.hear_all()
        assert (one.reports, one.counted) == (["a connection could not begin"], [Cause.INTERNAL])
        await one.empty()


async def test_a_handshake_has_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "HANDSHAKE_SECONDS", 0.05)
    async with running(tls=server_tls()) as one:
        reader, writer = await asyncio.open_connection("127.0.0.1", one.port)
        assert await reader.read() == b""
        writer.close()
        await one.counts(Cause.HANDSHAKE)
        ((peer, why),) = one.refused
        assert peer.startswith("127.0.0.1:")
        assert why
        await one.empty()


async def test_more_connections_than_there_is_room_for_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room_module, "MAX_CONNECTIONS", 2)
    async with running() as one:
        kept = [await known(one) for _ in range(2)]
        late = await connect(one)
        await late.hear_all()
        assert one.counted == [Cause.TOO_MANY_CONNECTIONS]
        await kept[0].close()
        await kept[0].hear_all()
        async with asyncio.timeout(PATIENCE):
            while one.server.connections > 1:  # noqa: ASYNC110  (it has no event)
                await asyncio.sleep(0.01)
        assert await (await connect(one)).ask(b"x") == b"x"


async def test_strangers_never_hold_more_than_their_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room_module, "MAX_CONNECTIONS", 8)
    async with running() as one:
        proxy = await known(one)
        strangers = [await connect(one) for _ in range(5)]
        for gone in strangers[:3]:
            await gone.hear_all()
        assert one.counted == [Cause.STRANGER] * 3
        assert one.server.connections == 3
        assert await proxy.ask(b"y") == b"y"
        assert [await left.ask(b"z") for left in strangers[3:]] == [b"z", b"z"]


async def test_the_last_place_goes_from_a_stranger_to_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room_module, "MAX_CONNECTIONS", 8)
    async with running() as one:
        proxies = [await known(one) for _ in range(7)]
        stranger = await connect(one)
        for client in (*proxies, await connect(one)):
            assert await client.ask(b"y") == b"y"
        await stranger.hear_all()
        assert one.counted == [Cause.STRANGER]
        assert one.server.connections == 8


async def test_one_without_a_handshake_makes_way_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room_module, "MAX_CONNECTIONS", 8)
    async with running(tls=server_tls()) as one:
        silent = [await asyncio.open_connection("127.0.0.1", one.port) for _ in range(12)]
        client = await connect(one, client_context("h2"))
        assert await client.ask(b"x") == b"x"
        for reader, writer in silent[:11]:
            with suppress(ConnectionError):
                assert await reader.read() == b""
            writer.close()
        await one.counts(*[Cause.STRANGER] * 11)
        assert one.refused == [], "it is no handshake that failed"
        silent[11][1].close()
        await client.close()
        await one.empty()


async def test_a_connection_that_goes_before_it_began_leaves_nothing() -> None:
    async with running() as one:
        ours, theirs = socket.socketpair()
        one.server._begin(theirs, "")
        (connection,) = one.server._open
        one.server._send_away(connection)
        reader, writer = await asyncio.open_connection(sock=ours)
        async with asyncio.timeout(PATIENCE):
            assert await reader.read() == b""
        writer.close()
        assert (one.counted, one.server.connections, one.server._handshakes) == ([Cause.STRANGER], 0, {})


async def test_who_may_not_come_gets_no_place_in_a_crowd(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room_module, "MAX_CONNECTIONS", 8)
    async with running() as one:
        one.may_come = False
        for _ in range(3):
            await known(one)
        assert one.server.crowded
        late = await connect(one)
        await late.hear_all()
        assert one.counted == [Cause.TOO_MANY_CONNECTIONS]


async def test_whoever_has_shown_what_is_no_longer_enough_is_sent_away() -> None:
    def caller(connection: Connection) -> None:
        connection.stands = lambda: good

    good = True
    async with running(caller=caller) as one:
        client = await connect(one)
        assert await client.ask(b"x") == b"x"
        one.server.dismiss(PATIENCE)
        assert await client.ask(b"y") == b"y"
        good = False
        one.server.dismiss(PATIENCE)
        await client.hear_all()
        assert client.peer.goaways[0] == (0x7FFFFFFF, 0, b"")
        await one.counts(Cause.CLIENT_CA)
        late = await connect(one)
        await late.hear_all()
        await one.counts(Cause.CLIENT_CA, Cause.CLIENT_CA)


async def test_an_end_waits_for_calls_in_flight() -> None:
    async with running() as one:
        client = await connect(one)
        stream_id, sent = client.peer.head()
        client.say(sent)
        await client.ask(b"other")
        stopping = asyncio.create_task(one.server.stop(PATIENCE))
        async with asyncio.timeout(PATIENCE):
            while len(client.peer.goaways) < 2:
                await client.hear()
        client.say(frames.data(stream_id, frames.message(b"last"), end=True))
        await client.hear_all()
        assert client.peer.answers[stream_id].message == b"last"
        await client.close()
        await stopping
    assert one.counted == [Cause.DRAIN]


async def test_an_end_cuts_off_what_takes_too_long() -> None:
    async with running() as one:
        client = await connect(one)
        _, sent = client.peer.head()
        client.say(sent)
        await client.ask(b"other")
        stopping = asyncio.create_task(one.server.stop(10 * PATIENCE))
        while not client.peer.goaways:
            await client.hear()
        assert one.counted == []
        one.skip(10 * PATIENCE)
        await client.hear_all()
        await client.close()
        async with asyncio.timeout(PATIENCE):
            await stopping
    assert one.counted == [Cause.DRAIN]


async def test_after_the_end_nobody_connects() -> None:
    async with running() as one:
        await one.server.stop(1)
        with pytest.raises(OSError, match="Connect call failed"):
            await connect(one)


async def test_a_handshake_on_its_way_is_no_reason_to_wait() -> None:
    async with running(tls=server_tls()) as one:
        reader, writer = await asyncio.open_connection("127.0.0.1", one.port)
        async with asyncio.timeout(PATIENCE):
            while not one.server.connections:  # noqa: ASYNC110  (it has no event)
                await asyncio.sleep(0.01)
        await one.server.stop(PATIENCE)
        assert await reader.read() == b""
        writer.close()
    assert one.counted == [Cause.DRAIN]


async def test_old_connections_are_closed() -> None:
    async with running(age=LIMITS.keepalive / 2) as one:
        client = await connect(one)
        await client.ask(b"x")
        one.skip(LIMITS.keepalive * 2 / 3)  # ages differ by a tenth
        await client.hear_all()
        assert client.peer.goaways == [(0x7FFFFFFF, 0, b""), (1, 0, b"")]
        await client.close()
        await one.counts(Cause.AGE)


async def test_a_defect_in_one_connection_leaves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_connection: Connection) -> None:
        raise RuntimeError

    async with running() as one:
        client = await connect(one)
        await client.ask(b"x")
        monkeypatch.setattr(one.server, "_begin_conversation", broken)
        other = await connect(one)
        await other.hear_all()
        assert await client.ask(b"y") == b"y"
    assert (one.reports, one.counted) == (["a connection could not begin"], [Cause.INTERNAL, Cause.DRAIN])


async def test_a_defect_in_looking_after_one_ends_that_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_session: Session, _now: float, *, unwritten: int) -> None:
        raise RuntimeError

    async with running() as one:
        client = await connect(one)
        await client.ask(b"x")
        with monkeypatch.context() as patched:
            patched.setattr(Session, "tick", broken)
            await client.hear_all()
        assert one.reports[0] == "a connection failed"
        assert one.counted[0] is Cause.INTERNAL
        assert await (await connect(one)).ask(b"x") == b"x"


async def test_without_files_left_it_accepts_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    def accept(listening: socket.socket) -> tuple[socket.socket, object]:
        if not one.reports:
            raise OSError(24, "Too many open files")
        return really(listening)

    really = socket.socket.accept
    monkeypatch.setattr(socket.socket, "accept", accept)
    monkeypatch.setattr(listening_module, "RETRY_SECONDS", 0.05)
    async with running() as one:
        client = await connect(one)
        assert await client.ask(b"x") == b"x"
        assert one.reports == ["a connection could not be accepted"]


async def test_without_files_left_a_stranger_of_any_listener_gives_way_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def accept(listening: socket.socket) -> tuple[socket.socket, object]:
        if full and listening.getsockname()[1] == other.port and not one.counted:
            raise OSError(errno.EMFILE, "Too many open files")
        return really(listening)

    full = False
    really = socket.socket.accept
    monkeypatch.setattr(socket.socket, "accept", accept)
    monkeypatch.setattr(listening_module, "RETRY_SECONDS", 1e9)
    room = Room(2)
    async with running(room=room) as one, running(room=room) as other:
        proxy = await known(other)
        strangers = [await connect(one) for _ in range(2)]
        async with asyncio.timeout(PATIENCE):
            while one.server.connections < 2:  # noqa: ASYNC110  (it has no event)
                await asyncio.sleep(0.01)
        full = True
        assert await (await connect(other)).ask(b"x") == b"x"
        await strangers[0].hear_all()
        assert await proxy.ask(b"y") == b"y"
        assert await strangers[1].ask(b"z") == b"z"
        assert (one.counted, other.counted) == ([Cause.STRANGER], [])
        assert other.reports == ["a connection could not be accepted"]


@pytest.mark.parametrize("number", [errno.ECONNABORTED, errno.EPROTO, errno.ENETDOWN, errno.EHOSTUNREACH, errno.EPERM])
async def test_what_has_become_of_one_connection_holds_up_no_other(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def accept(listening: socket.socket) -> tuple[socket.socket, object]:
        if len(failed) < 2:
            failed.append(number)
            raise OSError(number, "what the network says of one connection")
        return really(listening)

    failed: list[int] = []
    really = socket.socket.accept
    monkeypatch.setattr(socket.socket, "accept", accept)
    monkeypatch.setattr(listening_module, "RETRY_SECONDS", 1e9)
    async with running() as one:
        assert await (await connect(one)).ask(b"x") == b"x"
        assert (failed, one.reports) == ([number] * 2, [])


async def test_a_unix_socket_is_as_good(tmp_path: Path) -> None:
    path = str(tmp_path / "s")
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(path)
    listening.listen()
    counted: list[Cause] = []
    reports: list[str] = []
    clock = asyncio.get_running_loop().time
    sessions = Sessions(
        LIMITS,
        {CHECK_PATH: UnaryMethod(lambda raw, _caller: raw, Account())},
        caller=lambda _connection: None,
        asked=_admitted,
        count=counted.append,
        report=reports.append,
        clock=clock,
    )
    server = Server(
        [listening],
        sessions,
        room=Room(1),
        protocols=[ALPN],
        tls=None,
        may_come=lambda _accepted: True,
        count=counted.append,
        report=reports.append,
        refused=lambda _peer, _why: None,
        clock=clock,
    )
    await server.start()
    client = Client(*await asyncio.open_unix_connection(path))
    assert await client.ask(b"x") == b"x"
    await client.close()
    await server.stop(0)
