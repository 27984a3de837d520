"""What is no mistake in the configuration and will deny clients all the same, at a given moment."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from extauthz.config.build import BuiltEngine
from extauthz.config.schema.revocation import IssuerSettings, Revocation
from extauthz.identity.certificate import Certificate
from extauthz.identity.names import NameKey, name_key_from_string
from extauthz.model.errors import Problem
from extauthz.trust.crl.load import Crl
from extauthz.trust.revocation.check import RevocationChecker
from extauthz.trust.revocation.lateness import late_crls
from extauthz.trust.window import shifted

EXPIRY_NOTICE = timedelta(days=14)
"""How long before an anchor or intermediate expires it is named: time to hand out another."""


NamedCrl = tuple[str, Crl]
"""Where a CRL is from, and the CRL."""


def dated_warnings(
    built: BuiltEngine,
    crls: Sequence[NamedCrl],
    now: datetime,
    *,
    unusable: Collection[NameKey] = (),
    asked_all: bool = True,
) -> tuple[Problem, ...]:
    """Return what an operator should know at ``now`` (aware): CAs that end, CRLs that are late or not there.

    ``crls``: those that could be loaded. ``unusable``: the issuers of those that were found and could not.
    ``asked_all`` is False where the service will ask sources that were not asked now: then nothing is said to be
    missing.
    """
    found = [_problem("trust", message) for message in _expiring((*built.anchors, *built.intermediates), now)]
    revocation, checker = built.config.revocation, built.engine.trust.revocation
    if revocation is not None and checker is not None:  # there are both, or none
        found += [_problem(where, message) for where, message in _late(crls, checker, now)]
        uncovered = _without_crl(built, crls, revocation)
        found += [
            _problem("revocation", message)
            for message in _unanswered(uncovered, revocation, unusable, asked_all=asked_all)
        ]
    return tuple(found)


def _problem(place: str, message: str) -> Problem:
    return Problem(place, 0, 0, "", message)


def _expiring(authorities: tuple[Certificate, ...], now: datetime) -> Iterator[str]:
    for authority in authorities:
        identity = authority.identity
        if now > identity.not_after:
            yield f"{identity.subject_dn!r} expired {identity.not_after.isoformat()}: nobody below it is let in"
        elif now > shifted(identity.not_after, -EXPIRY_NOTICE):
            yield f"{identity.subject_dn!r} expires {identity.not_after.isoformat()}: then nobody below it is let in"


def _late(crls: Sequence[NamedCrl], checker: RevocationChecker, now: datetime) -> Iterator[tuple[str, str]]:
    places = {crl.sha256: where for where, crl in reversed(crls)}
    late, _ = late_crls((crl for _, crl in crls), lambda issuer: checker.moment(issuer, now))
    for one in late:
        yield places[one.crl.sha256], one.sentence


def _own(settings: IssuerSettings | None, key: str, common: Revocation) -> Any:  # noqa: ANN401  (each key has its type)
    """Return a setting of one issuer, or what holds for all."""
    own = None if settings is None else getattr(settings, key)
    return getattr(common, key) if own is None else own


def _without_crl(built: BuiltEngine, crls: Sequence[NamedCrl], revocation: Revocation) -> Iterator[Certificate]:
    covered = {(crl.issuer_key, signer.spki_sha256) for _, crl in crls for signer in crl.signers}
    # With intermediates, clients are theirs as a rule, and an anchor needs a CRL only where the chain is checked too.
    issuers = (*built.anchors, *built.intermediates)
    if built.intermediates and revocation.check == "leaf":
        issuers = built.intermediates
    for issuer in issuers:
        if (issuer.subject_key, issuer.spki_sha256) not in covered:
            yield issuer


def _unanswered(
    issuers: Iterable[Certificate], revocation: Revocation, unusable: Collection[NameKey], *, asked_all: bool
) -> Iterator[str]:
    by_issuer = {name_key_from_string(one.issuer): one for one in revocation.issuers or ()}
    later = ", until a distribution point gives one" if revocation.distribution_points is not None else ""
    for issuer in issuers:
        name = repr(issuer.identity.subject_dn)
        if issuer.subject_key in unusable:  # `when_missing` speaks of no CRL at all
            yield f"the CRL of {name} cannot be used: what it issued is denied crl_invalid"
        elif asked_all and _own(by_issuer.get(issuer.subject_key), "when_missing", revocation) == "deny":
            yield f"there is no CRL of {name}: what it issued is denied crl_missing{later}"
