"""An HTTPS client for tests: a client certificate, any header lines as given, HTTP/1.1 or HTTP/2."""

import json
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypedDict, Unpack

import httpx

TIMEOUT = 20.0
"""Seconds for one exchange on loopback, generous for a busy machine."""

HeaderLines = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Credentials:
    """The files that a client proves itself with."""

    certificate: Path
    """PEM: the certificate, and after it the intermediates that the client sends."""
    key: Path


class RequestOptions(TypedDict, total=False):
    """What a request may have beside its target."""

    method: str
    headers: HeaderLines
    host: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back from one request."""

    status: int
    headers: HeaderLines
    """Lower-case names."""
    body: bytes
    http_version: str
    local_port: int
    """The client's own port: equal for requests on the same connection."""
    number: str = ""
    """What the request was marked with."""

    def header(self, name: str) -> str | None:
        """Return the value of a header that stands there at most once."""
        values = [value for key, value in self.headers if key == name]
        assert len(values) <= 1
        return values[0] if values else None

    def json(self) -> Any:  # noqa: ANN401  (the tests know what they get)
        return json.loads(self.body)

    @property
    def upstream_headers(self) -> Sequence[tuple[str, str]]:
        """Every header line that the upstream got, of a request that got there."""
        assert self.status == 200, f"{self.status}: {self.body!r}"
        return [(name, value) for name, value in self.json()["headers"]]

    def identity_headers(self, prefix: str = "x-client-cert-") -> Mapping[str, str]:
        """Return what the upstream got under the prefix in any spelling; each name must stand there once."""
        found = [
            (name, value) for name, value in self.upstream_headers if name.lower().replace("_", "-").startswith(prefix)
        ]
        assert len(dict(found)) == len(found), f"an identity header stands there twice: {found}"
        return dict(found)


class HttpsClient:
    """One TLS connection to 127.0.0.1, opened by the first request and kept. A context manager."""

    def __init__(
        self,
        port: int,
        *,
        server_ca: Path,
        credentials: Credentials | None = None,
        http2: bool = False,
        sni: str = "localhost",
        timeout: float = TIMEOUT,
    ) -> None:
        context = ssl.create_default_context(cafile=str(server_ca))
        context.check_hostname = False  # tests choose the server name as they like
        if credentials is not None:
            context.load_cert_chain(str(credentials.certificate), str(credentials.key))
        self._url = httpx.URL(scheme="https", host="127.0.0.1", port=port, path="/")
        self._sni = sni
        limits = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=None)
        self._client = httpx.Client(
            verify=context, http1=not http2, http2=http2, trust_env=False, timeout=timeout, limits=limits
        )
        self._client.headers.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._client.close()

    def request(self, target: str = "/", **options: Unpack[RequestOptions]) -> Answer:
        """Send one request, target and header lines exactly as given (HTTP/2 writes names in lower case)."""
        lines = [("Host", options.get("host", "localhost")), *options.get("headers", ())]
        request = self._client.build_request(
            options.get("method", "GET"),
            self._url,
            headers=[(name.encode(), value.encode("latin-1")) for name, value in lines],
            content=options.get("body") or None,
            extensions={"sni_hostname": self._sni, "target": target.encode("latin-1")},
        )
        response = self._client.send(request, stream=True)
        local_port = response.extensions["network_stream"].get_extra_info("client_addr")[1]
        try:
            body = response.read()
        finally:
            response.close()
        return Answer(
            status=response.status_code,
            headers=[(name.decode().lower(), value.decode("latin-1")) for name, value in response.headers.raw],
            body=body,
            http_version=response.http_version,
            local_port=local_port,
        )
