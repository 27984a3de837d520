"""What the tests of all proxies share: one PKI with its cast, and each proxy with the same policies."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from support.edge_pki import EdgePki
from support.proxies import KINDS
from support.proxies.cast import Cast
from support.proxies.example import rewrite
from support.proxies.proxy import Proxy
from support.proxies.scenario import POLICIES
from support.proxies.site import Site


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> EdgePki:
    """Return CAs of their own: clients of the same name are other clients elsewhere."""
    return EdgePki(tmp_path_factory.mktemp("proxies-pki"))


@pytest.fixture(scope="session")
def cast(authority: EdgePki) -> Cast:
    return Cast(authority)


@pytest.fixture(scope="session", params=KINDS, ids=lambda kind: str(kind.name))
def kind(request: pytest.FixtureRequest) -> type[Proxy]:
    """Return each of the proxies."""
    proxy: type[Proxy] = request.param
    return proxy


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, cast: Cast, kind: type[Proxy]) -> Iterator[Site]:
    """Return a running proxy with the policies of the scenarios; tests change nothing in it."""
    directory = tmp_path_factory.mktemp(kind.name)
    cast.write_crls(directory / "crls")
    # A CA that only a client's chain names has no CRL, and is let in here for the sake of the path that leads to it.
    revocation = {"crls": [{"path": str(directory / "crls")}], "when_missing": "allow"}
    with Site(kind, directory, cast.pki, policies=POLICIES, revocation=revocation) as running:
        yield running


@pytest.fixture
def changed(tmp_path: Path, cast: Cast) -> Iterator[Callable[..., Site]]:
    """Return a function that starts a proxy whose example has a few words changed in one file."""
    with ExitStack() as running:

        def start(kind: type[Proxy], file: str, changes: dict[str, str]) -> Site:
            def edit(directory: Path) -> None:
                rewrite(directory / file, changes)

            return running.enter_context(Site(kind, tmp_path, cast.pki, edit=edit, revocation=None))

        yield start
