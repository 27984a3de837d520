"""Steps 3 to 6 of ``decide``: what depends on the certificate alone, worked out once and kept while it holds.

    3  identity     parse everything that will be used; compare with what the proxy said
    4  validity     notBefore and notAfter, both inclusive, widened by the clock skew
    5  chain        unknown critical extensions, then a path to an anchor
    6  revocation   what the CRLs say

The first step that fails decides. An assessment comes with the window in which it holds and is never used outside it.
When the revocation data changed, step 6 is run again, and nothing else: CRLs come all the time, and most say nothing
new of most clients.
"""

from collections.abc import Hashable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from extauthz.identity.certificate import Certificate, parse_certificate
from extauthz.identity.claims import compare_claims
from extauthz.identity.profile import DEFAULT_PROFILE, IdentityProfile
from extauthz.model.decision import Step
from extauthz.model.errors import DecodeError
from extauthz.model.outcome import Fail, Outcome, Pass
from extauthz.model.reason import Reason
from extauthz.model.request import Presented
from extauthz.trust.cache import TwoGenerationCache
from extauthz.trust.chain.verifier import ChainResult, ChainVerifier
from extauthz.trust.revocation.check import PathVerdict, RevocationChecker
from extauthz.trust.window import TICK, Window, shifted

DEFAULT_CACHE_SIZE = 10_000
"""Client certificates in use at a time, with room; 10 to 20 KB each."""
MAX_CACHE_BYTES = 64 * 1024 * 1024
"""Whatever the number of entries: hostile certificates can be 64 KiB, with sixteen more beside them."""
BYTES_PER_ENTRY = 4 * 1024
BYTES_PER_DER_BYTE = 18
"""What an assessment takes in memory, parsed: 8 KB for a leaf of 0.5 KB, 14 KB with an intermediate of that size beside
it (measured), so that usual ones are counted half as much again."""
USUAL_DER_BYTES = 1536
BYTES_PER_FURTHER_DER_BYTE = 50
"""Of a certificate beyond the usual size: large ones are made of many small names, which become objects of 200 bytes.
A hostile one takes 40 (directory names) to 53 (registered IDs) for each byte."""
BYTES_PER_LISTED = 100
"""For each name, purpose and policy: a certificate of usual size can be full of them too."""
BYTES_PER_CLAIMED_TEXT = 64
BYTES_PER_CLAIMED_CHARACTER = 4
"""What a proxy said of the certificate is part of the cache's key."""
MAX_NAMED_EXTENSIONS = 5
"""Unknown critical extensions that a detail names; a certificate may have a hundred."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """What steps 3 to 6 said of one presented certificate."""

    verdict: Certificate | Fail
    """The certificate, which passed every step, or the first failure."""
    certificate: Certificate | None
    """What could be parsed, also of a certificate that failed: then it is a claim and not a fact."""
    steps: tuple[Step, ...]
    window: Window
    path: tuple[Certificate, ...] = ()
    """The verified path, leaf first and anchor last; () when none was verified. Of several, the first that passed
    every step."""

    @property
    def failure(self) -> Fail | None:
        """The first failure, if there is one."""
        return self.verdict if isinstance(self.verdict, Fail) else None


class _Verified(NamedTuple):
    """What steps 3 to 5 found, all of which passed, and when that holds, whatever CRLs say."""

    certificate: Certificate
    steps: tuple[Step, ...]
    chain: ChainResult
    window: Window


class _Kept(NamedTuple):
    """What is remembered of one presented certificate."""

    assessment: Assessment
    verified: _Verified | None
    """None where a step before the sixth failed: then no CRL was asked."""
    generation: object
    """Of the revocation data that was asked."""


class Evidence(Protocol):
    """Data that changes while an engine is in use."""

    @property
    def generation(self) -> object:
        """Another object after each change."""
        ...


@dataclass(frozen=True, slots=True)
class _NoRevocation:
    generation: object = None


_NO_REVOCATION = _NoRevocation()
_PARSED = Pass("parsed")


class CertificateTrust:
    """Assesses certificates, and remembers.

    ``revocation`` None means that revocation is not checked. ``cache_size`` counts assessments; 0 keeps none.
    ``profile`` says what smart cards are recognized by.
    ``hits`` and ``misses`` count since the start; among threads they may miss a few.
    """

    def __init__(
        self,
        chain: ChainVerifier,
        revocation: RevocationChecker | None = None,
        clock_skew: timedelta = timedelta(),
        cache_size: int = DEFAULT_CACHE_SIZE,
        profile: IdentityProfile = DEFAULT_PROFILE,
    ) -> None:
        """Take the parts. ValueError for a negative clock skew: it would narrow every certificate's validity."""
        if clock_skew < timedelta():
            raise ValueError("clock_skew must not be negative")
        self.chain = chain
        self.revocation = revocation
        self._clock_skew = clock_skew
        self._profile = profile
        self._cache: TwoGenerationCache[_Kept] = TwoGenerationCache(cache_size, MAX_CACHE_BYTES)
        self.hits = 0
        self.misses = 0

    @property
    def evidence(self) -> Evidence:
        """What assessments rest on beside certificates and time; they hold while its ``generation`` is the same."""
        return _NO_REVOCATION if self.revocation is None else self.revocation.store

    def forget_some(self, entries: int) -> bool:
        """Let up to so many assessments go, for who gives this up; return whether any are left."""
        return self._cache.clear_some(entries)

    def assess(self, presented: Presented, now: datetime) -> Assessment:
        """Run steps 3 to 6 at ``now`` (aware), or return what they said before if it still holds. Never raises."""
        key = (presented.leaf, presented.chain, presented.claims)
        generation = self.evidence.generation
        kept = self._cache.get(key)
        if kept is not None:
            assessment, verified, asked = kept
            if (asked is generation or verified is None) and assessment.window.holds_at(now):
                self.hits += 1
                return assessment
            if verified is not None and verified.window.holds_at(now):
                self.hits += 1
                return self._keep(key, presented, _Kept(self._with_revocation(verified, now), verified, generation))
        self.misses += 1
        verified_or_ended = self._verify(presented, now)
        if isinstance(verified_or_ended, Assessment):
            return self._keep(key, presented, _Kept(verified_or_ended, None, generation))
        assessment = self._with_revocation(verified_or_ended, now)
        return self._keep(key, presented, _Kept(assessment, verified_or_ended, generation))

    def _keep(self, key: Hashable, presented: Presented, kept: _Kept) -> Assessment:
        self._cache.put(key, kept, _cost(presented, kept.assessment.certificate))
        return kept.assessment

    def _verify(self, presented: Presented, now: datetime) -> _Verified | Assessment:
        """Run steps 3 to 5; return the assessment with which they end, if one of them fails."""
        # 3 identity
        try:
            certificate = parse_certificate(presented.leaf, self._profile)
        except DecodeError as error:
            fail = Fail(error.reason, error.detail)
            return Assessment(fail, None, (Step(3, "identity", fail),), Window.ALWAYS)
        progress = _Progress(certificate)
        claims = presented.claims
        outcome = compare_claims(certificate, claims) if claims is not None else _PARSED
        if progress.ends_with(3, "identity", outcome, Window.ALWAYS):
            return progress.assessment()

        # 4 validity
        if progress.ends_with(4, "validity", *self._check_validity(certificate, now)):
            return progress.assessment()

        # 5 chain
        result = self._check_chain(certificate, presented.chain, now)
        if progress.ends_with(5, "chain", result.outcome, result.window):
            return progress.assessment()
        return _Verified(certificate, tuple(progress.steps), result, progress.window)

    def _with_revocation(self, verified: _Verified, now: datetime) -> Assessment:
        """Run step 6 on what passed those before it."""
        certificate, steps, chain, window = verified
        verdict = self._check_revocation(certificate, chain, now)
        outcome = verdict.outcome
        return Assessment(
            outcome if isinstance(outcome, Fail) else certificate,
            certificate,
            (*steps, Step(6, "revocation", outcome)),
            window.intersect(verdict.window),
            tuple(verdict.path) if chain.path else (),
        )

    def _check_validity(self, certificate: Certificate, now: datetime) -> tuple[Outcome, Window]:
        identity = certificate.identity
        first = shifted(identity.not_before, -self._clock_skew)
        last = shifted(identity.not_after, self._clock_skew)
        window = Window.split_at(now, first, shifted(last, TICK))
        validity = f"valid from {identity.not_before.isoformat()} to {identity.not_after.isoformat()}"
        if now < first:
            return Fail(Reason.NOT_YET_VALID, validity), window
        if now > last:
            return Fail(Reason.EXPIRED, validity), window
        return Pass(validity), window

    def _check_chain(self, certificate: Certificate, chain: tuple[bytes, ...], now: datetime) -> ChainResult:
        """Verify the chain, within the leaf's own validity.

        The clock skew may let a certificate in a little before or after its validity. The chain is then verified as
        it was at the nearest instant at which the leaf was valid; the answer holds while the leaf is on that side.
        """
        if certificate.unknown_critical:
            named = ", ".join(certificate.unknown_critical[:MAX_NAMED_EXTENSIONS])
            more = len(certificate.unknown_critical) - MAX_NAMED_EXTENSIONS
            detail = f"nobody here processes the critical extension {named}{f' and {more} more' if more > 0 else ''}"
            return ChainResult(Fail(Reason.CRITICAL_EXTENSION_UNKNOWN, detail), Window.ALWAYS)
        identity = certificate.identity
        nearest = min(max(now, identity.not_before), identity.not_after)
        result = self.chain.verify(certificate, chain, nearest)
        if nearest == now:
            return result
        window = Window.split_at(now, identity.not_before, shifted(identity.not_after, TICK))
        return replace(result, window=window)

    def _check_revocation(self, certificate: Certificate, chain: ChainResult, now: datetime) -> PathVerdict:
        """Check the path, and the others while a CA on it is revoked; without one, the certificate alone."""
        path = chain.path or (certificate,)
        if self.revocation is None:
            return PathVerdict(Pass("not configured, so not checked"), Window.ALWAYS, path)
        return self.revocation.choose((path, *chain.others), now)


