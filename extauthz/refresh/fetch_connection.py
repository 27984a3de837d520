"""A connection to an address that was checked, which gives up at one deadline and after so many bytes.

urllib3 speaks HTTP over it. Two things are ours, both at documented seams: ``connect`` goes to the checked address (so
there is no second name look-up that could answer differently), and the response is read through ``TimedSource``,
because a socket's own timeout starts anew with every byte: a server that sends one byte every few seconds would hold
the fetch for days.
"""

import http.client
import io
import logging
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from urllib3.connection import HTTPConnection

from extauthz.refresh.deadline import Deadline
from extauthz.refresh.fetch_result import FetchError, FetchResult
from extauthz.refresh.fetch_url import FetchUrl

logging.getLogger("urllib3").setLevel(logging.ERROR)  # what it warns of is a ``FetchError`` here, with our words

MAX_HEAD: Final = 64 * 1024
"""Bytes of status line and headers (interim responses included). Real ones have under a kilobyte; the library alone
would take 6 MB."""
MAX_ADDRESSES: Final = 6
"""Of one host, that are tried one after the other: two families with three each. Big sites publish no more."""
READ_SIZE: Final = 64 * 1024
"""Bytes asked of the socket at once: 64 MiB are a thousand calls, and the buffer stays small."""


@dataclass(slots=True)
class Meter:
    """What has come over a connection so far, and what may."""

    received: int = 0
    limit: int = MAX_HEAD
    ended: bool = False
    """Whether the other side has closed."""


class TimedSource(io.RawIOBase):
    """The bytes of a response as they come from the socket: counted, bounded and under the deadline."""

    def __init__(self, raw: io.RawIOBase, connection: socket.socket, deadline: Deadline, meter: Meter) -> None:
        self._raw = raw
        self._socket = connection
        self._deadline = deadline
        self._meter = meter

    def readable(self) -> bool:
        """Say yes: ``io.BufferedReader`` asks."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # BufferedReader gives a memoryview
        """Wait for bytes until the deadline. ``FetchError`` (too_large) past the limit, ``OSError`` from the socket."""
        meter = self._meter
        if meter.received >= meter.limit:
            what = "status line and headers are" if meter.limit == MAX_HEAD else "the transfer is"
            raise FetchError(FetchResult.TOO_LARGE, f"{what} longer than {meter.limit} bytes")
        self._socket.settimeout(self._deadline.remaining())
        count = self._raw.readinto(buffer) or 0
        meter.ended = count == 0
        meter.received += count
        return count

    def close(self) -> None:
        """Let go of the socket."""
        self._raw.close()
        super().close()


class CheckedConnection(HTTPConnection):
    """One HTTP/1.1 connection for one request, to one of the given addresses and no other.

    With a ``context`` it is TLS, and the server's certificate must be good for the host's name. No proxy is ever used.
    """

    def __init__(
        self,
        url: FetchUrl,
        addresses: Sequence[str],
        deadline: Deadline,
        *,
        connect_timeout: float,
        context: ssl.SSLContext | None,
    ) -> None:
        super().__init__(url.name, url.port, timeout=connect_timeout)
        self._url = url
        self._addresses = addresses[:MAX_ADDRESSES]
        self._deadline = deadline
        self._connect_timeout = connect_timeout
        self._context = context
        self._meter = Meter()
        self._response: http.client.HTTPResponse | None = None
        self.response_class = self._read_timed  # type: ignore[assignment]  # http.client only ever calls it

    def connect(self) -> None:
        """Connect to the first address that accepts; for https, make TLS of it."""
        plain = self._connect_tcp()
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._context is None:
            self.sock = plain
            return
        try:
            plain.settimeout(self._deadline.remaining(self._connect_timeout))
            self.sock = self._context.wrap_socket(plain, server_hostname=self._url.name)
        except TimeoutError:
            self._deadline.remaining()  # when that is over, then it is the reason
            detail = f"the TLS handshake took longer than {self._connect_timeout:g} s"
            raise FetchError(FetchResult.TLS_FAILED, detail) from None
        finally:
            plain.close()  # after a handshake it is an empty shell

    def allow_body(self, size: int) -> None:
        """Let the response have so many bytes beside its head. Before, it may have a head only."""
        self._meter.limit = MAX_HEAD + size

    @property
    def headers_are_malformed(self) -> bool:
        """Whether a line among the headers was none. It ends them early and so can hide Content-Length."""
        return self._response is not None and bool(self._response.msg.defects)

    @property
    def closed_by_peer(self) -> bool:
        """Whether the server has ended the connection, as far as the response was read."""
        return self._meter.ended

    def _connect_tcp(self) -> socket.socket:
        failures = []
        for address in self._addresses:
            timeout = self._deadline.remaining(self._connect_timeout)
            try:
                return socket.create_connection((address, self._url.port), timeout)
            except OSError as error:
                failures.append(f"{address} port {self._url.port}: {error.strerror or error}")
        self._deadline.remaining()  # when that is over, then it is the reason
        raise FetchError(FetchResult.CONNECT_FAILED, "; ".join(failures))

    def _read_timed(
        self, connection: socket.socket, debuglevel: int = 0, method: str | None = None, url: str | None = None
    ) -> http.client.HTTPResponse:
        response = self._response = http.client.HTTPResponse(connection, debuglevel, method, url)
        source = TimedSource(response.fp.detach(), connection, self._deadline, self._meter)
        response.fp = io.BufferedReader(source, READ_SIZE)
        return response
