"""The board collects what is there, and keeps nothing that a reload or a newer CRL should free."""

import gc
from datetime import UTC, datetime
from pathlib import Path

import pytest

from extauthz.observe.metrics import Metrics
from extauthz.refresh.indexer import InProcessIndexer
from extauthz.refresh.keeper import CrlKeeper
from extauthz.refresh.snapshot import Snapshot
from extauthz.service.crl_sources import CrlSources
from extauthz.service.loading import Loaded, load
from extauthz.service.one_process import OneProcess
from extauthz.service.readiness import Readiness
from extauthz.service.reload import Reloader
from extauthz.service.status.board import StatusBoard
from support.edge_pki import EdgePki
from support.service_site import Site

AT = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    one = Site(tmp_path, EdgePki(tmp_path / "pki"), "native")
    (tmp_path / "issuing.crl").write_bytes(one.pki.crl())
    one.write(revocation={"crls": [{"path": "issuing.crl"}]})
    return one


class Setup:
    """A board and everything that it asks, without a listener."""

    def __init__(self, site: Site) -> None:
        self.metrics, self.readiness = Metrics(version="1"), Readiness()
        self.keeper = CrlKeeper(InProcessIndexer())
        self.crls = CrlSources(self.keeper, self.metrics, self.readiness)
        reloader = Reloader(lambda: self.load(site), lambda _loaded, _at: None, self.metrics, config_path=site.path)
        self.board = StatusBoard(self.readiness, reloader, self.crls, clock=lambda: AT)

    def load(self, site: Site) -> Loaded:
        return load(site.path, AT, self.keeper)


async def test_before_there_is_anything_there_is_nothing_to_show(site: Site) -> None:
    one = Setup(site)
    with pytest.raises(RuntimeError):
        await one.board.status()
    one.board.loaded(one.load(site), AT)
    with pytest.raises(RuntimeError):
        await one.board.status()
    one.keeper.close()


async def test_it_counts_generations_and_shows_the_last(site: Site) -> None:
    one = Setup(site)
    loaded = one.load(site)
    for _ in range(3):
        one.board.loaded(loaded, AT)
    backend = OneProcess(loaded.config.listen, one.metrics, one.readiness, grpc=True)
    one.board.follow(backend, "127.0.0.1:1")
    status = await one.board.status()
    assert (status.at, status.started, status.phase, status.ready) == (AT, AT, "loading", False)
    assert (status.configuration.generation, status.configuration.digest) == (3, loaded.digest)
    assert [listener.name for listener in status.listeners] == ["admin"], "nothing else listens yet"
    assert status.crl_checking
    await backend.close(1.0)
    one.keeper.close()


async def test_it_does_not_keep_the_crls_that_a_load_began_with(site: Site) -> None:
    one = Setup(site)
    loaded = one.load(site)
    plan = loaded.crls
    one.board.loaded(loaded, AT)
    del loaded
    one.keeper.close()
    gc.collect()
    assert [holder for holder in gc.get_referrers(plan) if isinstance(holder, Loaded)] == []
    assert one.crls.snapshot == Snapshot()
