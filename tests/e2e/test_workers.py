"""Two workers behind one Envoy with one connection: ageing spreads it over them, and either may die."""

import json
import os
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
from support.workers import connections, port_of

CONNECTIONS, RATE = 10, 30.0
"""Together 300 requests a second, less where the machine is slow."""


class Crew:
    """A service with two workers, an Envoy with one thread before it, and clients that do not stop asking."""

    def __init__(self, directory: Path, authority: EdgePki, client: Client, transport: str) -> None:
        self._directory = directory
        self._authority = authority
        self._client = client
        self._transport = transport
        self._closing = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as on_error:
            on_error.push(self._closing)
            upstream = self._closing.enter_context(Upstream())
            self.service = self._closing.enter_context(RealService(self._config()))
            made = bootstrap(
                {"https": HttpEdge(retries=True)},
                pki=self._authority.directory,
                extauthz=[self.service.grpc_address],
                upstream_port=upstream.port,
            )
            envoy = self._closing.enter_context(RealEnvoy(made))
            self.load = self._closing.enter_context(
                Load(
                    envoy.ports["https"],
                    server_ca=self._authority.directory / "root.pem",
                    clients={"alice": self._client},
                    connections=CONNECTIONS,
                    rate=RATE,
                )
            )
            on_error.pop_all()
        return self

    def __exit__(self, *_error: object) -> None:
        self._closing.close()

    def _config(self) -> Path:
        config = service_config(
            self._directory,
            self._authority,
            workers=2,
            listen={
                "grpc": {"address": "127.0.0.1:0", "max_connection_age": "1s"},
                "admin": {"address": "127.0.0.1:0"},
            },
            decision_log={"path": "off"},
        )
        path = self._directory / "extauthz.json"
        path.write_text(json.dumps(with_transport(config, self._transport)))
        return path

    def asked(self) -> list[int]:
        """Return the workers that Envoy is connected to at this moment."""
        port = port_of(self.service)
        return [one for one in self.service.workers if connections(one, port)]

    def wait_until_asked(self, workers: set[int]) -> None:
        """Return once each of these workers has been seen with a connection of Envoy's."""
        seen: set[int] = set()

        def look() -> bool | None:
            seen.update(self.asked())
            return workers <= seen or None

        eventually(look, f"connections to {workers}", show=lambda: seen)

    def keep_asking(self) -> None:
        """Return after some hundred more answers."""
        enough = self.load.answers + 300
        eventually(lambda: self.load.answers >= enough or None, "three hundred more answers")

    def kill_one_that_is_asked(self) -> int:
        """Kill a worker that has a connection of Envoy's, with what is on its way in it."""
        (victim, *_) = eventually(lambda: self.asked() or None, "a connection of Envoy's")
        os.kill(victim, signal.SIGKILL)
        return victim

    def expect_no_failure(self) -> None:
        assert self.load.broken == []
        assert set(self.load.statuses) == {("alice", 200)}, self.load.statuses
        assert self.load.bodies == {("alice", 200): {b"alice"}}


@pytest.fixture
def crew(tmp_path: Path, authority: EdgePki, alice: Client, transport: str) -> Iterator[Crew]:
    with Crew(tmp_path, authority, alice, transport) as running:
        yield running


def test_ageing_spreads_one_proxy_over_both_workers(crew: Crew) -> None:
    crew.wait_until_asked(set(crew.service.workers))
    crew.keep_asking()
    crew.expect_no_failure()


def test_a_worker_that_dies_under_load_costs_no_request(crew: Crew) -> None:
    crew.keep_asking()
    for number in (1, 2):
        victim = crew.kill_one_that_is_asked()
        crew.keep_asking()
        crew.service.event("a worker ended and is started again", number)
        eventually(lambda: crew.service.get("/readyz").status == 200 or None, "both workers being back")
        assert victim not in crew.service.workers
    crew.wait_until_asked(set(crew.service.workers))
    crew.keep_asking()
    crew.expect_no_failure()
    assert crew.service.metric("extauthz_worker_restarts_total") == 2.0
