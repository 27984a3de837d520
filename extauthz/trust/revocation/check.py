"""Step 6 of ``decide``: whether the certificate, or any of its chain, is revoked, and what to do if nobody knows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple

from extauthz.identity.certificate import Certificate
from extauthz.identity.names import NameKey
from extauthz.model.certificate_name import certificate_name
from extauthz.model.outcome import Fail, Outcome, Pass
from extauthz.model.reason import Reason
from extauthz.trust.chain.verifier import ChainVerifier
from extauthz.trust.crl.load import Crl
from extauthz.trust.revocation.evidence import Acceptance, Evidence
from extauthz.trust.revocation.moment import Moment
from extauthz.trust.revocation.records import Records
from extauthz.trust.revocation.settings import RevocationScope, RevocationSettings, WhenUnknown
from extauthz.trust.revocation.signers import SignerPaths, accept_with_path, accept_within_validity
from extauthz.trust.revocation.standing import Standing
from extauthz.trust.revocation.status import Revoked, Unknown, UnknownCause
from extauthz.trust.revocation.store import CrlStore
from extauthz.trust.revocation.target import target_of
from extauthz.trust.revocation.unlisted import Unlisted, UnlistedAnswers
from extauthz.trust.revocation.verdict import find_revocation, judge, judge_unlisted, tally_of
from extauthz.trust.revocation.wanted import WantedPoints
from extauthz.trust.window import Window

MAX_SIGNERS_IN_TURN = 3
"""A CRL's signer has a certificate, whose revocation is in a CRL, which has a signer … Real ones end after one."""

_REASONS = {
    UnknownCause.MISSING: Reason.CRL_MISSING,
    UnknownCause.STALE: Reason.CRL_STALE,
    UnknownCause.INVALID: Reason.CRL_INVALID,
    UnknownCause.SCOPE: Reason.CRL_SCOPE,
}


class PathVerdict(NamedTuple):
    """What step 6 says of several paths."""

    outcome: Outcome
    window: Window
    path: Sequence[Certificate]
    """The first that passes; without one, the first."""


class RevocationChecker:
    """Asks one store, and turns what it says into Pass or Fail.

    ``settings`` hold for certificates of every issuer that is not in ``by_issuer``. ``verifier`` finds the paths of
    CRL signers that are not the certificate's issuer; without it, none of them may vouch. ``clock_skew`` makes a CRL
    usable before its thisUpdate (ValueError when it is negative, which would leave a time without any CRL).
    """

    def __init__(
        self,
        store: CrlStore,
        settings: RevocationSettings = RevocationSettings(),  # noqa: B008  (immutable)
        *,
        scope: RevocationScope = RevocationScope.LEAF,
        by_issuer: Mapping[NameKey, RevocationSettings] = MappingProxyType({}),
        verifier: ChainVerifier | None = None,
        clock_skew: timedelta = timedelta(),
    ) -> None:
        if clock_skew < timedelta():
            raise ValueError("clock_skew must not be negative")
        self.store = store
        self.scope = scope
        self.wanted = WantedPoints()
        """Where verified certificates say that the CRLs are which were not there."""
        self.unlisted = UnlistedAnswers()
        """What was said of certificates that no CRL lists."""
        self._settings = settings
        self._by_issuer = dict(by_issuer)
        self._signer_paths = SignerPaths(verifier)
        self._clock_skew = clock_skew

    @property
    def generation(self) -> object:
        """The store's: another object after each change of it."""
        return self.store.generation

    def check(self, paths: Sequence[Sequence[Certificate]], now: datetime) -> tuple[Outcome, Window]:
        """Check several paths of one leaf, best first: it passes when one passes."""
        verdict = self.choose(paths, now)
        return verdict.outcome, verdict.window

    def choose(self, paths: Sequence[Sequence[Certificate]], now: datetime) -> PathVerdict:
        """Check paths (leaf first, anchor last, or the leaf alone when no path was verified) until one passes.

        The window is that of the outcome, as long as ``generation`` stays the same.
        """
        examination = _Examination(self, self.store.records, now)
        window = Window.ALWAYS
        verdicts: list[PathVerdict] = []
        for path in paths:
            outcome, of_path = examination.check_path(path)
            window = window.intersect(of_path)
            if isinstance(outcome, Pass) and verdicts:
                outcome = Pass(f"{outcome.detail}; by another path than the first, {verdicts[0].outcome.detail}")
            verdicts.append(PathVerdict(outcome, window, path))
            if isinstance(outcome, Pass):
                return verdicts[-1]
        return verdicts[0]._replace(window=window)

    def settings_for(self, issuer: NameKey) -> RevocationSettings:
        """Return what is decided for certificates of one issuer."""
        return self._by_issuer.get(issuer, self._settings)

    def moment(self, issuer: NameKey, now: datetime) -> Moment:
        """Return how the time is to be taken for certificates of one issuer."""
        return Moment(now, self.settings_for(issuer), self._clock_skew)

    @property
    def signer_paths(self) -> SignerPaths:
        """The paths of CRL signers."""
        return self._signer_paths


