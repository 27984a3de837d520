"""The protected service in HTTP/2 without TLS, as much of it as shows what trailers get there."""

import socketserver
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Self

import ngh2

Trailers = Sequence[tuple[bytes, bytes]]


class Http2Upstream:
    """A server on a free loopback port that answers 200 to every request. A context manager."""

    def __init__(self) -> None:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def arrived(self) -> Sequence[Trailers]:
        """The trailers of every request that got here whole."""
        return list(self._server.arrived)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False  # a proxy keeps its connections open, and their threads would wait for it

    def __init__(self, address: tuple[str, int], handler: type[socketserver.BaseRequestHandler]) -> None:
        super().__init__(address, handler)
        self.arrived: list[Trailers] = []


class _Handler(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        """Answer everything, until the other side closes."""
        connection = ngh2.Connection(ngh2.Role.SERVER)
        connection.initiate_connection({})
        self.request.sendall(connection.data_to_send())
        while received := self.request.recv(1 << 16):
            connection.receive_data(received)
            for event in connection.events():
                if isinstance(event, ngh2.TrailersReceived):
                    self._answer(connection, event.stream_id, tuple(event.headers))
                elif isinstance(event, ngh2.RequestReceived | ngh2.DataReceived) and event.end_stream:
                    self._answer(connection, event.stream_id, ())
            self.request.sendall(connection.data_to_send())

    def _answer(self, connection: ngh2.Connection, stream_id: int, trailers: Trailers) -> None:
        self.server.arrived.append(trailers)
        connection.send_response(stream_id, [(b":status", b"200")], end_stream=True)
