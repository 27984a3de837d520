"""The protected service of the demo: it answers every request with the headers that it saw, as JSON.

``python -m extauthz.demo.upstream 8080`` runs it alone on a loopback port, until Ctrl-C.
"""

import json
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

REQUEST_HEADER = "x-demo-request"
"""Each request of the demo carries its number here, so that log lines can be matched to it."""


class EchoServer:
    """An HTTP/1.1 server on a loopback port (0: a free one), in threads of this process. A context manager."""

    def __init__(self, port: int = 0) -> None:
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, name="demo-upstream", daemon=True)

    @property
    def port(self) -> int:
        """The TCP port it listens on."""
        return self._server.server_port

    def saw(self, request: str) -> bool:
        """Tell whether a request with this number got through to the service."""
        return request in self._server.seen

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # Envoy keeps its connections open, and their threads would wait for it

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(address, handler)
        self.seen: set[str] = set()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    wbufsize = -1  # headers and body leave together; as two segments the second would wait for an acknowledgement

    def do_GET(self) -> None:
        """Answer with what was asked, and with every header line in the order received."""
        headers = [[name.lower(), value] for name, value in self.headers.items()]
        self.server.seen.update(self.headers.get_all(REQUEST_HEADER, ()))
        body = json.dumps({"method": self.command, "path": self.path, "headers": headers}, indent=2).encode() + b"\n"
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_DELETE = do_GET  # noqa: N815  (the names that http.server looks for)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the base class named it)
        """Say nothing: Envoy's access log has every request."""


def echoed_headers(body: bytes) -> Mapping[str, Sequence[str]]:
    """Return the headers in an answer of the echo server: lower-case name -> values, in order.

    Raises ValueError when the body is not such an answer.
    """
    try:
        pairs = json.loads(body)["headers"]
        headers: dict[str, list[str]] = {}
        for name, value in pairs:
            headers.setdefault(name, []).append(value)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"not an answer of the demo's upstream: {body[:200]!r}") from error
    return headers


def main() -> None:
    """Serve on the port given as the only argument until interrupted."""
    with EchoServer(int(sys.argv[1])) as upstream, suppress(KeyboardInterrupt):
        sys.stderr.write(f"echoing headers on http://127.0.0.1:{upstream.port}\n")
        threading.Event().wait()


if __name__ == "__main__":
    main()
