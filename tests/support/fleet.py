"""Pods of the service under mixed traffic, an Envoy before them, and a Prometheus that scrapes all of it."""

import json
from contextlib import ExitStack
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from prometheus_rules import RULES

from support.edge_pki import EdgePki, now
from support.envoy import RealEnvoy
from support.envoy_bootstrap import HttpEdge, bootstrap
from support.http_server import HttpServer
from support.load import Load
from support.mixed_traffic import MixedTraffic
from support.pki import DAY, HOUR
from support.prometheus import RealPrometheus, Target
from support.service import RealService, eventually
from support.upstream import Upstream

NAMESPACE: Final = "edge"
JOB: Final = "extauthz"
LOAD_CONNECTIONS, LOAD_RATE = 2, 10.0


class Fleet:
    """As a context manager: entering starts everything, and the traffic; leaving ends it."""

    def __init__(self, folder: Path, *, pods: int = 1) -> None:
        self._folder = folder
        self._number = pods
        self._closing = ExitStack()
        self.pki = EdgePki(folder / "pki")
        self.pods: list[RealService] = []

    def __enter__(self) -> Self:
        with ExitStack() as on_error:
            on_error.push(self._closing)
            self._start()
            on_error.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.close()

    def break_configuration(self) -> None:
        """Give the first pod a configuration that it cannot use."""
        config = self._config_file(0)
        config.write_text(config.read_text().replace('"version": 1', '"version": 99'))
        assert self.pods[0].reload().status == HTTPStatus.UNPROCESSABLE_ENTITY

    def mend_configuration(self) -> None:
        """Give it the good one again."""
        config = self._config_file(0)
        config.write_text(config.read_text().replace('"version": 99', '"version": 1'))
        assert self.pods[0].reload().status == HTTPStatus.OK

    def _start(self) -> None:
        enter = self._closing.enter_context
        alice = self.pki.client("alice", organizational_unit="Ops")
        revoked = self.pki.client("revoked")
        crls = enter(HttpServer())
        root_crl = self.pki.root.crl(this_update=now() - HOUR, next_update=now() + 30 * DAY)
        crls.serve("/issuing.crl", self.pki.crl(revoked.leaf, number=7))
        for number in range(self._number):
            config = self._config_file(number)
            (config.parent / "crls").mkdir(parents=True)
            (config.parent / "crls" / "root.crl").write_bytes(root_crl)
            config.write_text(json.dumps(self._config(crls.url("/issuing.crl"))))
            self.pods.append(enter(RealService(config)))
        upstream = enter(Upstream())
        edges = {"https": HttpEdge(client_certificate_required=False)}
        addresses = [pod.grpc_address for pod in self.pods]
        made = bootstrap(edges, pki=self.pki.directory, extauthz=addresses, upstream_port=upstream.port)
        envoy = enter(RealEnvoy(made))
        root = self.pki.directory / "root.pem"
        clients = {"alice": alice, "revoked": revoked}
        enter(
            Load(
                envoy.ports["https"],
                server_ca=root,
                clients=clients,
                connections=LOAD_CONNECTIONS,
                rate=LOAD_RATE,
            )
        )
        enter(MixedTraffic(self.pods, self.pki, alice.leaf, revoked.leaf))
        self.prometheus = enter(RealPrometheus([*self._targets(), self._envoy_target(envoy)], rules=RULES))
        eventually(lambda: len(self.prometheus.query("up == 1")) > self._number or None, "everything being scraped")

    def _config_file(self, number: int) -> Path:
        return self._folder / f"pod-{number}" / "config.json"

    def _config(self, url: str) -> dict[str, Any]:
        pki = self.pki.directory
        own = {"cert": str(pki / "server.pem"), "key": str(pki / "server.key")}
        http = {"address": "127.0.0.1:0", "dialect": "nginx", "unsafe_any_caller": True, "tls": own}
        anywhere = {"address": "127.0.0.1:0"}
        return {
            "version": 1,
            "workers": 2,
            "listen": {"grpc": {**anywhere, "transport": "native"}, "http": http, "admin": anywhere},
            "shutdown": {"drain_delay": "0s"},
            "sources": [{"type": "envoy_peer"}, {"type": "xfcc"}],
            "trust": {"anchors": [str(pki / "root.pem")], "intermediates": [str(pki / "issuing.pem")]},
            "revocation": {"crls": [{"path": "crls"}, {"url": url, "refresh": "10s"}]},
            "policies": [
                {"name": "operations", "when": {"paths": ["/ops/**"]}, "require": {"organizational_unit": ["Ops"]}},
                {"name": "tokens", "when": {"paths": ["/tokens"]}, "require": {"token_binding": "required"}},
                {"name": "public", "when": {"paths": ["/public"]}, "certificate": "optional", "require": {}},
                {"name": "everybody", "when": {}, "require": {}},
            ],
            "decision_log": {"path": "decisions.jsonl"},
        }

    def _targets(self) -> list[Target]:
        return [
            Target(job=JOB, address=pod.admin_address, labels={"namespace": NAMESPACE, "pod": f"extauthz-{number}"})
            for number, pod in enumerate(self.pods)
        ]

    @staticmethod
    def _envoy_target(envoy: RealEnvoy) -> Target:
        address = f"127.0.0.1:{envoy.admin_port}"
        return Target(job="envoy", address=address, path="/stats/prometheus", labels={"namespace": NAMESPACE})