@dataclass(frozen=True, slots=True)
class _Examination:
    """One question: the records as they were when it was asked, and the signers that are being looked at."""

    checker: RevocationChecker
    records: Records
    now: datetime
    signers: tuple[bytes, ...] = ()
    """SHA-256 of the certificates of CRL signers on whose behalf this is asked."""

    def check_path(self, path: Sequence[Certificate]) -> tuple[Outcome, Window]:
        """Check the leaf, or every certificate below the anchor."""
        count = len(path) - 1 if self.checker.scope is RevocationScope.CHAIN else 1
        window, details = Window.ALWAYS, []
        for number, certificate in enumerate(path[: max(count, 1)]):
            outcome, one_window = self._check_one(certificate, path[number + 1 :])
            window = window.intersect(one_window)
            if isinstance(outcome, Fail):
                return outcome, window
            details.append(outcome.detail)
        return Pass("; ".join(details)), window

    def _check_one(self, certificate: Certificate, above: Sequence[Certificate]) -> tuple[Outcome, Window]:
        evidence = self._judge(certificate, above)
        detail = f"{certificate_name(certificate.identity)}: {evidence.detail}"
        match evidence.status:
            case Revoked():
                return Fail(Reason.REVOKED, detail), evidence.window
            case Unknown(cause=cause):
                if above:
                    self.checker.wanted.note(certificate)
                return self._unknown(certificate, cause, detail), evidence.window
        return Pass(detail), evidence.window

    def _unknown(self, certificate: Certificate, cause: UnknownCause, detail: str) -> Outcome:
        settings = self.checker.settings_for(certificate.issuer_key)
        if cause is UnknownCause.MISSING and settings.when_missing is WhenUnknown.ALLOW:
            return Pass(f"{detail}; allowed by `when_missing: allow`")
        if cause is UnknownCause.STALE and settings.when_stale is WhenUnknown.ALLOW:
            return Pass(f"{detail}; allowed by `when_stale: allow`")
        return Fail(_REASONS[cause], detail)

    def _judge(self, certificate: Certificate, above: Sequence[Certificate]) -> Evidence:
        moment = self.checker.moment(certificate.issuer_key, self.now)
        if not above:
            target = target_of(certificate)
            return judge(target, self.records, moment, None, lambda crl: accept_within_validity(crl, self.now))
        if self.signers:  # whom a CRL's signer may rely on depends on who is being looked at already
            return self._judge_below(certificate, above, moment)[0]
        unlisted = self.checker.unlisted
        known = unlisted.find(certificate, above, self.records, moment)
        if known is not None:
            return known
        evidence, standings = self._judge_below(certificate, above, moment)
        if standings is not None:
            unlisted.keep(certificate, above, self.records, Unlisted(evidence, standings, moment))
        return evidence

    def _judge_below(
        self, certificate: Certificate, above: Sequence[Certificate], moment: Moment
    ) -> tuple[Evidence, Sequence[Standing] | None]:
        """Judge a certificate with a verified path; also return the CRLs that were looked at, if none lists it."""

        def accept(crl: Crl) -> Acceptance:
            if crl.issuer_key != certificate.issuer_key and certificate.sha256 in [one.sha256 for one in crl.signers]:
                # A CA has issued it to a CRL issuer, and named that issuer as cRLIssuer for it: that is delegation.
                return Acceptance(Window.ALWAYS)
            return accept_with_path(crl, above, self.now, self.checker.signer_paths, self._revocation_of)

        target = target_of(certificate)
        revocation, standings, window = find_revocation(target, self.records, moment)
        if revocation is not None:
            return revocation, None
        tally = tally_of(target, standings, above[0].spki_sha256, accept)
        return judge_unlisted(tally, self.records.rejected_for(target), window), standings

    def _revocation_of(self, path: Sequence[Certificate]) -> Acceptance:
        """Look at the revocation of a CRL signer: as much as at that of a client."""
        signer = path[0]
        if len(path) == 1:
            return Acceptance(Window.ALWAYS)  # the anchor, which nobody but the operator can withdraw
        if self.checker.scope is RevocationScope.LEAF:
            moment = self.checker.moment(signer.issuer_key, self.now)
            revocation, _, window = find_revocation(target_of(signer), self.records, moment)
            return Acceptance(window, None if revocation is None else f"{_text(signer)}: {revocation.detail}")
        if signer.sha256 in self.signers:
            return Acceptance(Window.ALWAYS, f"{_text(signer)}: only its own CRLs would say that it is not revoked")
        if len(self.signers) == MAX_SIGNERS_IN_TURN:
            return Acceptance(Window.ALWAYS, f"{_text(signer)}: too many signers of CRLs depend on one another")
        below = _Examination(self.checker, self.records, self.now, (*self.signers, signer.sha256))
        outcome, window = below.check_path(path)
        return Acceptance(window, outcome.detail if isinstance(outcome, Fail) else None)


def _text(certificate: Certificate) -> str:
    return certificate_name(certificate.identity)
