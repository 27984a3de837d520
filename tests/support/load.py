"""Clients that ask again and again over kept connections, in a thread of their own, while a test goes on."""

import asyncio
import ssl
import threading
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from support.edge_pki import Client

TIMEOUT = 20.0
"""Seconds for one exchange: one that takes longer counts as broken."""
START = 20.0
"""Seconds until the first answers must have come."""


class Load:
    """A context manager; entering waits until every client has had an answer, leaving waits for the last ones.

    Each client has ``connections``, and each of them sends ``rate`` requests a second at most, one after the other.
    """

    def __init__(
        self, port: int, *, server_ca: Path, clients: Mapping[str, Client], connections: int, rate: float
    ) -> None:
        self._port = port
        self._server_ca = server_ca
        self._clients = clients
        self._connections = connections
        self._pause = 1 / rate
        self._stop = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self._started = {name: threading.Event() for name in clients}
        self.statuses: Counter[tuple[str, int]] = Counter()
        """(client, HTTP status) -> answers."""
        self.broken: list[str] = []
        """Exchanges that ended without an answer, and why."""
        self.bodies: dict[tuple[str, int], set[bytes]] = {}
        """(client, HTTP status) -> what ``_said`` found in the answers."""

    def __enter__(self) -> Self:
        self._thread.start()
        for name, started in self._started.items():
            assert started.wait(START), f"{name} had no answer within {START:.0f} s: {self.broken[:3]}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def answers(self) -> int:
        return sum(self.statuses.values())

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            for name, client in self._clients.items():
                for _ in range(self._connections):
                    tasks.create_task(self._keep_asking(name, client))

    async def _keep_asking(self, name: str, client: Client) -> None:
        context = ssl.create_default_context(cafile=str(self._server_ca))
        context.load_cert_chain(str(client.credentials.certificate), str(client.credentials.key))
        while not self._stop.is_set():
            writer = None
            try:
                async with asyncio.timeout(TIMEOUT):
                    reader, writer = await asyncio.open_connection(
                        "127.0.0.1", self._port, ssl=context, server_hostname="localhost"
                    )
                while not self._stop.is_set():
                    async with asyncio.timeout(TIMEOUT):
                        await self._exchange(name, reader, writer)
                    await asyncio.sleep(self._pause)
            except (OSError, EOFError, TimeoutError, ValueError) as error:
                self.broken.append(f"{name}: {error!r}")
                await asyncio.sleep(self._pause)
            finally:
                if writer is not None:
                    writer.transport.abort()

    async def _exchange(self, name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"GET /load HTTP/1.1\r\nhost: localhost\r\n\r\n")
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower().split("\r\n")
        status = int(head[0].split(" ")[1])
        (length,) = [int(line.partition(":")[2]) for line in head if line.startswith("content-length:")]
        body = await reader.readexactly(length)
        self.statuses[name, status] += 1
        self.bodies.setdefault((name, status), set()).add(_said(body))
        self._started[name].set()


def _said(body: bytes) -> bytes:
    """Return the common name that the upstream was told, as its answer repeats it."""
    return body.partition(b'["x-client-cert-cn", "')[2].partition(b'"')[0]
