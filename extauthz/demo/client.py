"""One HTTPS client of the demo: a connection with or without a client certificate, standard library only."""

import http.client
import socket
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from extauthz.demo.errors import DemoError

TIMEOUT = 10.0
"""Seconds for one exchange on loopback, generous for a busy machine."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """The files that a client proves itself with."""

    certificate: Path
    """PEM: the certificate, and after it the intermediates that the client sends."""
    key: Path


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes
    seconds: float
    """From sending the request to the last byte of the answer; the TLS handshake is not in it."""


class HttpsClient:
    """One TLS connection, kept open from request to request: revocation must not need a new handshake."""

    def __init__(self, port: int, server_ca: Path, credentials: Credentials | None) -> None:
        context = ssl.create_default_context(cafile=str(server_ca))
        if credentials is not None:
            context.load_cert_chain(str(credentials.certificate), str(credentials.key))
        self._connection = http.client.HTTPSConnection("localhost", port, context=context, timeout=TIMEOUT)

    def __enter__(self) -> Self:
        try:
            self._connection.connect()
        except OSError as error:
            raise DemoError(f"the TLS connection to Envoy failed: {error}") from error
        # A request is two small writes; without this the second one waits for the acknowledgement of the first.
        self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def request(self, method: str, path: str, headers: Sequence[tuple[str, str]]) -> Answer:
        """Send one request, its headers as given and in that order, and return the answer."""
        started = time.perf_counter()
        try:
            self._connection.putrequest(method, path, skip_accept_encoding=True)
            for name, value in headers:
                self._connection.putheader(name, value)
            self._connection.endheaders()
            response = self._connection.getresponse()
            body = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise DemoError(f"{method} {path}: the connection to Envoy broke: {error!r}") from error
        return Answer(response.status, body, time.perf_counter() - started)
