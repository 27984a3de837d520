"""A PKI with clients, and pods of the chart with the real service in them, for each module that asks for them."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack

import pytest

from support.chart_installed import Install, Installed
from support.edge_pki import Client, EdgePki
from support.helm import CHART, HELM4, Values, render


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> EdgePki:
    return EdgePki(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="module")
def alice(authority: EdgePki) -> Client:
    return authority.client("alice", organizational_unit="Ops", dns=["alice.clients.example"])


@pytest.fixture(scope="module")
def bob(authority: EdgePki) -> Client:
    return authority.client("bob", organizational_unit="Sales")


@pytest.fixture(scope="module")
def stranger(authority: EdgePki) -> Client:
    """Return a client of the gateway's CA, but of an issuer that extauthz is not told of."""
    return authority.client("stranger", by=authority.authority("Unknown CA", parent=authority.root, path_length=0))


@pytest.fixture(scope="module")
def install(tmp_path_factory: pytest.TempPathFactory, authority: EdgePki) -> Iterator[Install]:
    with ExitStack() as running:

        def start(name: str, values: Values | None = None, **objects: Mapping[str, bytes]) -> Installed:
            rendered = render(HELM4, [CHART / "ci" / f"{name}-values.yaml"], values)
            more = {key.replace("_", "-"): files for key, files in objects.items()}
            found = Installed(tmp_path_factory.mktemp(name), authority, rendered, more)
            running.callback(found.close)
            return found

        yield start
