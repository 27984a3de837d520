"""One URL that gives a CRL: what is known of it, and one attempt to learn more."""

import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from extauthz.identity.certificate import Certificate
from extauthz.refresh.content import Content
from extauthz.refresh.disk_cache import DiskCache
from extauthz.refresh.http_fetch import FetchError, FetchResult, Validators
from extauthz.refresh.indexer import Indexer, IndexerError
from extauthz.refresh.rollback import refused
from extauthz.refresh.schedule import hastened, next_attempt
from extauthz.refresh.scratch import scratch_file
from extauthz.refresh.settings import UrlSource
from extauthz.trust.crl.load import Crl
from extauthz.trust.crl.rejected import RejectedCrl

UNUSABLE = "unusable"
"""A fetch that succeeded, of something that cannot be used: not a CRL, or not one of a configured issuer."""
ROLLBACK = "rollback"
"""A fetch that succeeded, of a CRL older than one that was in force here."""
NOT_LOADED = "not_loaded"
"""A fetch that succeeded; verifying what it gave failed for a reason of this machine's."""
FETCH_RESULTS = (*(result.value for result in FetchResult), UNUSABLE, ROLLBACK, NOT_LOADED)
"""Every way in which an attempt may end."""

_log = logging.getLogger("extauthz.refresh")


