"""Which of all CRLs that are offered are put into use: roll-backs are refused here, over all sources together."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from extauthz.refresh.content import still_signed
from extauthz.refresh.rollback import LastSeen, Slot, refused, slot_of
from extauthz.trust.crl.load import Crl
from extauthz.trust.crl.rejected import RejectedCrl

Offer = tuple[int, str, Crl]
"""Which feed offers it (by its place), the feed's label, and the CRL."""


@dataclass(slots=True)
class Judged:
    """What became of the offers."""

    crls: tuple[Crl, ...] = ()
    """In use, each once."""
    used: dict[int, list[Crl]] = field(default_factory=lambda: defaultdict(list))
    """By feed."""
    served: set[int] = field(default_factory=set)
    """The feeds that a usable CRL was had from, or from another one in its place."""
    refused: dict[int, list[RejectedCrl]] = field(default_factory=lambda: defaultdict(list))
    """Roll-backs, by feed."""
    rollbacks: set[tuple[str, bytes]] = field(default_factory=set)
    """Label and SHA-256 of each of these."""


class Judge:
    """Remembers the newest CRL in force of each slot, in memory. Not safe for several threads at a time."""

    def __init__(self) -> None:
        self._newest: dict[Slot, Crl] = {}

    def judge(self, offers: Iterable[Offer], last_seen: LastSeen, issuers: Sequence[bytes], latest: datetime) -> Judged:
        """Sort the offers, and note what is in force in ``last_seen``.

        ``issuers``: SHA-256 of the certificates whose signatures count. ``latest``: a CRL with a later thisUpdate is
        not in force yet.

        In one slot, a CRL that is older than what was seen is refused, unless another one there is not: then it is
        merely out of date, as in a directory where old CRLs stay. When nothing in force is left, the newest one from
        before goes on counting, for as long as the slot is offered at all.
        """
        judged = Judged()
        slots: dict[Slot, list[Offer]] = defaultdict(list)
        for offer in offers:
            slots[slot_of(offer[2])].append(offer)
        newest: dict[Slot, Crl] = {}
        crls: dict[bytes, Crl] = {}
        for slot, offered in slots.items():
            sound = [one for one in offered if last_seen.why_refused(one[2]) is None]
            in_force = [one[2] for one in sound if one[2].this_update <= latest]
            before = self._before(slot, issuers)
            if in_force:
                best = newest[slot] = max(in_force, key=_age)
                last_seen.note(best)
            elif before is not None:
                newest[slot] = crls[before.sha256] = before
            if sound or before is not None:
                judged.served.update(feed for feed, _, _ in offered)
            for feed, _, crl in sound:
                crls[crl.sha256] = crl
                judged.used[feed].append(crl)
            if not sound:
                for feed, label, crl in offered:
                    judged.refused[feed].append(refused(label, crl, last_seen.why_refused(crl) or ""))
                    judged.rollbacks.add((label, crl.sha256))
                    if before is not None:
                        judged.used[feed].append(before)
        self._newest = newest
        judged.crls = tuple(crls.values())
        return judged

    def _before(self, slot: Slot, issuers: Sequence[bytes]) -> Crl | None:
        """Return the newest one that was in force, as far as it is still trusted."""
        known = self._newest.get(slot)
        return None if known is None else next(iter(still_signed([known], set(issuers))), None)


def _age(crl: Crl) -> tuple[int, datetime]:
    return -1 if crl.number is None else crl.number, crl.this_update
