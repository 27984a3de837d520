"""Takes connections, bounds them, looks after them in turn, and ends them."""

import asyncio
import socket
import ssl
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress

from extauthz.transport.cause import Cause
from extauthz.transport.connection import Connection
from extauthz.transport.conversation import Conversation
from extauthz.transport.limits import (
    HANDSHAKE_SECONDS,
    LINGER_SECONDS,
    SWEEP_SECONDS,
    UNREAD_BYTES_OF_ALL,
)
from extauthz.transport.listening import Listening
from extauthz.transport.origin import origin, peer_name
from extauthz.transport.room import Room
from extauthz.transport.strangers import Strangers


class Server:
    """Listening sockets and their connections."""

    def __init__(
        self,
        listening: Sequence[socket.socket],
        begin: Callable[[Connection], Conversation | None],
        *,
        room: Room,
        protocols: Collection[str | None],
        tls: Callable[[], ssl.SSLContext] | None,
        may_come: Callable[[socket.socket], bool],
        count: Callable[[Cause], None],
        report: Callable[[str], None],
        refused: Callable[[str, str], None],
        clock: Callable[[], float],
    ) -> None:
        """``begin`` starts the conversation of a connection, after its TLS handshake where there is one.

        None: it is not wanted, and has been counted.

        ``room`` is shared with the other listeners of the process.

        ``tls()`` gives the context for the next handshake, which must agree on one of ``protocols`` by ALPN; None among
        them admits clients that know no ALPN.

        ``may_come(socket)`` says what is known of a connection that was just accepted. One that may not gets no place
        once it is crowded.

        ``count(cause)`` counts what is ended, ``report(event)`` logs the exception being handled,
        ``refused(peer, why)`` tells of a TLS handshake that came to nothing.
        """
        self._begin_conversation = begin
        self._protocols = protocols
        self._tls = tls
        self._may_come = may_come
        self._count = count
        self._report = report
        self._refused = refused
        self._clock = clock
        self._room = room.of_each
        self._strangers = Strangers(self._room)
        self._listening = Listening(
            listening, self._begin, at_once=self._strangers.at_once, make_way=room.make_way, report=report
        )
        room.used_by(self)
        self._open: set[Connection] = set()
        self._connections: set[Connection] = set()
        self._handshakes: dict[Connection, asyncio.Task[None]] = {}
        self._nobody = asyncio.Event()
        self._nobody.set()
        self._leaving = False
        self._sweep: asyncio.TimerHandle | None = None

    @property
    def connections(self) -> int:
        """How many there are, those included that are not past their handshake."""
        return len(self._open)

    @property
    def crowded(self) -> bool:
        """Whether there are so many that the rest is for those who may ask."""
        return len(self._open) > self._strangers.most

    @property
    def strangers(self) -> int:
        """How many there are on which nobody has shown yet that they may ask."""
        return len(self._strangers)

    def send_stranger_away(self) -> bool:
        """End one of them, so that its file is soon free; say whether there was one."""
        first = self._strangers.first()
        if first is not None:
            self._send_away(first)
        return first is not None

    async def start(self) -> None:
        """Begin to accept."""
        self._loop = asyncio.get_running_loop()
        self._listening.start()
        self._sweep = self._loop.call_later(SWEEP_SECONDS, self._look)

    async def stop(self, grace: float) -> None:
        """Accept nothing more, and end when every call has ended, or ``grace`` seconds from now.

        A second call may shorten the grace.
        """
        self._leaving = True
        self._listening.stop()
        for task in tuple(self._handshakes.values()):
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

    def dismiss(self, grace: float) -> None:
        """Send away, in good order, whoever has shown of itself what is no longer enough to be connected."""
        now = self._clock()
        for connection in tuple(self._connections):
            if not connection.stands():
                connection.leave(now, grace, Cause.CLIENT_CA)

    def _begin(self, accepted: socket.socket, address: object) -> None:
        if not self._has_place_for(accepted):
            self._count(Cause.TOO_MANY_CONNECTIONS)
            accepted.close()
            return
        accepted.setblocking(False)  # noqa: FBT003  (the socket's own interface)
        if accepted.family != socket.AF_UNIX:
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = Connection(
            self._conversation,
            accepted_at=self._clock(),
            admitted=self._strangers.forget,
            lost=self._lost,
            defect=self._defect,
        )
        self._open.add(connection)
        self._strangers.add(connection, origin(accepted.family, address))
        self._nobody.clear()
        task = self._handshakes[connection] = self._loop.create_task(self._connect(connection, accepted))
        task.add_done_callback(lambda task: self._connected(connection, accepted, task))

    def _has_place_for(self, accepted: socket.socket) -> bool:
        """Say whether there is a place, or make one at the cost of whoever has the least right to it."""
        first = self._strangers.one_too_many(full=len(self._open) >= self._room)
        if (first is not None or self.crowded) and not self._may_come(accepted):
            return False
        if first is not None:
            self._send_away(first)
        return len(self._open) < self._room

    def _send_away(self, stranger: Connection) -> None:
        if stranger in self._connections:
            stranger.make_way()
        else:
            self._count(Cause.STRANGER)
            self._handshakes[stranger].cancel()
        self._lost(stranger)

    async def _connect(self, connection: Connection, accepted: socket.socket) -> None:
        """Hand a socket to the event loop, through the TLS handshake where there is one."""
        name = "" if self._tls is None else peer_name(accepted)
        try:
            if self._tls is None:
                await self._loop.connect_accepted_socket(lambda: connection, accepted)
            else:
                await self._loop.connect_accepted_socket(
                    lambda: connection, accepted, ssl=self._tls(), ssl_handshake_timeout=HANDSHAKE_SECONDS
                )
        except (OSError, asyncio.CancelledError) as error:  # what a client does wrong in TLS is an OSError
            if connection in self._open:  # else it was sent away, and counted
                self._count(Cause.DRAIN if self._leaving else Cause.HANDSHAKE)
                if name and not self._leaving:
                    self._refused(name, str(error) or type(error).__name__)
            accepted.close()
        except Exception:  # noqa: BLE001  (one connection never ends the others)
            self._report("a connection could not begin")
            self._count(Cause.INTERNAL)
            accepted.close()
        finally:
            if connection not in self._connections:
                self._lost(connection)

    def _connected(self, connection: Connection, accepted: socket.socket, task: asyncio.Task[None]) -> None:
        """Forget a task that is over; one that never began has closed nothing."""
        self._handshakes.pop(connection, None)
        if task.cancelled():
            accepted.close()
            self._lost(connection)

    def _conversation(self, connection: Connection) -> Conversation | None:
        """Begin the conversation of a connection whose handshake is over; None when it is not wanted."""
        conversation = self._wanted(connection) if connection in self._open else None  # else it was sent away
        if conversation is None:
            self._strangers.forget(connection)
        else:
            self._connections.add(connection)
        return conversation

    def _wanted(self, connection: Connection) -> Conversation | None:
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
        if conversation is not None and not connection.stands():
            self._count(Cause.CLIENT_CA)
            return None
        return conversation

    def _lost(self, connection: Connection) -> None:
        self._connections.discard(connection)
        self._open.discard(connection)
        self._strangers.forget(connection)
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
