"""CRLs that pass their time while the service runs: kept at hand for ``/readyz``, and logged once each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from extauthz.refresh.snapshot import FeedStatus, Snapshot
from extauthz.trust.crl.load import Crl
from extauthz.trust.revocation.check import RevocationChecker
from extauthz.trust.revocation.lateness import LateCrl, late_crls
from extauthz.trust.revocation.line import LineKey, line_key
from extauthz.trust.window import Window


@dataclass(frozen=True, slots=True)
class LateInFeed:
    """A late CRL and the source that gives it."""

    late: LateCrl
    feed: FeedStatus

    @property
    def sentence(self) -> str:
        """What is wrong, as one sentence."""
        return f"the {self.late.crl} {self.late.sentence}"


class CrlLateness:
    """Follows the time for the CRLs in use. Its methods belong to the event loop."""

    def __init__(self) -> None:
        self.late: Sequence[LateInFeed] = ()
        """As of the last look."""
        self._revocation: RevocationChecker | None = None
        self._feeds: dict[bytes, tuple[Crl, FeedStatus]] = {}
        self._window = Window.ALWAYS
        self._told: dict[tuple[LineKey, bool], LateInFeed] = {}
        self._log = structlog.get_logger("extauthz.service")

    def follow(self, snapshot: Snapshot, revocation: RevocationChecker | None, at: datetime) -> None:
        """Look at these CRLs from now on, with the settings of this checker; without one, nobody asks them."""
        self._revocation = revocation
        self._feeds = {crl.sha256: (crl, feed) for feed in reversed(snapshot.feeds) for crl in feed.crls}
        self._compute(at)

    def look(self, at: datetime) -> None:
        """See what the time has done. Costs nothing while nothing changes."""
        if not self._window.holds_at(at):
            self._compute(at)

    def _compute(self, at: datetime) -> None:
        revocation = self._revocation
        if revocation is None:
            self.late, self._window, self._told = (), Window.ALWAYS, {}
            return
        crls = [crl for crl, _ in self._feeds.values()]
        late, self._window = late_crls(crls, lambda issuer: revocation.moment(issuer, at))
        self.late = tuple(LateInFeed(one, self._feeds[one.crl.sha256][1]) for one in late)
        self._tell({one.late.succession: one for one in self.late})

    def _tell(self, late: dict[tuple[LineKey, bool], LateInFeed]) -> None:
        """Log what passed its time since the last look, and what has a successor in force."""
        for succession, one in late.items():
            before = self._told.get(succession)
            if before is None or (before.late.crl.sha256, before.sentence) != (one.late.crl.sha256, one.sentence):
                self._tell_late(one)
        # Of a CRL that nobody offers any more there is nothing to say here: its clients are denied crl_missing.
        offered = {(line_key(crl), crl.is_delta) for crl, _ in self._feeds.values()}
        for succession in (self._told.keys() - late.keys()) & offered:
            feed = self._told[succession].feed
            issuer = self._told[succession].late.crl.issuer_dn
            self._log.info("CRL is in force again", source=feed.label, where=feed.where, issuer=issuer)
        self._told = late

    def _tell_late(self, one: LateInFeed) -> None:
        if one.late.until is None:
            self._log.error("CRL is stale", source=one.feed.label, where=one.feed.where, problem=one.sentence)
        else:
            self._log.warning("CRL lives on grace", source=one.feed.label, where=one.feed.where, problem=one.sentence)
