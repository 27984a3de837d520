"""The protected service behind a test's proxy: it answers with every header line that it got, unmerged and in order."""

import json
import socketserver
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

MAX_LINE = 1 << 20
"""Bytes of one header line: more than any proxy here forwards."""
NUMBER_HEADER = "x-request-number"
"""The header by which a test finds its request again: here, in Envoy's access log."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """One request as it got here."""

    method: str
    target: str
    headers: Sequence[tuple[str, str]]
    """Names as they were written."""
    body: bytes
    trailers: Sequence[tuple[str, str]] = ()
    """What came after a chunked body: some servers take these lines for headers."""


class Upstream:
    """An HTTP/1.1 server on a free loopback port. It reads header lines by itself, so that nothing is tidied away."""

    def __init__(self) -> None:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def seen(self) -> Sequence[str]:
        """The ``x-request-number`` of every request that got through, in order."""
        return tuple(self._server.seen)

    @property
    def arrived(self) -> Mapping[str, Arrived]:
        """The requests that got through, by their ``x-request-number``."""
        return dict(self._server.arrived)

    @property
    def all(self) -> Sequence[Arrived]:
        """Every request that got through, with and without a number."""
        return tuple(self._server.all)

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
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], handler: type[socketserver.BaseRequestHandler]) -> None:
        super().__init__(address, handler)
        self.seen: list[str] = []
        self.arrived: dict[str, Arrived] = {}
        self.all: list[Arrived] = []


class _Handler(socketserver.StreamRequestHandler):
    server: _Server
    disable_nagle_algorithm = True

    def handle(self) -> None:
        """Answer one request after the other, until the other side closes."""
        with suppress(ConnectionError):
            while self._answer():
                pass

    def _answer(self) -> bool:
        request_line = self.rfile.readline(MAX_LINE).decode("latin-1").split()
        if not request_line:
            return False
        headers = self._lines()
        if any(name.lower() == "transfer-encoding" for name, _ in headers):
            request = Arrived(request_line[0], request_line[1], headers, self._chunks(), self._lines())
        else:
            sizes = [int(value) for name, value in headers if name.lower() == "content-length"]
            request = Arrived(request_line[0], request_line[1], headers, self.rfile.read(sum(sizes)))
        numbers = [value for name, value in headers if name.lower() == NUMBER_HEADER]
        self.server.all.append(request)
        self.server.arrived.update(dict.fromkeys(numbers, request))
        self.server.seen.extend(numbers)
        body = json.dumps({"method": request.method, "target": request.target, "headers": headers}).encode()
        head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        self.wfile.write(head.encode() + (b"" if request.method == "HEAD" else body))
        return True

    def _lines(self) -> list[tuple[str, str]]:
        """Read header or trailer lines, up to the empty line after them."""
        lines: list[tuple[str, str]] = []
        while line := self.rfile.readline(MAX_LINE).decode("latin-1").rstrip("\r\n"):
            name, _, value = line.partition(":")
            lines.append((name, value.strip(" ")))
        return lines

    def _chunks(self) -> bytes:
        """Read a chunked body, up to the trailers. A connection that ends within it ends it."""
        body = b""
        while size := int(self.rfile.readline(MAX_LINE).partition(b";")[0].strip() or b"0", 16):
            body += self.rfile.read(size)
            self.rfile.readline(MAX_LINE)
        return body
