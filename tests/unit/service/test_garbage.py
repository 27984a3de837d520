"""An engine that is given up is freed whole, and in small pieces."""

import asyncio
import gc
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from extauthz.model.request import AuthRequest
from extauthz.service.garbage import ENTRIES_AT_ONCE, THRESHOLDS, Retirement, tame_collector
from support import pki
from support.config_site import Site


class Kept:
    """So many results."""

    def __init__(self, entries: int) -> None:
        self.entries = entries
        self.most = 0

    def forget_some(self, entries: int) -> bool:
        self.most = max(self.most, entries)
        self.entries = max(0, self.entries - entries)
        return self.entries > 0


async def test_an_engine_is_freed_in_small_pieces_while_others_go_on() -> None:
    kept, retirement = Kept(10 * ENTRIES_AT_ONCE), Retirement()
    retirement.retire(kept)
    assert kept.entries == 10 * ENTRIES_AT_ONCE
    turns = 0
    while kept.entries:
        await asyncio.sleep(0)
        turns += 1
    assert turns >= 10
    assert kept.most == ENTRIES_AT_ONCE


@pytest.fixture
def collector() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


def test_the_collector_leaves_alone_what_is_there(collector: None) -> None:
    tame_collector()
    assert gc.get_threshold() == THRESHOLDS
    assert gc.get_freeze_count() > 10_000


def test_an_engine_that_nobody_holds_goes_without_the_collector(tmp_path: Path) -> None:
    """Frozen as it is by then, the collector would not find it."""
    site = Site(tmp_path)
    built = site.build(revocation="revocation: {crls: [{path: pki/issuing.crl}]}")
    leaf = site.pki.leaf
    for number in range(3):
        built.engine.decide(AuthRequest(source_certificate=pki.url_pem(leaf.der), path=f"/{number}"), pki.NOW)
    gc.collect()
    gc.disable()
    try:
        gone = [weakref.ref(one) for one in (built.engine.trust, built.engine.trust.chain)]
        del built
        assert [one() for one in gone] == [None, None]
    finally:
        gc.enable()
