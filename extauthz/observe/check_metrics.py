"""What every check counts: outcome, duration, source and the certificate's remaining time.

This is the hot path, so what a decision counts in is looked up once for each decision and kept in it; the engine gives
the same decision for as long as it holds. Counted by the thread of the event loop alone (``lock_free``).
"""

from bisect import bisect_left
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from prometheus_client import CollectorRegistry, Gauge

from extauthz.model.decision import Decision
from extauthz.model.reason import ALLOW_REASONS, Reason
from extauthz.observe.buckets import LATENCY_SECONDS, REMAINING_SECONDS
from extauthz.observe.lock_free import Count, Distribution, LockFreeCounter, LockFreeHistogram

NO_POLICY = ""
NO_SOURCE = "none"
REASONS_WITHOUT_POLICY = frozenset(
    {
        Reason.REQUEST_MALFORMED,
        Reason.REQUEST_TOO_LARGE,
        Reason.CALLER_NOT_ALLOWED,
        Reason.INTERNAL_ERROR,
        Reason.NO_POLICY,
        Reason.PATH_AMBIGUOUS,
        Reason.HOST_AMBIGUOUS,
    }
)
"""The reasons given before a policy is chosen; every other one comes with a policy."""
_REASONS_WITHOUT_CERTIFICATE = frozenset(
    {Reason.NO_CERTIFICATE, Reason.CERTIFICATE_NOT_FORWARDED, Reason.ALLOWED_WITHOUT_CERTIFICATE}
)


class Api(StrEnum):
    """How a question arrived."""

    GRPC = "grpc"
    HTTP = "http"


class _Account(NamedTuple):
    """What one decision counts in, each time that it is given."""

    checks: Count
    durations: Distribution
    sources: tuple[Count, ...]
    remaining: tuple[int, float] | None
    """Bucket and seconds that the certificate of an allow has left, when the decision was first given. The engine gives
    the same decision for a second at most, so it is right to the second."""


class CheckMetrics:
    """The families; ``of(api)`` counts in them."""

    def __init__(self, registry: CollectorRegistry, apis: Iterable[Api]) -> None:
        self._checks = LockFreeCounter(
            "extauthz_checks_total",
            "Authorization checks answered.",
            ("decision", "reason", "policy", "api"),
            registry=registry,
        )
        self._durations = LockFreeHistogram(
            "extauthz_check_duration_seconds",
            "Time from the bytes of a question to the bytes of its answer.",
            ("api", "decision"),
            buckets=LATENCY_SECONDS,
            registry=registry,
        )
        self._sources = LockFreeCounter(
            "extauthz_certificate_source_total",
            "Checks by the source that their certificate came from; none: there was no certificate.",
            ("source",),
            registry=registry,
        )
        self.remaining = LockFreeHistogram(
            "extauthz_client_certificate_remaining_seconds",
            "Time to notAfter of the client certificates that were allowed.",
            (),
            buckets=REMAINING_SECONDS,
            registry=registry,
        ).labels()
        self._known_sources = {NO_SOURCE: self._sources.labels(NO_SOURCE)}
        self._policies: set[str] = set()
        self._apis = {api: ApiChecks(self, api) for api in apis}
        in_flight = Gauge("extauthz_checks_in_flight", "Checks being answered.", registry=registry)
        in_flight.set_function(lambda: sum(one.in_flight for one in self._apis.values()))
        self._create_series(REASONS_WITHOUT_POLICY, NO_POLICY)

    def of(self, api: Api) -> "ApiChecks":
        """Return what the checks of one of the APIs count in."""
        return self._apis[api]

    def show(self, sources: Iterable[str], policies: Iterable[str]) -> None:
        """Make label values of the names in a configuration, with all their series at 0."""
        for source in sources:
            self._known_sources.setdefault(source, self._sources.labels(source))
        for policy in policies:
            if policy not in self._policies:
                self._policies.add(policy)
                self._create_series(set(Reason) - REASONS_WITHOUT_POLICY, policy)

    def account(self, decision: Decision, api: Api, now: datetime) -> _Account:
        """Find what a decision counts in. A policy's or source's name counts only if a configuration has it."""
        policy = decision.policy if decision.policy in self._policies else NO_POLICY
        checks, durations = self._series(decision.reason, policy, api, allowed=decision.allowed)
        named = decision.sources
        if not named and decision.reason in _REASONS_WITHOUT_CERTIFICATE:
            named = (NO_SOURCE,)
        sources = tuple(count for name in named if (count := self._known_sources.get(name)) is not None)
        identity = decision.identity if decision.allowed else None
        if identity is None:
            return _Account(checks, durations, sources, None)
        seconds = (identity.not_after - now).total_seconds()
        return _Account(checks, durations, sources, (bisect_left(REMAINING_SECONDS, seconds), seconds))

    def _create_series(self, reasons: Iterable[Reason], policy: str) -> None:
        for reason in sorted(reasons):
            for api in self._apis:
                self._series(reason, policy, api, allowed=reason in ALLOW_REASONS)

    def _series(self, reason: Reason, policy: str, api: Api, *, allowed: bool) -> tuple[Count, Distribution]:
        verdict = "allow" if allowed else "deny"
        return (
            self._checks.labels(verdict, reason.value, policy, api.value),
            self._durations.labels(api.value, verdict),
        )


class ApiChecks:
    """Counts the checks of one API."""

    __slots__ = ("_families", "_remaining", "api", "in_flight")

    def __init__(self, families: CheckMetrics, api: Api) -> None:
        self._families = families
        self._remaining = families.remaining
        self.api = api
        self.in_flight = 0
        """Checks being answered."""

    def decided(self, decision: Decision, seconds: float, now: datetime) -> None:
        """Count one answered check. ``now`` is the moment that the decision was made for."""
        account: _Account | None = decision.prepared.get(self)
        if account is None:
            account = decision.prepared[self] = self._families.account(decision, self.api, now)
        checks, durations, sources, remaining = account
        checks.value += 1
        durations.counts[bisect_left(LATENCY_SECONDS, seconds)] += 1
        durations.sum += seconds
        for source in sources:
            source.value += 1
        if remaining is not None:
            bucket, left = remaining
            self._remaining.counts[bucket] += 1
            self._remaining.sum += left
