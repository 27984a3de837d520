"""Putting together what all sources gave: which CRLs count, which are refused, and who is still waited for."""

from collections.abc import Callable, Iterable
from datetime import datetime

from extauthz.refresh.feed_status import feed_statuses
from extauthz.refresh.judge import Judge
from extauthz.refresh.plan import Plan
from extauthz.refresh.snapshot import Snapshot
from extauthz.refresh.url_feed import UrlFeed
from extauthz.trust.window import shifted


class Gatherer:
    """Makes snapshots, and remembers between them. Works in memory alone; not safe to call from several threads."""

    def __init__(self, on_rollback: Callable[[str], None]) -> None:
        """``on_rollback(label)`` counts."""
        self._on_rollback = on_rollback
        self._judge = Judge()
        self._usable_once: set[str] = set()
        self._rollbacks: set[tuple[str, bytes]] = set()
        self.latest: Snapshot | None = None
        """The last one made."""
        self._look_again: datetime | None = None

    def is_due(self, at: datetime) -> bool:
        """Say whether time alone changes the next snapshot: a CRL that was published ahead has begun."""
        return self._look_again is not None and at >= self._look_again

    def gather(self, plan: Plan, points: Iterable[UrlFeed], at: datetime, problems: Iterable[str | None]) -> Snapshot:
        """Make the snapshot of a plan and of the distribution points. ``problems``: the disk's, None for none."""
        urls = (*plan.urls, *points)
        trusted = tuple(one.sha256 for one in plan.settings.issuers)
        contents = [(feed.label, feed.content) for feed in plan.files]
        contents += [(feed.source.label, feed.state.content) for feed in urls]
        offers = [(number, label, crl) for number, (label, content) in enumerate(contents) for crl in content.crls]
        latest = shifted(at, plan.settings.clock_skew)
        judged = self._judge.judge(offers, plan.state.last_seen, trusted, latest)
        for label, _sha256 in judged.rollbacks - self._rollbacks:
            self._on_rollback(label)
        self._rollbacks = judged.rollbacks
        for label, _, own in plan.sources:
            if own & judged.served:
                self._usable_once.add(label)
        ahead = [crl.this_update for crl in judged.crls if crl.this_update > latest]
        self._look_again = min((shifted(one, -plan.settings.clock_skew) for one in ahead), default=None)
        rejected = [one for _, content in contents for one in content.rejected]
        rejected += [one for ones in judged.refused.values() for one in ones]
        self.latest = Snapshot(
            crls=judged.crls,
            rejected=tuple(rejected),
            feeds=tuple(feed_statuses(plan.files, urls, judged)),
            waiting=tuple(label for label, required, _ in plan.sources if required and label not in self._usable_once),
            problems=tuple(one for one in (plan.state.problem, *problems) if one is not None),
        )
        return self.latest
