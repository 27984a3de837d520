"""A whole edge behind any proxy: extauthz as a real process, the proxy, an upstream, and clients with certificates.

Both are configured as the proxy's directory in examples/ says; only sections that a test names are replaced.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, Unpack

import httpx

from support.edge import Connection
from support.edge_pki import Client, EdgePki
from support.https_client import Answer, HttpsClient, RequestOptions
from support.proxies.example import copy, service_config
from support.proxies.proxy import Proxy
from support.service import RealService, eventually
from support.upstream import Arrived, Upstream

FREE: Final = "127.0.0.1:0"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one request."""

    answer: Answer | None
    """None: the proxy ended the connection instead of answering."""
    decisions: Sequence[Mapping[str, Any]]
    """The lines of the decision log about it: none when extauthz was not asked."""
    arrived: Arrived | None
    """What the upstream got, None when it got nothing."""

    @property
    def status(self) -> int | None:
        return None if self.answer is None else self.answer.status

    @property
    def reasons(self) -> tuple[str, ...]:
        return tuple(str(line["reason"]) for line in self.decisions)

    def header_lines(self, name: str) -> Sequence[str]:
        """Return what the upstream got under a name, in any case of it."""
        assert self.arrived is not None
        return [value for key, value in self.arrived.headers if key.lower() == name]


class Site:
    """Everything between a client and an upstream, as a context manager."""

    def __init__(
        self,
        proxy: type[Proxy],
        directory: Path,
        pki: EdgePki,
        *,
        edit: Callable[[Path], None] = lambda _: None,
        **sections: object,
    ) -> None:
        """``sections`` replace those of the example's extauthz.yaml; None leaves one out.

        ``edit`` gets the copy of the example before the proxy starts, to change what the test is about.
        """
        self.directory = directory
        self.pki = pki
        self._type = proxy
        self._decisions = directory / "decisions.jsonl"
        self._edit = edit
        self._sections = sections
        self._closing = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as on_error:
            on_error.push(self._closing)
            self.upstream = self._closing.enter_context(Upstream())
            self.service = self._closing.enter_context(RealService(self._write_config()))
            address = self.service.http_address if self._type.api == "http" else self.service.grpc_address
            here = copy(self._type.name, self.directory, self.pki)
            self._edit(here)
            self.proxy = self._closing.enter_context(self._type(here, extauthz=address, upstream=self.upstream.port))
            on_error.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.close()

    def _write_config(self) -> Path:
        config = {
            **service_config(self._type.name),
            "shutdown": {"drain_delay": "0s"},
            "decision_log": {"path": str(self._decisions)},
            **self._sections,
        }
        config = {name: section for name, section in config.items() if section is not None}
        listen = config["listen"]
        for one in (self._type.api, "admin"):
            listen[one] = {**listen[one], "address": self._address(listen[one])}
        files = config["trust"]
        files["anchors"] = [str(self.pki.directory / "root.pem")]
        files["intermediates"] = [str(self.pki.directory / "issuing.pem")]
        path = self.directory / "extauthz.json"
        path.write_text(json.dumps(config))
        return path

    def _address(self, section: Mapping[str, object]) -> str:
        asked = str(section.get("address", ""))
        return asked if asked.startswith("unix:") else FREE

    def connect(self, client: Client | None, *, http2: bool = False, sni: str = "localhost") -> Connection:
        """Return one TLS connection of a client (None: without a certificate)."""
        return Connection(
            HttpsClient(
                self.proxy.port,
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
        http2: bool = False,
        sni: str = "localhost",
        **options: Unpack[RequestOptions],
    ) -> Outcome:
        """Send one request over a connection of its own. A test asks one after the other."""
        with self.connect(client, http2=http2, sni=sni) as connection:
            return self.ask_on(connection, target, **options)

    def ask_on(self, connection: Connection, target: str = "/", **options: Unpack[RequestOptions]) -> Outcome:
        """Send one request over this connection."""
        before = self._checks()
        arrived_before = set(self.upstream.arrived)
        try:
            answer = connection.ask(target, **options)
        except (httpx.NetworkError, httpx.RemoteProtocolError):
            answer = None
        decisions = self.decisions(before)
        arrived = [one for number, one in self.upstream.arrived.items() if number not in arrived_before]
        assert len(arrived) <= 1
        return Outcome(answer, decisions, arrived[0] if arrived else None)

    def decisions(self, since: int = 0) -> Sequence[Mapping[str, Any]]:
        """Return the lines of the decision log from the ``since``-th on, once every decision so far stands there."""
        if not self.service.running:
            return ()
        number = self._checks()

        def look() -> Sequence[Mapping[str, Any]] | None:
            text = self._decisions.read_text() if self._decisions.exists() else ""
            lines = text.split("\n")[:-1]
            return [json.loads(line) for line in lines[since:]] if len(lines) >= number else None

        return eventually(look, f"{number} decisions in the decision log")

    def _checks(self) -> int:
        if not self.service.running:
            return 0
        return int(sum(value for (name, _), value in self.service.samples().items() if name == "extauthz_checks_total"))
