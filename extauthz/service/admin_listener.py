"""The admin listener: uvicorn in the event loop of the checks, without its signal handlers and access lines."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Iterator

import uvicorn

from extauthz.service.admin_app import AdminApp
from extauthz.service.admin_connection import MAX_CONNECTIONS, AdminConnection
from extauthz.service.listen_address import listening_socket, unix_path, with_port
from extauthz.service.unix_socket import OwnSocketFile

KEEP_ALIVE_SECONDS = 65
"""Longer than the usual scrape interval, so that a scrape finds its connection open."""
STOP_SECONDS = 2
"""How long an answer on its way may still take at the end."""


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the lifecycle, which drains first."""
        yield


class AdminListener:
    """One HTTP server on one address."""

    def __init__(self, address: str, app: AdminApp) -> None:
        """Bind. Raises ListenError."""
        self._socket: socket.socket = listening_socket(address)
        path = unix_path(address)
        self._file = OwnSocketFile(path)
        self.address = address if path is not None else with_port(address, self._socket.getsockname()[1])
        """Where it listens, with the port that was given for port 0."""
        self._server = _Server(
            uvicorn.Config(
                app,
                http=AdminConnection,
                ws="none",
                lifespan="off",
                log_config=None,
                log_level=logging.ERROR,  # what clients get wrong is theirs, and they could fill the log with it
                access_log=False,
                server_header=False,
                proxy_headers=False,
                limit_concurrency=MAX_CONNECTIONS + 1,  # of answers whose clients went away; connections end before
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=STOP_SECONDS,
            )
        )
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to accept."""
        self._task = asyncio.create_task(self._server.serve(sockets=[self._socket]))

    async def stop(self) -> None:
        """Finish the answers on their way and close."""
        self._server.should_exit = True
        if self._task is not None:
            await self._task
        self._socket.close()
        self._file.remove()
