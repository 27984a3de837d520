"""A whole edge: extauthz as a real process, a real Envoy before it, an upstream behind, and clients with certificates.

with Edge(directory, pki, policies=[…], edges={"https": HttpEdge(xfcc="APPEND_FORWARD")}) as edge:
    answer = edge.ask(pki.client("alice"), "/path", headers=[("x-user", "mallory")])
    assert edge.logged(answer)["extauthz"]["reason"] == "allowed"
"""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, Unpack

from support.edge_pki import Client, EdgePki
from support.envoy import RealEnvoy
from support.envoy_bootstrap import HttpEdge, TlsEdge, bootstrap
from support.https_client import Answer, HttpsClient, RequestOptions
from support.service import RealService, eventually
from support.service_site import with_transport
from support.upstream import NUMBER_HEADER, Upstream

ANYONE: Final[Mapping[str, object]] = {"name": "default", "when": {}, "require": {}}
BOTH_SOURCES: Final[Sequence[Mapping[str, object]]] = ({"type": "envoy_peer"}, {"type": "xfcc"})
_numbers = count(1)


def service_config(directory: Path, pki: EdgePki, **sections: object) -> dict[str, object]:
    """Return a configuration that trusts ``pki``, reads both sources and has one policy; ``sections`` replace these."""
    return {
        "version": 1,
        "listen": {"grpc": {"address": "127.0.0.1:0"}, "admin": {"address": "127.0.0.1:0"}},
        "shutdown": {"drain_delay": "0s"},
        "sources": BOTH_SOURCES,
        "trust": {"anchors": [str(pki.directory / "root.pem")], "intermediates": [str(pki.directory / "issuing.pem")]},
        "policies": [ANYONE],
        "decision_log": {"path": str(directory / "decisions.jsonl")},
        **sections,
    }


class Edge:
    """Everything between a client and an upstream, as a context manager. The first listener is the default one."""

    def __init__(
        self,
        directory: Path,
        pki: EdgePki,
        *,
        edges: Mapping[str, TlsEdge] | None = None,
        environment: Mapping[str, str] | None = None,
        client_tls: Path | None = None,
        transport: str = "grpcio",
        **sections: object,
    ) -> None:
        """``sections`` are those of the configuration; ``environment`` is for its process."""
        self.directory = directory
        self.pki = pki
        self._edges = {"https": HttpEdge()} if edges is None else edges
        self._config = with_transport(service_config(directory, pki, **sections), transport)
        self._environment = environment
        self._client_tls = client_tls
        self._closing = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as on_error:
            on_error.push(self._closing)
            self.upstream = self._closing.enter_context(Upstream())
            config = self.directory / "extauthz.json"
            config.write_text(json.dumps(self._config))
            self.service = self._closing.enter_context(RealService(config, environment=self._environment))
            made = bootstrap(
                self._edges,
                pki=self.pki.directory,
                extauthz=[self.service.grpc_address],
                upstream_port=self.upstream.port,
                client_tls=self._client_tls,
            )
            self.envoy = self._closing.enter_context(RealEnvoy(made))
            on_error.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.close()

    def connect(
        self, client: Client | None, *, to: str = "", http2: bool = False, sni: str = "localhost"
    ) -> "Connection":
        """Return one TLS connection of a client (None: without a certificate) to the listener ``to``."""
        return Connection(
            HttpsClient(
                self.envoy.ports[to or next(iter(self._edges))],
                server_ca=self.pki.directory / "root.pem",
                credentials=None if client is None else client.credentials,
                http2=http2,
                sni=sni,
            )
        )

    def ask(
        self,
        client: Client | None,
        target: str = "/",
        *,
        to: str = "",
        http2: bool = False,
        sni: str = "localhost",
        **options: Unpack[RequestOptions],
    ) -> Answer:
        """Send one request over a connection of its own."""
        with self.connect(client, to=to, http2=http2, sni=sni) as connection:
            return connection.ask(target, **options)

    def reached(self, answer: Answer) -> bool:
        """Say whether the request got through to the upstream."""
        return answer.number in self.upstream.seen

    def logged(self, answer: Answer) -> Any:  # noqa: ANN401  (a line of JSON)
        """Return what Envoy's access log says about the request."""

        def look() -> Any | None:  # noqa: ANN401  (the same)
            lines = [json.loads(line) for line in self.envoy.access_log()]
            return next((line for line in lines if line["number"] == answer.number), None)

        return eventually(look, f"request {answer.number} in Envoy's access log")

    def reason(self, answer: Answer) -> str:
        """Return the reason that Envoy's access log has for the request, as extauthz gave it in dynamic metadata."""
        return str(self.logged(answer)["extauthz"]["reason"])

    def decisions(self) -> Sequence[Any]:
        """Return the decision log's lines so far."""
        path = self.directory / "decisions.jsonl"
        text = path.read_text() if path.exists() else ""
        return [json.loads(line) for line in text.split("\n")[:-1]]

    def decided(self, answer: Answer) -> Any:  # noqa: ANN401  (a line of JSON)
        """Return what the decision log says about the request, found by its decision id."""
        decision_id = self.logged(answer)["extauthz"]["decision_id"]

        def look() -> Any | None:  # noqa: ANN401  (the same)
            return next((line for line in self.decisions() if line["decision_id"] == decision_id), None)

        return eventually(look, f"decision {decision_id} in the decision log")


class Connection:
    """One TLS connection of a client, whose requests are numbered."""

    def __init__(self, client: HttpsClient) -> None:
        self._client = client

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def ask(self, target: str = "/", **options: Unpack[RequestOptions]) -> Answer:
        """Send one request; its number goes along in a header."""
        number = str(next(_numbers))
        marked: RequestOptions = {**options, "headers": [*options.get("headers", ()), (NUMBER_HEADER, number)]}
        answer = self._client.request(target, **marked)
        return replace(answer, number=number)


StartEdge = Callable[..., Edge]
"""What the fixture ``start_edge`` gives: starts an edge with the options of ``Edge`` and ends it with the module."""
