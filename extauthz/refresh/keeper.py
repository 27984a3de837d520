"""Keeps the CRLs of one configuration at hand, and fresh.

A configuration is taken up in two steps, because it may still be given up in between: ``prepare`` reads and verifies
(slow, in a thread), ``adopt`` puts the result into use (quick, in the event loop). From then on ``refresh_due`` starts
the fetches that are due and tells what changed. Threads of the keeper's own do the fetching; nothing here is ever in
the path of a check.
"""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from extauthz.refresh.content import Content
from extauthz.refresh.file_feed import FileFeed
from extauthz.refresh.gather import Gatherer
from extauthz.refresh.http_fetch import Fetcher, FetchLimits
from extauthz.refresh.indexer import Indexer
from extauthz.refresh.instance_lock import InstanceLock
from extauthz.refresh.paths import OwnFeeds, read_paths
from extauthz.refresh.plan import Plan
from extauthz.refresh.points import Points
from extauthz.refresh.settings import CrlSettings, UrlSource
from extauthz.refresh.snapshot import Snapshot
from extauthz.refresh.state_directory import State, open_state, prune_indices, read_state
from extauthz.refresh.url_feed import ROLLBACK, Attempts, Fetches, UrlFeed, attempt, from_cache
from extauthz.trust.crl.load import Crl

FETCHES_AT_ONCE = 8
"""Each may take its whole time-out; more at once would only compete for the indexer."""
LOADING_SECONDS = 5.0
"""How much longer than ``fetch.timeout`` a first load waits: what was fetched still has to be verified."""
SAVE_AGAIN = timedelta(seconds=30)
"""After the state directory could not be written."""


