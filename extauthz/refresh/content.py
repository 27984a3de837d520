"""What one file or URL gives at one moment, and what is kept of what it gave before."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from extauthz.identity.certificate import Certificate
from extauthz.refresh.indexer import Verdict
from extauthz.refresh.rollback import slot_of
from extauthz.trust.crl.load import Crl
from extauthz.trust.crl.rejected import RejectedCrl

MAX_SHOWN = 3
"""Rejected CRLs of one file that a sentence names."""


@dataclass(frozen=True, slots=True)
class Content:
    """The CRLs of one file or URL."""

    crls: tuple[Crl, ...] = ()
    rejected: tuple[RejectedCrl, ...] = ()

    @classmethod
    def of(cls, verdicts: Iterable[Verdict], before: "Content") -> "Content":
        """Take new content. What cannot be used is replaced by what was usable before.

        A rejected CRL takes nothing away: the CRLs from before stay, but for those that a new one stands in for.
        """
        verdicts = tuple(verdicts)
        crls = {one.sha256: one for one in verdicts if isinstance(one, Crl)}
        rejected = tuple(one for one in verdicts if isinstance(one, RejectedCrl))
        if rejected:
            fresh = {slot_of(one) for one in crls.values()}
            crls |= {one.sha256: one for one in before.crls if slot_of(one) not in fresh}
        return cls(tuple(crls.values()), rejected)

    @property
    def problem(self) -> str | None:
        """Why some of it cannot be used, for the operator."""
        return summary([one.why for one in self.rejected])

    def trusting(self, issuers: Sequence[Certificate]) -> "Content":
        """Return what is left when only the signatures of these certificates count."""
        return Content(tuple(still_signed(self.crls, {one.sha256 for one in issuers})), self.rejected)


def still_signed(crls: Iterable[Crl], issuers: Collection[bytes]) -> Iterable[Crl]:
    """Yield the CRLs that one of the issuers (SHA-256) signed, with these alone as their signers."""
    for crl in crls:
        signers = tuple(one for one in crl.signers if one.sha256 in issuers)
        if signers:
            yield crl if signers == crl.signers else replace(crl, signers=signers)


def summary(sentences: Sequence[str]) -> str | None:
    """Put several sentences into one line; None for none."""
    if not sentences:
        return None
    more = len(sentences) - MAX_SHOWN
    return "; ".join(sentences[:MAX_SHOWN]) + (f"; and {more} more" if more > 0 else "")
