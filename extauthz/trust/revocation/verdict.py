"""What all CRLs together say of one certificate (RFC 5280 §6.3.3).

1. Named by the operator: Revoked.
2. Listed in a CRL of the issuer, or in an indirect one of a cRLIssuer that the certificate names: Revoked. Here
   neither scope, nor signer, nor freshness is asked for: whoever was configured has signed that it is revoked, and the
   RFC's ways around it (a CRL that does not cover the certificate, or is stale) would let it in.
3. Not listed, and covered for every reason (``tally``): Good.
4. Otherwise nobody knows: Unknown, with the cause.
"""

from collections.abc import Iterable, Sequence

from extauthz.model.quoted import SHOWN_CHARACTERS
from extauthz.trust.crl.load import Crl
from extauthz.trust.crl.rejected import RejectedCrl
from extauthz.trust.crl.revoked_entry import RevokedEntry
from extauthz.trust.revocation.evidence import Evidence
from extauthz.trust.revocation.moment import Moment
from extauthz.trust.revocation.records import Records
from extauthz.trust.revocation.standing import Standing, find_listed, standing_of
from extauthz.trust.revocation.status import Good, Revoked, Unknown, UnknownCause
from extauthz.trust.revocation.tally import Accept, Misfit, Tally
from extauthz.trust.revocation.target import Target
from extauthz.trust.window import Window

NO_CRL = "there is no CRL of this issuer"
BY_HAND = "named as revoked by the operator"
MAX_SHOWN = 2
"""Of the CRLs that do not help: a detail is kept with every answer, and each may be 300 characters."""
MAX_WHY = 700
"""Characters, for all of them: what is said of a signer may hold what is said of its own signer."""


def find_revocation(target: Target, records: Records, moment: Moment) -> tuple[Evidence | None, list[Standing], Window]:
    """Take steps 1 and 2. Also return the state of the CRLs that were looked at, and how long it lasts."""
    if records.names(target):
        return Evidence(Revoked(), BY_HAND, Window.ALWAYS), [], Window.ALWAYS
    lines = records.lines_for(target)
    window = moment.window(crl for line in lines for crl in line.crls)
    standings = [standing_of(line, moment) for line in lines]
    for standing in standings:
        if (listed := find_listed(standing, target, moment)) is not None:
            return _revoked(*listed, window), [], window
    return None, standings, window


def judge(target: Target, records: Records, moment: Moment, issuing_key: bytes | None, accept: Accept) -> Evidence:
    """Answer for one certificate.

    ``issuing_key``: SHA-256 of the SubjectPublicKeyInfo of the certificate that signed it, None when no path was
    verified. ``accept`` says whether the signer of a CRL may vouch for the certificate.
    """
    revocation, standings, window = find_revocation(target, records, moment)
    if revocation is not None:
        return revocation
    tally = tally_of(target, standings, issuing_key, accept)
    return judge_unlisted(tally, records.rejected_for(target), window)


def tally_of(target: Target, standings: Sequence[Standing], issuing_key: bytes | None, accept: Accept) -> Tally:
    """Count how far CRLs that do not list a certificate cover it. The arguments are those of ``judge``."""
    tally = Tally(target, _issuing_keys(target, standings, issuing_key), accept)
    tally.add(standings)
    return tally


def judge_unlisted(tally: Tally, rejected: Sequence[RejectedCrl], window: Window) -> Evidence:
    """Take steps 3 and 4. ``window``: how long the CRLs that were counted stay as they are."""
    window = window.intersect(tally.window)
    if tally.is_good:
        return Evidence(Good(), tally.used, window)
    cause, why = _why_unknown(tally, rejected)
    return Evidence(Unknown(why, cause), why, window)


def _revoked(entry: RevokedEntry, crl: Crl, window: Window) -> Evidence:
    reason = entry.reason or "no reason given"
    unknown = ", with a critical extension that nobody here processes" if entry.unknown_critical else ""
    detail = f"revoked {entry.date.isoformat()} ({reason}{unknown}) in the {crl}"
    return Evidence(Revoked(entry.reason, entry.date), detail, window)


def _issuing_keys(target: Target, standings: Iterable[Standing], issuing_key: bytes | None) -> frozenset[bytes]:
    """Return the key that issued the certificate; without a path, those that its authority key identifier names."""
    if issuing_key is not None:
        return frozenset({issuing_key})
    own = [one.line for one in standings if one.line.issuer_key == target.issuer]
    return frozenset(line.signing_key for line in own if line.is_of_key(target.authority_key_id))


def _why_unknown(tally: Tally, rejected: Iterable[RejectedCrl]) -> tuple[UnknownCause, str]:
    """Find the cause that stands highest: what is stale would answer, and what is missing says least."""
    refused = [f"{one.label} is not used: {one.why[:SHOWN_CHARACTERS]}" for one in rejected]
    stale, invalid, scope, missing = (
        tally.problems(one)
        for one in (UnknownCause.STALE, UnknownCause.INVALID, UnknownCause.SCOPE, UnknownCause.MISSING)
    )
    if tally.is_late:
        return UnknownCause.STALE, "; ".join(filter(None, [_shown([*stale, *invalid, *refused]), tally.used]))
    if invalid or refused:
        return UnknownCause.INVALID, _shown([*invalid, *refused])
    if tally.fits:
        return UnknownCause.SCOPE, _shown([*tally.uncovered, *scope, *missing])
    if scope:
        return UnknownCause.SCOPE, _shown([*scope, *missing])
    return UnknownCause.MISSING, _shown(missing) or NO_CRL


def _shown(problems: Sequence[str | Misfit]) -> str:
    more = len(problems) - MAX_SHOWN
    text = "; ".join(map(str, problems[:MAX_SHOWN]))
    shown = text if len(text) <= MAX_WHY else f"{text[: MAX_WHY - 1]}…"
    return f"{shown}; and {more} more" if more > 0 else shown
