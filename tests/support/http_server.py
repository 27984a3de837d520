"""An HTTP server on a free loopback port that does what a test tells it to, at run time, byte for byte.

    with HttpServer() as server:
        server.serve("/ca.crl", der)                       # with an ETag, so a second request can be answered 304
        fetch(server.url("/ca.crl"))
        server.serve("/ca.crl", newer)                     # new content from now on
        server.behave("/ca.crl", http_answers.status(503)) # or any other behaviour
        assert server.count("/ca.crl") == 1
        server.wait_for("/ca.crl", 2)                      # until a client has asked twice and has been answered

Connections stay open after an answer until the client closes them, unless the answer closes them. A path that nobody
named is answered 404. Behaviours are in ``http_answers``.
"""

import socket
import socketserver
import ssl
import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from support import http_answers, pki

MAX_LINE = 1 << 16
"""Bytes of one request line: far more than anything here sends."""


@dataclass(frozen=True)
class Request:
    """One request as it arrived. Header names are in lower case."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    def header(self, name: str) -> str | None:
        """Return the first value of a header."""
        return next((value for key, value in self.headers if key == name.lower()), None)


class Exchange:
    """One request and the connection that waits for its answer. An ``Answer`` writes to it whatever it likes."""

    def __init__(self, request: Request, connection: socket.socket, stopping: threading.Event) -> None:
        self.request = request
        self._connection = connection
        self._stopping = stopping
        self.open = True

    def send(self, data: bytes) -> None:
        """Write bytes as they are."""
        self._connection.sendall(data)

    def pause(self, seconds: float) -> None:
        """Let time pass, or end at once when the server stops."""
        if self._stopping.wait(seconds):
            raise ConnectionAbortedError("the server stops")

    def close(self) -> None:
        """End the connection in order, after what was sent."""
        self.open = False

    def reset(self) -> None:
        """Break the connection: the client sees ECONNRESET."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self._connection.close()
        self.open = False


class HttpServer:
    """Serves on loopback; give ``tls`` (see ``server_context``) for https, ``host`` for another loopback address.

    ``port`` is for a server that takes the place of one that was stopped.
    """

    def __init__(self, *, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self._host = host
        self._scheme = "http" if tls is None else "https"
        self._server = (_Server6 if ":" in host else _Server)((host, port), _Handler)
        self._server.tls = tls
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def address(self) -> str:
        """``host:port``, as in a Host header."""
        return f"[{self._host}]:{self.port}" if ":" in self._host else f"{self._host}:{self.port}"

    def url(self, path: str = "/", *, host: str | None = None) -> str:
        """Return the URL of a path here, under this server's address or under another name for it."""
        return f"{self._scheme}://{self.address if host is None else f'{host}:{self.port}'}{path}"

    def serve(self, path: str, body: bytes) -> None:
        """From now on, answer this path with these bytes, and with 304 to who has them already."""
        self.behave(path, http_answers.content(body))

    def behave(self, path: str, answer: http_answers.Answer) -> None:
        """From now on, answer this path in this way."""
        self._server.answers[path] = answer

    @property
    def requests(self) -> tuple[Request, ...]:
        """Every request so far, in order of arrival."""
        with self._server.changed:
            return tuple(self._server.requests)

    def count(self, path: str) -> int:
        """Return how many requests for a path have arrived."""
        return sum(request.path == path for request in self.requests)

    def wait_for(self, path: str, requests: int, *, within: float = 15.0) -> None:
        """Wait until a path has been asked for so often, and each was answered. ``TimeoutError`` otherwise."""
        with self._server.changed:
            if not self._server.changed.wait_for(lambda: self._server.answered.count(path) >= requests, within):
                raise TimeoutError(f"{path} was answered {self._server.answered.count(path)} times, not {requests}")

    def wait_until_idle(self, *, within: float = 15.0) -> None:
        """Wait until every client has closed its connections. ``TimeoutError`` otherwise."""
        with self._server.changed:
            if not self._server.changed.wait_for(lambda: not self._server.connections, within):
                raise TimeoutError(f"{len(self._server.connections)} connections are still open")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Refuse connections from now on, and break those that are open. May be called more than once."""
        self._server.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def server_context(leaf: pki.Leaf, directory: Path) -> ssl.SSLContext:
    """Make a TLS server's context of a certificate, its chain and its key; the files go into ``directory``."""
    certificate, key = directory / "server.pem", directory / "server.key"
    certificate.write_bytes(leaf.chain_pem)
    key.write_bytes(leaf.key_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False  # a client that keeps its connection open would hold the end of the test
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], handler: type[socketserver.BaseRequestHandler]) -> None:
        super().__init__(address, handler)
        self.tls: ssl.SSLContext | None = None
        self.stopping = threading.Event()
        self.changed = threading.Condition()
        self.requests: list[Request] = []
        self.answered: list[str] = []
        self.answers: dict[str, http_answers.Answer] = {}
        self.connections: set[socket.socket] = set()

    def server_close(self) -> None:
        """Close the listener and every connection."""
        super().server_close()
        for connection in tuple(self.connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Server6(_Server):
    address_family = socket.AF_INET6


class _Handler(socketserver.BaseRequestHandler):
    server: _Server
    request: socket.socket

    def handle(self) -> None:
        """Answer one request after the other, until either side closes."""
        connection = self.request
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with suppress(OSError):  # a client that goes away, refuses the certificate or is cut off by the end
            if self.server.tls is not None:
                connection = self.server.tls.wrap_socket(connection, server_side=True)
            self._remember(connection)
            try:
                with connection, connection.makefile("rb") as incoming:
                    while self._answer(incoming, connection):
                        pass
            finally:
                self._forget(connection)

    def _remember(self, connection: socket.socket) -> None:
        with self.server.changed:
            self.server.connections.add(connection)

    def _forget(self, connection: socket.socket) -> None:
        with self.server.changed:
            self.server.connections.discard(connection)
            self.server.changed.notify_all()

    def _answer(self, incoming: Iterable[bytes], connection: socket.socket) -> bool:
        lines = []
        for line in incoming:
            if line in {b"\r\n", b"\n"}:
                break
            lines.append(line.decode("latin-1").rstrip("\r\n"))
        if not lines:
            return False
        method, target, _ = lines[0].split(" ", 2)
        pairs = (line.partition(":") for line in lines[1:])
        request = Request(method, target, tuple((name.lower(), value.strip()) for name, _, value in pairs))
        with self.server.changed:
            self.server.requests.append(request)
        exchange = Exchange(request, connection, self.server.stopping)
        try:
            self.server.answers.get(request.path, http_answers.status(404))(exchange)
        finally:
            with self.server.changed:
                self.server.answered.append(request.path)
                self.server.changed.notify_all()
        return exchange.open