class CrlKeeper:
    """See the module. ``adopt``, ``want`` and ``close`` are quick; the others block. Safe to call from any thread."""

    def __init__(
        self,
        indexer: Indexer,
        *,
        on_fetch: Callable[[str, str], None] = lambda _label, _result: None,
        on_rollback: Callable[[str], None] = lambda _label: None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        make_fetcher: Callable[[FetchLimits], Fetches] = Fetcher,
    ) -> None:
        """``on_fetch(label, result)`` and ``on_rollback(label)`` count; they are called from several threads."""
        self._indexer = indexer
        self._on_fetch = on_fetch
        self._on_rollback = on_rollback
        self._clock = clock
        self._make_fetcher = make_fetcher
        self._executor = ThreadPoolExecutor(FETCHES_AT_ONCE, thread_name_prefix="crl-fetch")
        self._lock = threading.Lock()
        self._gatherer = Gatherer(on_rollback)
        self._plan: Plan | None = None
        self._points = Points()
        self._feeds: dict[tuple[str, tuple[bytes, ...]], UrlFeed] = {}
        self._files: dict[Path, FileFeed] = {}
        self._changed = False
        self._closed = False
        self._save_at: datetime | None = None
        self._save_problem: str | None = None
        self._instance = InstanceLock()

    # -- taking up a configuration -------------------------------------------------------------------------------
    def prepare(self, settings: CrlSettings, at: datetime, *, fetch: bool = True, read_only: bool = False) -> Plan:
        """Load what a configuration names. One at a time. Raises StateError for a state directory that cannot be used.

        Files that did not change, and URLs that are known, cost nothing. A new URL is taken from the disk, or fetched;
        the call waits for that no longer than one fetch may take, and the rest follows in the background. Without
        ``fetch`` nothing is fetched. ``read_only``: nothing is written to the state directory, which need not be there.
        """
        state = read_state(settings.state_directory) if read_only else self._state(settings)
        files, sources = read_paths(settings, state, self._files, self._indexer, at)
        issuers = tuple(one.sha256 for one in settings.issuers)
        urls = []
        for source in settings.urls:
            feed = self._feeds.get((source.url, issuers)) or self._new_feed(source, settings, state)
            urls.append(feed)
            sources.append(OwnFeeds(source.label, source.required, frozenset({len(files) + len(urls) - 1})))
        plan = Plan(settings=settings, state=state, files=files, sources=tuple(sources), urls=tuple(urls))
        if fetch:
            self._ask([feed for feed in urls if feed.state.last_attempt is None], plan)
        return plan

    def fetch(self, plan: Plan) -> None:
        """Ask every URL of a plan once, also those that the disk has; wait no longer than one fetch may take."""
        self._ask(plan.urls, plan)

    def adopt(self, plan: Plan, at: datetime) -> Snapshot:
        """Put a plan into use."""
        with self._lock:
            self._plan = plan
            for feed, source in zip(plan.urls, plan.settings.urls, strict=True):
                feed.follow(source, at)
            self._feeds = {(feed.source.url, feed.trusted): feed for feed in plan.urls}
            self._files = {feed.path: feed for feed in plan.files}
            self._points.allow(plan.settings, at)
            return self._gather(plan, at)

    def is_current(self, snapshot: Snapshot) -> bool:
        """Say whether no other snapshot was made since."""
        return snapshot is self._gatherer.latest

    # -- keeping it fresh ----------------------------------------------------------------------------------------
    def refresh_due(self, at: datetime) -> Snapshot | None:
        """Start the fetches that are due, and save what must survive. Return what changed since the last call."""
        with self._lock:
            plan = self._plan
            if plan is None or self._closed:
                return None
            for feed in (*plan.urls, *self._points.feeds):
                if feed.is_due(at):
                    self._start(feed, plan)
            may_save = self._save_at is None or at >= self._save_at
            unsaved = plan.state.last_seen.unsaved() if may_save else None
        self._indexer.rest()
        before = self._save_problem, self._instance.problem
        remembered = plan.state.last_seen.path
        self._instance.hold(None if remembered is None else remembered.parent)
        if unsaved is not None:  # without the lock: a disk may hang, and the event loop takes the lock in `adopt`
            self._save_problem = plan.state.last_seen.save(unsaved)
            self._save_at = None if self._save_problem is None else at + SAVE_AGAIN
        with self._lock:
            due = self._gatherer.is_due(at)
            if plan is not self._plan or not (self._changed or due or self._disk_problems() != before):
                return None
            snapshot = self._gather(plan, at)
        self._prune(plan, snapshot)
        return snapshot

    def ask_now(self) -> None:
        """Make every URL due, whenever it was asked last."""
        with self._lock:
            for feed in (*(self._plan.urls if self._plan is not None else ()), *self._points.feeds):
                if not feed.in_flight:
                    feed.state = replace(feed.state, next_attempt=None)

    def want(self, urls: Iterable[str]) -> None:
        """Fetch distribution points that verified certificates name, as far as the configuration allows."""
        with self._lock:
            if self._plan is not None and self._points.want(urls, self._plan.settings, self._plan.urls):
                self._changed = True

    def save(self) -> None:
        """Save what must survive now, at the end."""
        with self._lock:
            last_seen = None if self._plan is None else self._plan.state.last_seen
            unsaved = None if last_seen is None else last_seen.unsaved()
        if last_seen is not None and unsaved is not None:
            last_seen.save(unsaved)

    def close(self) -> None:
        """Stop: what is in flight ends by itself, and changes nothing any more."""
        with self._lock:
            self._closed = True
        self._instance.release()
        self._executor.shutdown(wait=False, cancel_futures=True)
        self._indexer.close()

    # -- parts ---------------------------------------------------------------------------------------------------
    def _state(self, settings: CrlSettings) -> State:
        current = None if self._plan is None else self._plan.state
        if current is not None and current.directory == settings.state_directory:
            return current
        return open_state(settings.state_directory, None if current is None else current.last_seen)

    def _new_feed(self, source: UrlSource, settings: CrlSettings, state: State) -> UrlFeed:
        others = [one for (url, _), one in self._feeds.items() if url == source.url]
        before = others[0].state.content.trusting(settings.issuers) if others else Content()
        feed = UrlFeed(source, settings.issuers)
        feed.state = from_cache(source, settings.issuers, before, self._attempts(settings, state))
        return feed

    def _attempts(self, settings: CrlSettings, state: State) -> Attempts:
        limits = FetchLimits(
            timeout=settings.timeout.total_seconds(),
            max_bytes=settings.max_bytes,
            redirect_hosts=settings.redirect_hosts,
            private_addresses=settings.private_addresses,
        )
        return Attempts(
            fetcher=self._make_fetcher(limits),
            indexer=self._indexer,
            cache=state.cache,
            indices=state.indices,
            writable=state.writable,
            clock=self._clock,
            why_rollback=lambda crl: self._why_rollback(crl, state),
        )

    def _why_rollback(self, crl: Crl, state: State) -> str | None:
        with self._lock:
            return state.last_seen.why_refused(crl)

    def _ask(self, feeds: Iterable[UrlFeed], plan: Plan) -> None:
        with self._lock:
            waiting = [self._start(feed, plan) for feed in feeds]
        wait([one for one in waiting if one is not None], plan.settings.timeout.total_seconds() + LOADING_SECONDS)

    def _start(self, feed: UrlFeed, plan: Plan) -> Future[None] | None:
        """Begin an attempt in a thread; the lock is held."""
        if feed.in_flight or self._closed:
            return None
        feed.in_flight = True
        return self._executor.submit(self._attempt, feed, self._attempts(plan.settings, plan.state))

    def _attempt(self, feed: UrlFeed, attempts: Attempts) -> None:
        try:
            asked_with = feed.source.refresh
            state, result = attempt(feed, attempts)
            with self._lock:
                if self._closed:
                    return
                feed.state = state
                if feed.source.refresh < asked_with:  # a reload came in between
                    feed.hasten(self._clock())
                self._changed = True
            self._on_fetch(feed.source.label, result)
            if result == ROLLBACK:
                self._on_rollback(feed.source.label)
        finally:
            feed.in_flight = False

    def _prune(self, plan: Plan, snapshot: Snapshot) -> None:
        """Remove from the disk what is no longer used."""
        if not plan.state.writable:
            return
        if plan.state.indices is not None:
            prune_indices(plan.state.indices, {crl.sha256 for crl in snapshot.crls})
        if plan.state.cache is not None:
            with suppress(OSError):  # it takes room, and will be tried again
                plan.state.cache.prune({feed.source.url for feed in (*plan.urls, *self._points.feeds)})

    def _gather(self, plan: Plan, at: datetime) -> Snapshot:
        """Put together what is known; the lock is held."""
        self._changed = False
        return self._gatherer.gather(plan, self._points.feeds, at, self._disk_problems())

    def _disk_problems(self) -> tuple[str | None, str | None]:
        return self._save_problem, self._instance.problem
