"""What the disk has is a start, and whatever is wrong with the disk is no reason to go without a CRL."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import pytest

from extauthz.identity.certificate import Certificate, parse_certificate
from extauthz.refresh.content import Content
from extauthz.refresh.disk_cache import DiskCache
from extauthz.refresh.http_fetch import FetchResult, Validators
from extauthz.refresh.indexer import Indexer, IndexerError, InProcessIndexer, Verdict
from extauthz.refresh.settings import UrlSource
from extauthz.refresh.url_feed import FETCH_RESULTS, Attempts, FeedState, UrlFeed, attempt, from_cache
from extauthz.trust.crl.load import load_crl
from support import pki

CA = pki.make_ca("Issuing")
ISSUERS = (parse_certificate(CA.der),)
URL = "http://crl.example/ca.crl"
SOURCE = UrlSource(url=URL, label="label", where=URL, refresh=timedelta(hours=1), required=True)
BEFORE = Content((load_crl(CA.crl(number=1), ISSUERS),))


class Broken(InProcessIndexer):
    """An indexer that is out of order."""

    def load(
        self, file: BinaryIO, label: str, issuers: Sequence[Certificate], indices: Path | None = None
    ) -> tuple[Verdict, ...]:
        raise IndexerError("out of order")


class Server:
    """Gives one CRL."""

    def __init__(self, der: bytes) -> None:
        self._der = der

    def fetch(self, url: str, known: Validators, into: BinaryIO, *, trusted_host: bool = True) -> Validators | None:
        assert (url, known, trusted_host) == (URL, Validators(), True)
        into.write(self._der)
        return Validators(etag='"1"')


def attempts(cache: DiskCache | None, indexer: Indexer | None = None, der: bytes = b"", **more: object) -> Attempts:
    def clock() -> datetime:
        return pki.NOW

    fields: dict[str, object] = {
        "fetcher": Server(der),
        "indexer": indexer or InProcessIndexer(),
        "cache": cache,
        "indices": None,
        "writable": True,
        "clock": clock,
        "why_rollback": lambda _crl: None,
        **more,
    }
    return Attempts(**fields)  # type: ignore[arg-type]  # the names are checked by the class


@pytest.fixture
def cache(tmp_path: Path) -> DiskCache:
    return DiskCache(tmp_path / "fetched")


def numbers(state: FeedState) -> list[int | None]:
    return [crl.number for crl in state.content.crls]


def test_without_anything_on_disk_there_is_what_was_there_before(cache: DiskCache) -> None:
    for one in (None, cache):
        state = from_cache(SOURCE, ISSUERS, BEFORE, attempts(one))
        assert (numbers(state), state.last_attempt, state.next_attempt) == ([1], None, None)


def test_what_is_on_disk_counts_and_is_asked_for_conditionally(cache: DiskCache) -> None:
    cache.store(URL, BytesIO(CA.crl(number=2)), Validators(etag='"2"'), pki.NOW - pki.HOUR)
    state = from_cache(SOURCE, ISSUERS, BEFORE, attempts(cache))
    assert (numbers(state), state.validators.etag, state.last_success) == ([2], '"2"', pki.NOW - pki.HOUR)
    assert UrlFeed(SOURCE, ISSUERS, state).is_due(pki.NOW)


def test_what_is_on_disk_and_cannot_be_used_is_fetched_whole(cache: DiskCache) -> None:
    cache.store(URL, BytesIO(CA.crl(spoilt_signature=True)), Validators(etag='"2"'), pki.NOW)
    state = from_cache(SOURCE, ISSUERS, BEFORE, attempts(cache))
    assert (numbers(state), state.validators, state.last_attempt) == ([1], Validators(), None)
    assert state.problem is not None


def test_an_indexer_out_of_order_leaves_what_was_there(cache: DiskCache) -> None:
    cache.store(URL, BytesIO(CA.crl(number=2)), Validators(), pki.NOW)
    assert numbers(from_cache(SOURCE, ISSUERS, BEFORE, attempts(cache, Broken()))) == [1]


def test_a_fetched_crl_is_stored_where_that_is_allowed(cache: DiskCache) -> None:
    feed = UrlFeed(SOURCE, ISSUERS)
    _, result = attempt(feed, attempts(cache, der=CA.crl(number=3), writable=False))
    assert (result, cache.open(URL)) == ("success", None)
    attempt(feed, attempts(cache, der=CA.crl(number=3)))
    stored = cache.open(URL)
    assert stored is not None
    assert stored.validators.etag == '"1"'


def test_one_that_cannot_be_stored_counts_all_the_same(cache: DiskCache, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache, "store", fail)
    state, result = attempt(UrlFeed(SOURCE, ISSUERS), attempts(cache, der=CA.crl(number=3)))
    assert (numbers(state), result, state.problem) == ([3], "success", None)


def test_an_indexer_out_of_order_is_a_failed_attempt() -> None:
    feed = UrlFeed(SOURCE, ISSUERS, FeedState(content=BEFORE))
    state, result = attempt(feed, attempts(None, Broken(), der=CA.crl(number=3)))
    assert (numbers(state), result, state.problem, state.failures) == ([1], "not_loaded", "out of order", 1)


def test_while_one_attempt_runs_no_other_is_due() -> None:
    feed = UrlFeed(SOURCE, ISSUERS)
    assert feed.is_due(pki.NOW)
    feed.in_flight = True
    assert not feed.is_due(pki.NOW)


def test_every_way_to_end_has_a_name_of_its_own() -> None:
    assert len(set(FETCH_RESULTS)) == len(FETCH_RESULTS) == len(FetchResult) + 3
