"""A TLS client that sends bytes as they are, and can resume a session."""

import socket
import ssl
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Final

from support.https_client import Credentials

PATIENCE: Final = 5.0
"""Seconds for an answer; a proxy that waits for the rest of a request that never comes may take longer."""


class RawClient:
    """Connections of one client, which can resume each other's TLS session."""

    def __init__(self, port: int, *, server_ca: Path, credentials: Credentials | None) -> None:
        self._address = ("127.0.0.1", port)
        self._context = ssl.create_default_context(cafile=str(server_ca))
        if credentials is not None:
            self._context.load_cert_chain(str(credentials.certificate), str(credentials.key))
        self._session: ssl.SSLSession | None = None
        self.resumed = False
        """Whether the last connection resumed the session of the one before."""

    def send(self, request: bytes) -> int | None:
        """Send bytes over a new connection; return the status of the first answer, None when there is none."""
        with (
            socket.create_connection(self._address, timeout=PATIENCE) as plain,
            self._context.wrap_socket(plain, server_hostname="localhost", session=self._session) as connection,
        ):
            response = HTTPResponse(connection)
            try:
                connection.sendall(request)  # a proxy may refuse, and close, before it has read all
                response.begin()
                response.read()
            except (OSError, HTTPException):
                return None
            finally:
                self.resumed = bool(connection.session_reused)
                self._session = connection.session  # a ticket of TLS 1.3 comes with or before the answer
            return response.status