class Fetches(Protocol):
    """What is needed of ``http_fetch.Fetcher``."""

    def fetch(self, url: str, known: Validators, into: BinaryIO, *, trusted_host: bool = True) -> Validators | None:
        """Write what the URL gives into a file; None when it is not modified. Raises FetchError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """What is known of a URL at one moment. Replaced as a whole."""

    content: Content = field(default_factory=Content)
    validators: Validators = field(default_factory=Validators)
    last_attempt: datetime | None = None
    last_success: datetime | None = None
    problem: str | None = None
    failures: int = 0
    """In a row."""
    next_attempt: datetime | None = None
    """None: at once."""


@dataclass(slots=True, eq=False)
class UrlFeed:
    """One URL, as seen with one set of issuers."""

    source: UrlSource
    issuers: tuple[Certificate, ...]
    state: FeedState = field(default_factory=FeedState)
    in_flight: bool = False

    @property
    def trusted(self) -> tuple[bytes, ...]:
        """SHA-256 of the certificates whose signatures count."""
        return tuple(one.sha256 for one in self.issuers)

    def is_due(self, at: datetime) -> bool:
        """Say whether it is time for an attempt."""
        return not self.in_flight and (self.state.next_attempt is None or self.state.next_attempt <= at)

    def follow(self, source: UrlSource, at: datetime) -> None:
        """Take other settings for the same URL. A shorter ``refresh`` counts now, not only after the old one."""
        shorter = source.refresh < self.source.refresh
        self.source = source
        if shorter:
            self.hasten(at)

    def hasten(self, at: datetime) -> None:
        """Ask again within ``refresh`` from now at the latest."""
        due = self.state.next_attempt
        if due is not None:
            soon = hastened(due, at, refresh=self.source.refresh, jitter=_jitter())
            self.state = replace(self.state, next_attempt=soon)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempts:
    """What every attempt needs."""

    fetcher: Fetches
    indexer: Indexer
    cache: DiskCache | None
    indices: Path | None
    writable: bool
    """What was fetched may be stored."""
    clock: Callable[[], datetime]
    why_rollback: Callable[[Crl], str | None]
    """Says what is newer than a CRL, of one that is older than what was in force; None of others."""


def from_cache(source: UrlSource, issuers: Sequence[Certificate], before: Content, attempts: Attempts) -> FeedState:
    """Return what the disk has of a URL. The first attempt is due at once all the same; it costs a 304."""
    if attempts.cache is None:
        return FeedState(content=before)
    try:
        cached = attempts.cache.open(source.url)
        if cached is None:
            return FeedState(content=before)
        with cached.path.open("rb") as file:
            content = Content.of(attempts.indexer.load(file, source.label, issuers, attempts.indices), before)
    except (OSError, IndexerError) as error:
        _log.warning("a CRL on disk could not be read: %s: %s", source.label, error)
        return FeedState(content=before)
    if content.rejected:
        # What was usable when it was stored: another issuer counts now, or the disk is broken. The next fetch is whole.
        return FeedState(content=Content(content.crls), problem=content.problem)
    return FeedState(
        content=content, validators=cached.validators, last_attempt=cached.fetched_at, last_success=cached.fetched_at
    )


def attempt(feed: UrlFeed, attempts: Attempts) -> tuple[FeedState, str]:  # noqa: PLR0911  (one for each way to end)
    """Fetch once. Return what is known then, and how it ended (one of ``FETCH_RESULTS``). Blocks; raises nothing."""
    source, before = feed.source, feed.state
    try:
        with scratch_file() as file:
            validators = attempts.fetcher.fetch(source.url, before.validators, file, trusted_host=source.operators)
            if validators is None:
                return _succeeded(source, before.content, before.validators, attempts), FetchResult.NOT_MODIFIED.value
            file.seek(0)
            content = Content.of(
                attempts.indexer.load(file, source.label, feed.issuers, attempts.indices), before.content
            )
            older = _older(content, attempts, source.label)
            if older:
                content = Content.of((*content.rejected, *older), before.content)
                return _failed(source, before, content, content.problem, attempts), ROLLBACK
            if content.rejected:
                return _failed(source, before, content, content.problem, attempts), UNUSABLE
            _keep_on_disk(source, file, validators, attempts)
            return _succeeded(source, content, validators, attempts), FetchResult.SUCCESS.value
    except FetchError as error:
        return _failed(source, before, before.content, error.detail, attempts), error.result.value
    except IndexerError as error:
        return _failed(source, before, before.content, str(error), attempts), NOT_LOADED
    except OSError as error:
        return _failed(source, before, before.content, f"no room for it: {error.strerror}", attempts), NOT_LOADED


def _keep_on_disk(source: UrlSource, file: BinaryIO, validators: Validators, attempts: Attempts) -> None:
    """Store a usable CRL. When that fails, this one is used all the same; a restart has an older one, or none."""
    if attempts.cache is None or not attempts.writable:
        return
    try:
        file.seek(0)
        attempts.cache.store(source.url, file, validators, attempts.clock())
    except OSError as error:
        _log.warning("a CRL cannot be stored on disk: %s: %s", source.label, error.strerror)


def _older(content: Content, attempts: Attempts, label: str) -> tuple[RejectedCrl, ...]:
    found = ((crl, attempts.why_rollback(crl)) for crl in content.crls)
    return tuple(refused(label, crl, why) for crl, why in found if why is not None)


def _succeeded(source: UrlSource, content: Content, validators: Validators, attempts: Attempts) -> FeedState:
    now = attempts.clock()
    return FeedState(
        content=content,
        validators=validators,
        last_attempt=now,
        last_success=now,
        next_attempt=next_attempt(
            now, refresh=source.refresh, next_update=_next_update(content), failures=0, jitter=_jitter()
        ),
    )


def _failed(
    source: UrlSource, before: FeedState, content: Content, problem: str | None, attempts: Attempts
) -> FeedState:
    now = attempts.clock()
    failures = before.failures + 1
    return FeedState(
        content=content,
        # Of what is not in use the server must not say "not modified".
        validators=before.validators if content.crls == before.content.crls and not content.rejected else Validators(),
        last_attempt=now,
        last_success=before.last_success,
        problem=problem,
        failures=failures,
        next_attempt=next_attempt(
            now, refresh=source.refresh, next_update=_next_update(content), failures=failures, jitter=_jitter()
        ),
    )


def _jitter() -> float:
    return random.random()  # noqa: S311  (it spreads load, and is no secret)


def _next_update(content: Content) -> datetime | None:
    return min((crl.next_update for crl in content.crls if crl.next_update is not None), default=None)
