"""Accepts connections, counts them, and ends them."""

import asyncio
import socket
from collections.abc import Callable

from extauthz.transport.connection import Connection
from extauthz.transport.limits import Cause, Limits
from extauthz.transport.methods import Caller, Methods
from extauthz.transport.session import Session


class Server:
    """One listening socket and its connections."""

    def __init__(
        self,
        listening: socket.socket,
        limits: Limits,
        methods: Methods,
        *,
        caller: Callable[[Connection], Caller],
        count: Callable[[Cause], None],
        report: Callable[[str], None],
        clock: Callable[[], float],
    ) -> None:
        listening.setblocking(False)
        self._listening = listening
        self._limits = limits
        self._methods = methods
        self._caller = caller
        self._count = count
        self._report = report
        self._clock = clock
        self._connections: set[Connection] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Begin to accept."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connection, sock=self._listening)

    async def stop(self, grace: float) -> None:  # noqa: ARG002
        if self._server is not None:
            self._server.close()
        for connection in tuple(self._connections):
            connection.transport.close()

    def _connection(self) -> Connection:
        return Connection(self._session, self._connections.discard)

    def _session(self, connection: Connection) -> Session:
        self._connections.add(connection)
        return Session(
            self._limits,
            self._methods,
            caller=self._caller(connection),
            clock=self._clock,
            count=self._count,
            keep=lambda _more: True,
            report=self._report,
            wake=connection.wake,
        )
