"""Asks the HTTP listener as a proxy would, or worse: byte by byte."""

import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import quote

from support.service import PATIENCE, RealService, eventually
from support.service_site import Site

ORIGINAL: Final = (("x-original-method", "GET"), ("x-original-host", "a.example"), ("x-original-uri", "/"))


def http_listener(**settings: object) -> dict[str, Any]:
    """Return the ``listen`` section of a site whose HTTP listener any caller may ask as NGINX does."""
    defaults: dict[str, object] = {"address": "127.0.0.1:0", "dialect": "nginx"}
    if "callers" not in settings:
        defaults["unsafe_any_caller"] = True
    listen = {"grpc": {"address": "127.0.0.1:0"}, "admin": {"address": "127.0.0.1:0"}}
    return {**listen, "http": {**defaults, **settings}}


def nginx_headers(pem: bytes) -> Sequence[tuple[str, str]]:
    """Return the headers in which NGINX hands a certificate over that it has verified."""
    return ("x-ssl-client-cert", quote(pem, safe="")), ("x-ssl-client-verify", "SUCCESS")


def certificate_of(site: Site, name: str) -> Sequence[tuple[str, str]]:
    """Return them for a client of the site."""
    return nginx_headers(site.pki.issue(name).pem)


def logged(site: Site, number: int = 1) -> Mapping[str, Any]:
    """Wait for so many lines of the decision log, and return the last of them."""

    def look() -> Mapping[str, Any] | None:
        lines = site.decisions()
        return lines[number - 1] if len(lines) >= number else None

    return eventually(look, f"{number} lines in the decision log")


def nothing_else_logged(service: RealService, site: Site, number: int) -> bool:
    """Say, at its end, whether the service has decided so often and no more."""
    assert service.stop() == 0
    return len(site.decisions()) == number


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """One answer. Names are lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class HttpProxy:
    """One connection to the listener, as a context manager."""

    def __init__(self, address: str, tls: ssl.SSLContext | None = None, *, source: str = "127.0.0.1") -> None:
        """``source``: the address to connect from."""
        self._rest = b""
        if address.startswith("unix:"):
            self._socket = socket.socket(socket.AF_UNIX)
            self._socket.settimeout(PATIENCE)
            self._socket.connect(address.removeprefix("unix:"))
            return
        host, _, port = address.rpartition(":")
        self._socket = socket.create_connection((host.strip("[]"), int(port)), PATIENCE, (source, 0))
        if tls is not None:
            self._socket = tls.wrap_socket(self._socket, server_hostname="localhost")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._socket.close()

    def say(self, data: bytes) -> None:
        self._socket.sendall(data)

    def ask(
        self, *headers: tuple[str, str], method: str = "GET", target: str = "/check", about: bool = True
    ) -> HttpAnswer:
        """Ask one question; ``about``: with the headers that say what is asked about."""
        lines = [f"{method} {target} HTTP/1.1", "Host: extauthz"]
        lines.extend(f"{name}: {value}" for name, value in (*(ORIGINAL if about else ()), *headers))
        self.say("\r\n".join([*lines, "", ""]).encode("latin-1"))
        return self.answer(bodiless=method == "HEAD")

    def answer(self, *, bodiless: bool = False) -> HttpAnswer:
        """Read one answer."""
        head = self._read_until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        pairs = [(name.lower(), value) for name, _, value in (line.partition(": ") for line in head[1:] if line)]
        headers = dict(pairs)
        assert len(headers) == len(pairs), "a header stands twice in an answer"
        length = int(headers.get("content-length", "0"))
        body = b"" if bodiless else self._read(length)
        return HttpAnswer(int(head[0].split()[1]), headers, body)

    def rest(self) -> bytes:
        """Return everything until the service ends the connection."""
        try:
            while data := self._socket.recv(1 << 16):
                self._rest += data
        except ConnectionError:
            pass
        return self._rest

    def _read_until(self, mark: bytes) -> bytes:
        while mark not in self._rest:
            data = self._socket.recv(1 << 16)
            assert data, f"the connection ended after {self._rest!r}"
            self._rest += data
        found, _, self._rest = self._rest.partition(mark)
        return found

    def _read(self, size: int) -> bytes:
        while len(self._rest) < size:
            data = self._socket.recv(1 << 16)
            assert data, f"the connection ended after {self._rest!r}"
            self._rest += data
        found, self._rest = self._rest[:size], self._rest[size:]
        return found
