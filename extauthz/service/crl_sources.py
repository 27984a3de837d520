"""From the keeper of CRLs to everything that follows them: the store in use, readiness, metrics, log, ``/readyz``."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

import structlog

from extauthz.observe.crl_metrics import CrlSourceView, CrlsView, CrlView
from extauthz.observe.metrics import Metrics
from extauthz.refresh.keeper import CrlKeeper
from extauthz.refresh.plan import Plan
from extauthz.refresh.snapshot import FeedStatus, Snapshot
from extauthz.service.checker import utc_now
from extauthz.service.crl_lateness import CrlLateness, LateInFeed
from extauthz.service.readiness import Readiness
from extauthz.trust.revocation.check import RevocationChecker

LOOK_SECONDS = 0.5
"""How often the keeper is asked whether something is due or done: so long may a fetched CRL wait to count."""
_STATE_DIRECTORY = "state_directory"
"""Named as a source where it is what has the problem."""


class CrlSources:
    """Puts what the keeper finds into use. Its methods belong to the event loop."""

    def __init__(
        self,
        keeper: CrlKeeper,
        metrics: Metrics,
        readiness: Readiness,
        *,
        clock: Callable[[], datetime] = utc_now,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self._keeper = keeper
        self._metrics = metrics
        self._readiness = readiness
        self._clock = clock
        self._look_seconds = look_seconds
        self._revocation: RevocationChecker | None = None
        self._lateness = CrlLateness()
        self._told: dict[tuple[str, str], str] = {}
        self._log = structlog.get_logger("extauthz.service")
        self._listener: Callable[[Snapshot], None] = _nobody
        self.snapshot = Snapshot()
        """What is in use."""

    def on_change(self, listener: Callable[[Snapshot], None]) -> None:
        """Call ``listener(snapshot)`` when CRLs change between two configurations."""
        self._listener = listener

    def take_up(self, plan: Plan, revocation: RevocationChecker | None, at: datetime) -> None:
        """Fill the store of a newly loaded engine, and follow its sources from now on.

        Nobody asks it yet, unless it is taken over from the engine in use: then the sources are the same, and where
        their CRLs are, every answer holds.
        """
        self._revocation = revocation
        snapshot = self._keeper.adopt(plan, at)
        if revocation is not None and not revocation.store.holds(snapshot.crls, snapshot.rejected):
            revocation.store.replace(snapshot.crls, snapshot.rejected)
        self._follow(snapshot, at)

    def problems(self) -> list[dict[str, object]]:
        """Return what is wrong with the sources and their CRLs at this moment, as JSON has it."""
        snapshot, late = self.look()
        return problem_fields(snapshot, late)

    def look(self) -> tuple[Snapshot, Sequence[LateInFeed]]:
        """Return what is in use, and what of it is past its time at this moment."""
        self._lateness.look(self._clock())
        return self.snapshot, self._lateness.late

    async def run(self) -> None:
        """Keep the CRLs fresh, until cancelled."""
        while True:
            if self._revocation is not None and (wanted := self._revocation.wanted.take()):
                self._keeper.want(wanted)
            self._lateness.look(self._clock())
            snapshot = await asyncio.to_thread(self._keeper.refresh_due, self._clock())
            # A reload may have been published while the thread ran: then this is of the sources before it.
            if snapshot is not None and self._keeper.is_current(snapshot):
                if self._revocation is not None:
                    self._revocation.store.replace(snapshot.crls, snapshot.rejected)
                self._follow(snapshot, self._clock())
                self._listener(snapshot)
            await asyncio.sleep(self._look_seconds)

    def _follow(self, snapshot: Snapshot, at: datetime) -> None:
        """Tell everybody what is in use now."""
        self.snapshot = snapshot
        self._metrics.show_crls(crls_view(snapshot))
        self._tell(snapshot)
        self._lateness.follow(snapshot, self._revocation, at)
        self._readiness.wait_for(snapshot.waiting)

    def _tell(self, snapshot: Snapshot) -> None:
        """Log what is wrong now and was not before, and what is right again."""
        problems = {(feed.label, feed.where): feed.problem for feed in snapshot.feeds if feed.problem is not None}
        if snapshot.problems:
            problems[_STATE_DIRECTORY, _STATE_DIRECTORY] = "; ".join(snapshot.problems)
        for named, problem in problems.items():
            if self._told.get(named) != problem:
                source, where = named
                self._log.error("CRL problem", source=source, where=where, problem=problem)
        for source, where in self._told.keys() - problems.keys():
            self._log.info("CRL problem is over", source=source, where=where)
        self._told = problems


def problem_fields(snapshot: Snapshot, late: Iterable[LateInFeed] = ()) -> list[dict[str, object]]:
    """Return the sources that have a problem, and those whose CRL is past its time, as JSON has them."""
    found = [_problem_of(feed, feed.problem) for feed in snapshot.feeds if feed.problem is not None]
    found += [_problem_of(one.feed, one.sentence) for one in late]
    return found + [{"source": _STATE_DIRECTORY, "problem": problem} for problem in snapshot.problems]


def _problem_of(feed: FeedStatus, problem: str) -> dict[str, object]:
    return {
        "source": feed.label,
        "where": feed.where,
        "required": feed.required,
        "problem": problem,
        "last_attempt": _time(feed.last_attempt),
        "last_success": _time(feed.last_success),
        "crls_in_use": len(feed.crls),
    }


def crls_view(snapshot: Snapshot) -> CrlsView:
    """Return what the metrics show."""
    return CrlsView(
        crls=tuple(_crl_views(snapshot.feeds)),
        sources=tuple(
            CrlSourceView(
                label=feed.label,
                fetched=feed.fetched,
                last_attempt=feed.last_attempt,
                last_success=feed.last_success,
                usable=feed.problem is None and feed.last_success is not None,
                rejected=feed.rejected,
            )
            for feed in snapshot.feeds
        ),
        waiting=len(snapshot.waiting),
    )


def _crl_views(feeds: tuple[FeedStatus, ...]) -> Iterator[CrlView]:
    """Name each CRL by its source; the second and later ones of one source get a number."""
    seen: Counter[str] = Counter()
    taken = {feed.label for feed in feeds}
    for feed in feeds:
        for crl in feed.crls:
            seen[feed.label] += 1
            label = feed.label if seen[feed.label] == 1 else f"{feed.label}#{seen[feed.label]}"
            while label != feed.label and label in taken:  # a file may really be called so
                label += "'"
            taken.add(label)
            yield CrlView(
                label=label,
                entries=len(crl.entries),
                number=crl.number,
                this_update=crl.this_update,
                next_update=crl.next_update,
            )


def _nobody(_snapshot: Snapshot) -> None:
    """Before anyone listens."""


def _time(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
