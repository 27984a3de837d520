"""When a CRL is in force: from its thisUpdate to its nextUpdate, both inclusive."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from extauthz.trust.crl.load import Crl
from extauthz.trust.revocation.settings import RevocationSettings
from extauthz.trust.window import EARLIEST, TICK, Window, shifted


@dataclass(frozen=True, slots=True)
class Moment:
    """A time, and how exactly the operator wants it taken.

    ``clock_skew`` lets a CRL begin earlier (the CA's clock may be ahead, and it has just withdrawn the one before);
    ``grace`` lets it end later. A CRL without nextUpdate ends ``max_age`` after its thisUpdate, or never began to count
    (RFC 5280 §5.1.2.5 wants the field and leaves open what follows without it).
    """

    now: datetime
    settings: RevocationSettings
    clock_skew: timedelta = timedelta()

    def has_begun(self, crl: Crl) -> bool:
        """Say whether thisUpdate has come."""
        return self._first(crl) <= self.now

    def has_ended(self, crl: Crl) -> bool:
        """Say whether the CRL is stale."""
        return self._end(crl) <= self.now

    def grace_end(self, crl: Crl) -> datetime | None:
        """Return the last instant of a CRL that lives on ``grace`` now; None of any other."""
        if crl.next_update is None or self.now <= crl.next_update or self.has_ended(crl):
            return None
        return shifted(crl.next_update, self.settings.grace)

    def window(self, crls: Iterable[Crl]) -> Window:
        """Return the stretch in which none of the CRLs begins, passes its nextUpdate, or ends."""
        return Window.split_at(self.now, *self._instants(crls))

    def _instants(self, crls: Iterable[Crl]) -> Iterator[datetime]:
        for crl in crls:
            yield self._first(crl)
            yield self._end(crl)
            if crl.next_update is not None:
                yield shifted(crl.next_update, TICK)  # what is said of it changes, though it still counts

    def _first(self, crl: Crl) -> datetime:
        return shifted(crl.this_update, -self.clock_skew)

    def _end(self, crl: Crl) -> datetime:
        """Return the first instant at which the CRL is stale."""
        if crl.next_update is not None:
            return shifted(crl.next_update, self.settings.grace + TICK)
        if self.settings.max_age is not None:
            return shifted(crl.this_update, self.settings.max_age + TICK)
        return EARLIEST


def within_grace(crl: Crl, moment: Moment) -> str | None:
    """Say of a CRL that lives on ``grace`` until when; None of any other."""
    until = moment.grace_end(crl)
    return None if until is None else f"past its nextUpdate, within `grace` until {until.isoformat()}"


def stale_text(crl: Crl) -> str:
    """Say of a CRL that has ended why."""
    if crl.next_update is None:
        return f"the {crl} does not say until when it may be used"
    return f"the {crl} is stale"
