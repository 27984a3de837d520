"""What one line of CRLs says at one moment: the complete CRL in force, and the delta that brings it up to date.

RFC 5280 §6.3.3 (a), (c), (h) to (k) and §5.2.4. A delta is combined with a complete CRL of its line when the complete
one's number is not below BaseCRLNumber and below the delta's own, and the delta is not the older one. Then

    the pair is in force as long as the delta is, even past the complete CRL's nextUpdate (§6.3.3 (a)(1)(i));
    the delta is asked first, and its removeFromCRL hides an entry of the complete CRL.

What the RFC leaves open is decided for the side that denies: a delta that is stale, still to come, or without a
complete CRL to build on makes nothing good and lifts no entry, but what it lists as revoked is revoked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from extauthz.identity.names import NameKey
from extauthz.trust.crl.load import Crl
from extauthz.trust.crl.revoked_entry import RevokedEntry
from extauthz.trust.revocation.line import Line
from extauthz.trust.revocation.moment import Moment, stale_text, within_grace
from extauthz.trust.revocation.target import Target

REMOVED = "removeFromCRL"


@dataclass(frozen=True, slots=True)
class Standing:
    """The state of one line at one moment."""

    line: Line
    base: Crl | None
    """The newest complete CRL that has begun, stale or not. An older one never makes good what the newest cannot."""
    delta: Crl | None
    """The newest delta that has begun and builds on ``base``, unless it is stale."""
    problem: str | None
    """Why the line makes nothing good now; None when it is in force."""
    within_grace: str | None = None
    """Until when it is in force, where only ``grace`` keeps it so."""

    def __str__(self) -> str:
        with_delta = "" if self.delta is None else f" with the {self.delta}"
        within = "" if self.within_grace is None else f", {self.within_grace}"
        return f"{self.line.newest if self.base is None else self.base}{with_delta}{within}"


def standing_of(line: Line, moment: Moment) -> Standing:
    """Work out the state of a line."""
    base = next((crl for crl in line.complete if moment.has_begun(crl)), None)
    if base is None:
        return Standing(line, None, None, _no_base(line))
    delta = next((one for one in line.deltas if moment.has_begun(one) and _builds_on(one, base)), None)
    if delta is not None and not moment.has_ended(delta):
        return Standing(line, base, delta, None, within_grace(delta, moment))
    return Standing(line, base, None, stale_text(base) if moment.has_ended(base) else None, within_grace(base, moment))


class Named(Protocol):
    """A certificate by what it is named by in CRLs."""

    @property
    def issuer(self) -> NameKey:
        """Its issuer."""
        ...

    @property
    def serial(self) -> int:
        """Its serial number."""
        ...


def find_listed(standing: Standing, target: Named, moment: Moment) -> tuple[RevokedEntry, Crl] | None:
    """Look the certificate up in a line, from CRLs still to come to those in force, and no older ones.

    A stale complete CRL still hides the older ones, since nothing is good then; a stale delta does not, since the
    base may be in force without it. Two with the same thisUpdate and number must not differ (§5.2.3). If they do, each
    is believed.
    """
    lifted = False
    for delta in _deltas(standing):
        entry = delta.find(target.serial, target.issuer)
        if entry is not None and _revokes(entry):
            return entry, delta
        lifted |= entry is not None and delta is standing.delta
    for crl in _complete(standing):
        entry = crl.find(target.serial, target.issuer)
        if entry is not None and not (lifted and moment.has_begun(crl)):
            return entry, crl
    return None


def find_ever_listed(line: Line, target: Target) -> tuple[RevokedEntry, Crl] | None:
    """Look the certificate up in every CRL of a line, whatever the time."""
    for crl in line.crls:
        entry = crl.find(target.serial, target.issuer)
        if entry is not None and _revokes(entry):
            return entry, crl
    return None


def _revokes(entry: RevokedEntry) -> bool:
    """Say whether an entry revokes. With a critical extension that nobody processes it does, whatever else it says."""
    return entry.reason != REMOVED or entry.unknown_critical


def _no_base(line: Line) -> str:
    if not line.complete:
        return f"the complete CRL on which the {line.newest} builds is missing"
    return f"thisUpdate of the {line.complete[-1]} is still to come"


def _builds_on(delta: Crl, base: Crl) -> bool:
    """§5.2.4 (c) and (d). A delta that is older than the complete CRL, whatever its number, knows nothing newer."""
    if delta.base_number is None or delta.number is None or base.number is None:
        return False
    if delta.this_update < base.this_update:
        return False
    return delta.base_number <= base.number < delta.number


def _follows(delta: Crl, base: Crl) -> bool:
    """Say whether a delta may know more than a complete CRL; either sign of it is enough."""
    if delta.number is not None and base.number is not None and delta.number > base.number:
        return True
    return delta.this_update > base.this_update


def _deltas(standing: Standing) -> Iterator[Crl]:
    """Yield the deltas that are heard: newest first, down to the one in force; without one, all."""
    for delta in standing.line.deltas:
        if standing.delta is not None and delta.age[:2] < standing.delta.age[:2]:
            return
        if standing.base is None or _follows(delta, standing.base):
            yield delta


def _complete(standing: Standing) -> Iterator[Crl]:
    """Yield the complete CRLs that are heard: newest first, down to the one in force."""
    for crl in standing.line.complete:
        if standing.base is not None and crl.age[:2] < standing.base.age[:2]:
            return
        yield crl
