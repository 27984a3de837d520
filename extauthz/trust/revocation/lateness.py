"""Which of the CRLs in use are past their time at one moment, and what that means for clients: for operators.

A CRL is late after its nextUpdate. Within ``grace`` it still counts, and then it is stale; what has no nextUpdate is
stale when ``max_age`` is over. Of each line only the newest that has begun is looked at, complete ones and deltas each,
since no older one makes good what that one cannot. A complete CRL that a delta in force brings up to date is not late.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from extauthz.identity.names import NameKey
from extauthz.model.quoted import quoted
from extauthz.trust.crl.load import Crl
from extauthz.trust.revocation.line import Line, LineKey, line_key, lines_of
from extauthz.trust.revocation.moment import Moment, within_grace
from extauthz.trust.revocation.settings import WhenUnknown
from extauthz.trust.revocation.standing import standing_of
from extauthz.trust.window import Window

Moments = Callable[[NameKey], Moment]
"""How the time is to be taken for the certificates of an issuer."""


@dataclass(frozen=True, slots=True)
class LateCrl:
    """A CRL that is past its time."""

    crl: Crl
    until: datetime | None
    """The last instant at which it counts; None for one that is stale."""
    sentence: str
    """What is to be said of it, without naming it."""

    @property
    def succession(self) -> tuple[LineKey, bool]:
        """What it has in common with the CRLs that replace it."""
        return line_key(self.crl), self.crl.is_delta


def late_crls(crls: Iterable[Crl], moments: Moments) -> tuple[tuple[LateCrl, ...], Window]:
    """Return those of the CRLs that are late, and for how long this answer holds."""
    found: list[LateCrl] = []
    window = Window.ALWAYS
    for issuer, lines in lines_of(crls).items():
        moment = moments(issuer)
        for line in lines:
            found += _late(line, moment)
            window = window.intersect(moment.window(line.crls))
    return tuple(found), window


def _late(line: Line, moment: Moment) -> Iterator[LateCrl]:
    base = next(filter(moment.has_begun, line.complete), None)
    delta = next(filter(moment.has_begun, line.deltas), None)
    if base is not None and standing_of(line, moment).delta is None:
        yield from _judged(base, moment)
    if delta is not None and (base is None or delta.age > base.age):  # a base takes in the deltas before it
        yield from _judged(delta, moment)


def _judged(crl: Crl, moment: Moment) -> Iterator[LateCrl]:
    if moment.has_ended(crl):
        yield LateCrl(crl, None, f"{_what_ended(crl, moment)}: {_consequence(crl, moment)}")
    elif (within := within_grace(crl, moment)) is not None:
        yield LateCrl(crl, moment.grace_end(crl), f"is {within}")


def _what_ended(crl: Crl, moment: Moment) -> str:
    if crl.next_update is not None:
        return f"is past its nextUpdate {crl.next_update.isoformat()}"
    if moment.settings.max_age is None:
        return "has no nextUpdate, and `max_age` is not set"
    return "has no nextUpdate, and is older than `max_age`"


def _consequence(crl: Crl, moment: Moment) -> str:
    if crl.is_delta:
        return f"the changes since the last complete CRL of {quoted(crl.issuer_dn)} are not known"
    denies = moment.settings.when_stale is WhenUnknown.DENY
    consequence = "are denied crl_stale" if denies else "are let in by `when_stale: allow`"
    return f"the clients of {quoted(crl.issuer_dn)} {consequence}"
