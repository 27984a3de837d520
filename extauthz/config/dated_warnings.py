"""What is no mistake in the configuration and will deny clients all the same, at a given moment."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from extauthz.config.build import BuiltEngine
from extauthz.config.schema.revocation import IssuerSettings, Revocation
from extauthz.identity.certificate import Certificate
from extauthz.identity.names import name_key_from_string
from extauthz.model.errors import Problem
from extauthz.trust.crl.load import Crl
from extauthz.trust.window import shifted

EXPIRY_NOTICE = timedelta(days=14)
"""How long before an anchor or intermediate expires it is named: time to hand out another."""


NamedCrl = tuple[str, Crl]
"""Where a CRL is from, and the CRL."""


def dated_warnings(built: BuiltEngine, crls: Sequence[NamedCrl], now: datetime) -> tuple[Problem, ...]:
    """Return what an operator should know at ``now`` (aware): CAs that end, CRLs that are stale or not there.

    ``crls``: those that could be loaded.
    """
    found = [_problem("trust", message) for message in _expiring((*built.anchors, *built.intermediates), now)]
    revocation = built.config.revocation
    if revocation is not None:
        found += [_problem(where, message) for where, message in _stale(crls, revocation, now)]
        found += [_problem("revocation", message) for message in _without_crl(built, crls, revocation)]
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


def _stale(crls: Sequence[NamedCrl], revocation: Revocation, now: datetime) -> Iterator[tuple[str, str]]:
    newest: dict[tuple[str, bytes, bytes, bool], NamedCrl] = {}
    for where, crl in sorted(crls, key=lambda one: one[1].age):
        newest[crl.issuer_key, crl.signers[0].spki_sha256, crl.scope.der, crl.is_delta] = where, crl
    by_issuer = {name_key_from_string(one.issuer): one for one in revocation.issuers or ()}
    for where, crl in newest.values():
        own = by_issuer.get(crl.issuer_key)
        when_stale = _own(own, "when_stale", revocation)
        consequence = "are denied crl_stale" if when_stale == "deny" else "are let in by `when_stale: allow`"
        clients = f"the clients of {crl.issuer_dn!r} {consequence}"
        if crl.is_delta:
            clients = f"the changes since the last complete CRL of {crl.issuer_dn!r} are not known"
        max_age = _own(own, "max_age", revocation)
        due = crl.next_update
        if due is None and max_age is None:
            yield where, f"has no nextUpdate, and `max_age` is not set: {clients}"
        elif due is None and now > shifted(crl.this_update, max_age):
            yield where, f"has no nextUpdate, and is older than `max_age`: {clients}"
        elif due is not None and now > shifted(due, _own(own, "grace", revocation)):
            yield where, f"is past its nextUpdate {due.isoformat()}: {clients}"


def _own(settings: IssuerSettings | None, key: str, common: Revocation) -> Any:  # noqa: ANN401  (each key has its type)
    """Return a setting of one issuer, or what holds for all."""
    own = None if settings is None else getattr(settings, key)
    return getattr(common, key) if own is None else own


def _without_crl(built: BuiltEngine, crls: Sequence[NamedCrl], revocation: Revocation) -> Iterator[str]:
    covered = {(crl.issuer_key, signer.spki_sha256) for _, crl in crls for signer in crl.signers}
    by_issuer = {name_key_from_string(one.issuer): one for one in revocation.issuers or ()}
    # With intermediates, clients are theirs as a rule, and an anchor needs a CRL only where the chain is checked too.
    issuers = (*built.anchors, *built.intermediates)
    if built.intermediates and revocation.check == "leaf":
        issuers = built.intermediates
    for issuer in issuers:
        when_missing = _own(by_issuer.get(issuer.subject_key), "when_missing", revocation)
        if when_missing == "deny" and (issuer.subject_key, issuer.spki_sha256) not in covered:
            yield f"there is no CRL of {issuer.identity.subject_dn!r}: what it issued is denied crl_missing"
