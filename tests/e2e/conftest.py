"""What the end-to-end tests share: one PKI for the whole run, and edges that live as long as a test module."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from support.edge import Edge, StartEdge
from support.edge_pki import Client, EdgePki


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> EdgePki:
    """Return the CAs and the server certificate of every edge."""
    return EdgePki(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="session")
def alice(authority: EdgePki) -> Client:
    """Return an ordinary client: alice of Example's Ops."""
    return authority.client("alice", organizational_unit="Ops", emails=["alice@example.com"])


@pytest.fixture(scope="session")
def bob(authority: EdgePki) -> Client:
    """Return another ordinary client, of another unit."""
    return authority.client("bob", organizational_unit="Sales", emails=["bob@example.com"])


@pytest.fixture(scope="session", params=["native", "grpcio"])
def transport(request: pytest.FixtureRequest) -> str:
    """Return each of the transports that everything has to work on."""
    return str(request.param)


@pytest.fixture(scope="module")
def start_edge(tmp_path_factory: pytest.TempPathFactory, authority: EdgePki, transport: str) -> Iterator[StartEdge]:
    """Return a function that starts an edge, with the options of ``Edge``; all of them end with the module."""
    with ExitStack() as running:

        def start(**options: object) -> Edge:
            options = {"transport": transport, **options}
            edge = Edge(tmp_path_factory.mktemp("edge"), authority, **options)  # type: ignore[arg-type]  # passed on
            return running.enter_context(edge)

        yield start


@pytest.fixture(scope="session")
def plain_edge(tmp_path_factory: pytest.TempPathFactory, authority: EdgePki, transport: str) -> Iterator[Edge]:
    """Return the edge of docs/envoy.md, with one policy for everybody; tests share it and change nothing in it."""
    with Edge(tmp_path_factory.mktemp("edge"), authority, transport=transport) as edge:
        yield edge