def _cost(presented: Presented, certificate: Certificate | None) -> int:
    """Estimate what an assessment takes in memory, in bytes, and rather too much of what may be hostile."""
    cost = BYTES_PER_ENTRY
    for der in (presented.leaf, *presented.chain):
        usual = min(len(der), USUAL_DER_BYTES)
        cost += BYTES_PER_DER_BYTE * usual + BYTES_PER_FURTHER_DER_BYTE * (len(der) - usual)
    if certificate is not None:
        identity = certificate.identity
        listed = len(identity.sans) + len(identity.extended_key_usage) + len(identity.policy_oids)
        cost += BYTES_PER_LISTED * listed
    if presented.claims is not None:
        claims = presented.claims
        texts = [claims.subject or "", *claims.uris, *claims.dns_names]
        if claims.issuer is not None:
            texts.append(claims.issuer)
        cost += BYTES_PER_CLAIMED_TEXT * len(texts) + BYTES_PER_CLAIMED_CHARACTER * sum(map(len, texts))
    return cost


class _Progress:
    """What the steps before revocation said so far of a certificate that could be parsed."""

    __slots__ = ("certificate", "steps", "verdict", "window")

    def __init__(self, certificate: Certificate) -> None:
        self.certificate = certificate
        self.verdict: Certificate | Fail = certificate
        self.steps: list[Step] = []
        self.window = Window.ALWAYS

    def ends_with(self, number: int, name: str, outcome: Outcome, window: Window) -> bool:
        """Note a step; return whether it ended the assessment."""
        self.steps.append(Step(number, name, outcome))
        self.window = self.window.intersect(window)
        if isinstance(outcome, Fail):
            self.verdict = outcome
            return True
        return False

    def assessment(self) -> Assessment:
        return Assessment(self.verdict, self.certificate, tuple(self.steps), self.window)
