"""Two instances behind the settings of docs/envoy.md: one may go, in good order or at once, and no request fails."""

import json
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Self

import pytest

from support.edge import service_config
from support.edge_pki import Client, EdgePki
from support.envoy import RealEnvoy
from support.envoy_bootstrap import HttpEdge, bootstrap
from support.load import Load
from support.service import RealService, eventually
from support.service_site import with_transport
from support.upstream import Upstream

CONNECTIONS, RATE = 10, 30.0
"""Together 300 requests a second, less where the machine is slow."""


class Pair:
    """Two instances of one configuration, an Envoy that balances over them, and clients that do not stop asking."""

    def __init__(self, directory: Path, authority: EdgePki, client: Client, transport: str) -> None:
        self._transport = transport
        self._directory = directory
        self._authority = authority
        self._client = client
        self._closing = ExitStack()
        self.instances: list[RealService] = []

    def __enter__(self) -> Self:
        with ExitStack() as on_error:
            on_error.push(self._closing)
            self._start()
            on_error.pop_all()
        return self

    def __exit__(self, *_error: object) -> None:
        self._closing.close()

    def _start(self) -> None:
        upstream = self._closing.enter_context(Upstream())
        self.instances = [self._instance("127.0.0.1:0") for _ in range(2)]
        made = bootstrap(
            {"https": HttpEdge(retries=True)},
            pki=self._authority.directory,
            extauthz=[one.grpc_address for one in self.instances],
            upstream_port=upstream.port,
            health_checks=True,
        )
        self.envoy = self._closing.enter_context(RealEnvoy(made, concurrency=2))
        self.wait_for_healthy(2)
        self.load = self._closing.enter_context(
            Load(
                self.envoy.ports["https"],
                server_ca=self._authority.directory / "root.pem",
                clients={"alice": self._client},
                connections=CONNECTIONS,
                rate=RATE,
            )
        )

    def _instance(self, address: str) -> RealService:
        config = service_config(
            self._directory,
            self._authority,
            listen={"grpc": {"address": address}, "admin": {"address": "127.0.0.1:0"}},
            shutdown={"drain_delay": "1s", "grace": "5s"},
            decision_log={"path": "off"},
        )
        path = self._directory / f"extauthz-{len(self.instances)}.json"
        path.write_text(json.dumps(with_transport(config, self._transport)))
        return self._closing.enter_context(RealService(path))

    def start_again(self, number: int) -> None:
        """Start an instance anew on the address that it had."""
        self.instances[number] = self._instance(self.instances[number].grpc_address)

    def wait_for_healthy(self, number: int) -> None:
        def look() -> bool | None:
            (healthy,) = self.envoy.stats("cluster.extauthz.membership_healthy").values()
            return healthy == number or None

        eventually(look, f"Envoy seeing {number} healthy instances")

    def keep_asking(self) -> None:
        """Return after some hundred more answers."""
        enough = self.load.answers + 300
        eventually(lambda: self.load.answers >= enough or None, "three hundred more answers")


@pytest.fixture
def pair(tmp_path: Path, authority: EdgePki, alice: Client, transport: str) -> Iterator[Pair]:
    with Pair(tmp_path, authority, alice, transport) as running:
        yield running


def expect_no_failure(pair: Pair) -> None:
    assert pair.load.broken == []
    assert set(pair.load.statuses) == {("alice", 200)}, pair.load.statuses
    assert pair.load.bodies == {("alice", 200): {b"alice"}}


def test_a_rolling_restart_costs_no_request(pair: Pair) -> None:
    for number in range(2):
        pair.keep_asking()
        assert pair.instances[number].stop() == 0
        pair.wait_for_healthy(1)
        pair.keep_asking()
        pair.start_again(number)
        pair.wait_for_healthy(2)
    pair.keep_asking()
    expect_no_failure(pair)
    for instance in pair.instances:
        labels = {"decision": "allow", "reason": "allowed", "policy": "default", "api": "grpc"}
        asked = instance.metric("extauthz_checks_total", **labels)
        assert asked, "Envoy never asked this instance after its start"


def test_an_instance_that_dies_costs_no_request(pair: Pair) -> None:
    pair.keep_asking()
    pair.instances[0].signal(signal.SIGKILL)
    pair.instances[0].wait()
    pair.keep_asking()
    pair.wait_for_healthy(1)
    expect_no_failure(pair)
