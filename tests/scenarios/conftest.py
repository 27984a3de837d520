"""What the scenarios share: one PKI for the whole run, and services that end with the test."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from support.edge_pki import EdgePki
from support.service import RealService
from support.service_site import Site, StartService


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> EdgePki:
    return EdgePki(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="session", params=["native", "grpcio"])
def transport(request: pytest.FixtureRequest) -> str:
    """Return each of the transports that everything has to work on."""
    return str(request.param)


@pytest.fixture
def site(tmp_path: Path, pki: EdgePki, transport: str) -> Site:
    return Site(tmp_path, pki, transport)


@pytest.fixture
def start(site: Site) -> Iterator[StartService]:
    """Start services of the site; they end with the test."""
    with ExitStack() as running:

        def begin(*, wait: bool = True, stdout: int | None = None, **sections: object) -> RealService:
            site.write(**sections)
            return running.enter_context(RealService(site.path, wait=wait, stdout=stdout))

        yield begin
