"""Accepts connections, bounds them, looks after them in turn, and ends them."""

import asyncio
import resource
import socket
import ssl
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress

from extauthz.transport.cause import Cause
from extauthz.transport.connection import Connection
from extauthz.transport.conversation import Conversation
from extauthz.transport.limits import (
    ACCEPTED_AT_ONCE,
    HANDSHAKE_SECONDS,
    LINGER_SECONDS,
    MAX_CONNECTIONS,
    SPARE_FILES,
    SWEEP_SECONDS,
    UNREAD_BYTES_OF_ALL,
)

_RETRY_SECONDS = 1.0
"""Before connections are accepted again after the system had nothing left for one."""


class Server:
    """Listening sockets and their connections."""

    def __init__(
        self,
        listening: Sequence[socket.socket],
        begin: Callable[[Connection], Conversation | None],
        *,
        protocols: Collection[str | None],
        tls: Callable[[], ssl.SSLContext] | None,
        count: Callable[[Cause], None],
        report: Callable[[str], None],
        refused: Callable[[str, str], None],
        clock: Callable[[], float],
    ) -> None:
        """``begin`` starts the conversation of a connection, after its TLS handshake where there is one.

        None: it is not wanted, and has been counted.

        ``tls()`` gives the context for the next handshake, which must agree on one of ``protocols`` by ALPN; None among
        them admits clients that know no ALPN.

        ``count(cause)`` counts what is ended, ``report(event)`` logs the exception being handled,
        ``refused(peer, why)`` tells of a TLS handshake that came to nothing.
        """
        for one in listening:
            one.setblocking(False)  # noqa: FBT003  (the socket's own interface)
        self._listening = tuple(listening)
        self._begin_conversation = begin
        self._protocols = protocols
        self._tls = tls
        self._count = count
        self._report = report
        self._refused = refused
        self._clock = clock
        self.room = _room()
        """Connections that there may be at once."""
        self._open: set[Connection] = set()
        self._connections: set[Connection] = set()
        self._handshakes: set[asyncio.Task[None]] = set()
        self._nobody = asyncio.Event()
        self._nobody.set()
        self._leaving = False
        self._sweep: asyncio.TimerHandle | None = None

    @property
    def connections(self) -> int:
        """How many there are, those included that are not past their handshake."""
        return len(self._open)

    async def start(self) -> None:
        """Begin to accept."""
        self._loop = asyncio.get_running_loop()
        for one in self._listening:
            self._loop.add_reader(one.fileno(), self._accept, one)
        self._sweep = self._loop.call_later(SWEEP_SECONDS, self._look)

    async def stop(self, grace: float) -> None:
        """Accept nothing more, and end when every call has ended, or ``grace`` seconds from now.

        A second call may shorten the grace.
        """
        if not self._leaving:
            self._leaving = True
            for one in self._listening:
                self._loop.remove_reader(one.fileno())
                one.close()
        for task in tuple(self._handshakes):
            task.cancel()
        now = self._clock()
        for connection in tuple(self._connections):
            connection.leave(now, grace)
        with suppress(TimeoutError):
            async with asyncio.timeout(grace + LINGER_SECONDS):
                await self._nobody.wait()
        for connection in tuple(self._connections):
            connection.abort()
        if self._sweep is not None:
            self._sweep.cancel()
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER_SECONDS):
                await self._nobody.wait()

    def _accept(self, listening: socket.socket) -> None:
        for _ in range(ACCEPTED_AT_ONCE):
            try:
                accepted, _address = listening.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError:  # nothing left: files, memory
                self._report("a connection could not be accepted")
                self._loop.remove_reader(listening.fileno())
                self._loop.call_later(_RETRY_SECONDS, self._accept_again, listening)
                return
            self._begin(accepted)

    def _accept_again(self, listening: socket.socket) -> None:
        if not self._leaving:
            self._loop.add_reader(listening.fileno(), self._accept, listening)

    def _begin(self, accepted: socket.socket) -> None:
        if len(self._open) >= self.room:
            self._count(Cause.TOO_MANY_CONNECTIONS)
            accepted.close()
            return
        accepted.setblocking(False)  # noqa: FBT003  (the same)
        if accepted.family != socket.AF_UNIX:
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = Connection(self._conversation, lost=self._lost, defect=self._defect)
        self._open.add(connection)
        self._nobody.clear()
        task = self._loop.create_task(self._connect(connection, accepted))
        self._handshakes.add(task)
        task.add_done_callback(self._handshakes.discard)

    async def _connect(self, connection: Connection, accepted: socket.socket) -> None:
        """Hand a socket to the event loop, through the TLS handshake where there is one."""
        peer = "" if self._tls is None else _peer(accepted)
        try:
            if self._tls is None:
                await self._loop.connect_accepted_socket(lambda: connection, accepted)
            else:
                await self._loop.connect_accepted_socket(
                    lambda: connection, accepted, ssl=self._tls(), ssl_handshake_timeout=HANDSHAKE_SECONDS
                )
        except (OSError, asyncio.CancelledError) as error:  # what a client does wrong in TLS is an OSError
            self._count(Cause.DRAIN if self._leaving else Cause.HANDSHAKE)
            if peer and not self._leaving:
                self._refused(peer, str(error) or type(error).__name__)
            accepted.close()
        except Exception:  # noqa: BLE001  (one connection never ends the others)
            self._report("a connection could not begin")
            self._count(Cause.INTERNAL)
            accepted.close()
        finally:
            if connection not in self._connections:
                self._lost(connection)

    def _conversation(self, connection: Connection) -> Conversation | None:
        """Begin the conversation of a connection whose handshake is over; None when it is not wanted."""
        tls = connection.tls
        if tls is not None and tls.selected_alpn_protocol() not in self._protocols:
            self._count(Cause.NO_ALPN)
            return None
        try:
            conversation = self._begin_conversation(connection)
        except Exception:  # noqa: BLE001  (the same)
            self._report("a connection could not begin")
            self._count(Cause.INTERNAL)
            return None
        if conversation is not None:
            self._connections.add(connection)
        return conversation

    def _lost(self, connection: Connection) -> None:
        self._connections.discard(connection)
        self._open.discard(connection)
        if not self._open:
            self._nobody.set()

    def _look(self) -> None:
        """Look after every connection."""
        self._sweep = self._loop.call_later(SWEEP_SECONDS, self._look)
        now = self._clock()
        waiting = 0
        for connection in tuple(self._connections):
            connection.tick(now)
            waiting += connection.unread
        if waiting > UNREAD_BYTES_OF_ALL:
            self._make_room(waiting - UNREAD_BYTES_OF_ALL)

    def _make_room(self, excess: int) -> None:
        """Cut off those that have left the most unread, until that much is gone."""
        for connection in sorted(self._connections, key=lambda one: one.unread, reverse=True):
            excess -= connection.unread
            connection.give_up()
            if excess <= 0:
                return

    def _defect(self, connection: Connection) -> None:
        """End a connection that an exception came out of."""
        self._report("a connection failed")
        self._count(Cause.INTERNAL)
        connection.abort()


def _room() -> int:
    """Return how many connections there may be."""
    files, _most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return MAX_CONNECTIONS
    return max(1, min(MAX_CONNECTIONS, files - SPARE_FILES))


def _peer(accepted: socket.socket) -> str:
    """Return where a connection comes from, for the log."""
    try:
        address = accepted.getpeername()
    except OSError:  # it is gone already
        return "unknown"
    return f"{address[0]}:{address[1]}" if isinstance(address, tuple) else "unix"
