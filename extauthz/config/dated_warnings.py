"""What is no mistake in the configuration and will deny clients all the same, at a given moment."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from extauthz.config.build import BuiltEngine
from extauthz.config.schema.revocation import Revocation
from extauthz.config.trust_files import LoadedCrl
from extauthz.identity.certificate import Certificate
from extauthz.model.errors import Problem
from extauthz.trust.window import shifted

EXPIRY_NOTICE = timedelta(days=14)
"""How long before an anchor or intermediate expires it is named: time to hand out another."""


def dated_warnings(built: BuiltEngine, now: datetime) -> tuple[Problem, ...]:
    """Return what an operator should know at ``now`` (aware): CAs that end, CRLs that are stale or not there."""
    found = [_problem("trust", message) for message in _expiring((*built.anchors, *built.intermediates), now)]
    revocation = built.config.revocation
    if revocation is not None:
        found += [_problem(str(crl.path), message) for crl, message in _stale(built.crls, revocation, now)]
        found += [_problem("revocation", message) for message in _without_crl(built, revocation)]
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


def _stale(crls: tuple[LoadedCrl, ...], revocation: Revocation, now: datetime) -> Iterator[tuple[LoadedCrl, str]]:
    newest: dict[tuple[str, bytes], LoadedCrl] = {}
    for loaded in sorted(crls, key=lambda one: one.crl.age):
        newest[loaded.crl.issuer_key, loaded.crl.signer.spki_sha256] = loaded
    consequence = "are denied crl_stale" if revocation.when_stale == "deny" else "are let in by `when_stale: allow`"
    for loaded in newest.values():
        due = loaded.crl.next_update
        clients = f"the clients of {loaded.crl.issuer_dn!r} {consequence}"
        if due is None:
            yield loaded, f"has no nextUpdate: {clients}"
        elif now > shifted(due, revocation.grace):
            yield loaded, f"is past its nextUpdate {due.isoformat()}: {clients}"


def _without_crl(built: BuiltEngine, revocation: Revocation) -> Iterator[str]:
    if revocation.when_missing == "allow":
        return
    covered = {(loaded.crl.issuer_key, loaded.crl.signer.spki_sha256) for loaded in built.crls}
    # With intermediates, clients are theirs as a rule, and an anchor needs a CRL only where the chain is checked too.
    issuers = (*built.anchors, *built.intermediates)
    if built.intermediates and revocation.check == "leaf":
        issuers = built.intermediates
    for issuer in issuers:
        if (issuer.subject_key, issuer.spki_sha256) not in covered:
            yield f"there is no CRL of {issuer.identity.subject_dn!r}: what it issued is denied crl_missing"
