"""Step 6 of ``decide``: whether the certificate, or any of its chain, is revoked, and what to do if nobody knows."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from extauthz.identity.certificate import Certificate
from extauthz.model.outcome import Fail, Outcome, Pass
from extauthz.model.quoted import quoted
from extauthz.model.reason import Reason
from extauthz.trust.revocation.status import Good, Revoked
from extauthz.trust.revocation.store import CrlStore
from extauthz.trust.window import Window


class WhenUnknown(StrEnum):
    """What to do with a certificate of which nobody knows whether it is revoked."""

    DENY = "deny"
    ALLOW = "allow"


class RevocationScope(StrEnum):
    """Which certificates are checked."""

    LEAF = "leaf"
    CHAIN = "chain"
    """The leaf and every intermediate; never the anchor, which only the operator can withdraw."""


class RevocationChecker:
    """Asks one store, and turns what it says into Pass or Fail.

    ``grace`` keeps a CRL usable beyond its nextUpdate, ``clock_skew`` makes it usable before its thisUpdate (ValueError
    when it is negative, which would leave a time without any CRL). "Missing" is an issuer (or issuing key) without any
    CRL, "stale" one without a CRL that is in force (``CrlStore.evidence`` says when it is).
    """

    def __init__(
        self,
        store: CrlStore,
        when_missing: WhenUnknown = WhenUnknown.DENY,
        when_stale: WhenUnknown = WhenUnknown.DENY,
        grace: timedelta = timedelta(),
        check: RevocationScope = RevocationScope.LEAF,
        *,
        clock_skew: timedelta = timedelta(),
    ) -> None:
        if clock_skew < timedelta():
            raise ValueError("clock_skew must not be negative")
        self.store = store
        self._when_missing = when_missing
        self._when_stale = when_stale
        self._grace = grace
        self._clock_skew = clock_skew
        self._scope = check

    @property
    def generation(self) -> object:
        """The store's: another object after each change of it."""
        return self.store.generation

    def check(self, path: Sequence[Certificate], now: datetime) -> tuple[Outcome, Window]:
        """Check a path, leaf first and anchor last, or a leaf alone when no path was verified.

        The window is that of the outcome, as long as ``generation`` stays the same.
        """
        links: list[tuple[Certificate, Certificate | None]] = [*pairwise(path)] or [(path[0], None)]
        if self._scope is RevocationScope.LEAF:
            del links[1:]
        window, details = Window.ALWAYS, []
        for certificate, issuer in links:
            outcome, one_window = self.check_one(certificate, issuer, now)
            window = window.intersect(one_window)
            if isinstance(outcome, Fail):
                return outcome, window
            details.append(outcome.detail)
        return Pass("; ".join(details)), window

    def check_one(self, certificate: Certificate, issuer: Certificate | None, now: datetime) -> tuple[Outcome, Window]:
        """Check one certificate. ``issuer``: the certificate that signed it, None when that was not verified."""
        evidence = self.store.evidence(
            certificate.issuer_key,
            certificate.serial,
            now,
            issuer_spki_sha256=issuer.spki_sha256 if issuer is not None else None,
            grace=self._grace,
            clock_skew=self._clock_skew,
        )
        detail = f"{quoted(certificate.identity.subject_dn)}: {evidence.detail}"
        match evidence.status:
            case Good():
                return Pass(detail), evidence.window
            case Revoked():
                return Fail(Reason.REVOKED, detail), evidence.window
        reason = Reason.CRL_STALE if evidence.stale else Reason.CRL_MISSING
        policy, key = (self._when_stale, "when_stale") if evidence.stale else (self._when_missing, "when_missing")
        if policy is WhenUnknown.ALLOW:
            return Pass(f"{detail}; allowed by `{key}: allow`"), evidence.window
        return Fail(reason, detail), evidence.window
