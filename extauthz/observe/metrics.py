"""Every metric of the service, in a registry of its own.

Label values come from enums and from names in the configuration, never from a request or a certificate. The series of
closed enums exist from the start at 0, so that a rate over the first event is right. What the hot path touches is
bound to its labels beforehand.
"""

import platform
from collections.abc import Callable, Iterable
from datetime import datetime
from enum import StrEnum

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)

from extauthz.model.decision import Decision
from extauthz.model.reason import ALLOW_REASONS, Reason
from extauthz.observe.buckets import LATENCY_SECONDS, REMAINING_SECONDS
from extauthz.observe.crl_metrics import CrlCollector, CrlsView
from extauthz.observe.decision_log import Lost
from extauthz.observe.engine_metrics import EngineCollector, EngineView
from extauthz.observe.rpc_metrics import RpcMetrics

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


class ReloadResult(StrEnum):
    """How a reload ended."""

    SUCCESS = "success"
    FAILURE = "failure"


_Series = tuple[Callable[[], None], Callable[[float], None]]
"""Count one check; observe how long it took."""


class Metrics:
    """What happened, as numbers. Safe to call from any thread."""

    def __init__(
        self, *, version: str, apis: Iterable[Api] = (Api.GRPC,), crl_fetch_results: Iterable[str] = ()
    ) -> None:
        """Create everything whose labels are known; the rest follows with ``show_engine`` and ``show_crls``.

        ``crl_fetch_results``: how the fetch of a CRL may end.
        """
        # The library has one switch for all registries: start times as separate series double the size of a scrape.
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library left it without types
        self.registry = CollectorRegistry()
        self._apis = tuple(apis)
        self._series: dict[tuple[bool, Reason, str, str], _Series] = {}
        self._policies: set[str] = set()
        self._checks = Counter(
            "extauthz_checks_total",
            "Authorization checks answered.",
            ("decision", "reason", "policy", "api"),
            registry=self.registry,
        )
        self._durations = Histogram(
            "extauthz_check_duration_seconds",
            "Time from the bytes of a question to the bytes of its answer.",
            ("api", "decision"),
            buckets=LATENCY_SECONDS,
            registry=self.registry,
        )
        in_flight = Gauge("extauthz_checks_in_flight", "Checks being answered.", registry=self.registry)
        self.check_started = in_flight.inc
        self.check_finished = in_flight.dec
        self._source_counter = Counter(
            "extauthz_certificate_source_total",
            "Checks by the source that their certificate came from; none: there was no certificate.",
            ("source",),
            registry=self.registry,
        )
        self._sources = {NO_SOURCE: self._source_counter.labels(NO_SOURCE).inc}
        self._remaining = Histogram(
            "extauthz_client_certificate_remaining_seconds",
            "Time to notAfter of the client certificates that were allowed.",
            buckets=REMAINING_SECONDS,
            registry=self.registry,
        ).observe
        self._create_config_metrics()
        self._create_crl_metrics(crl_fetch_results)
        lost = Counter(
            "extauthz_decision_log_dropped_total",
            "Decision log lines that were not written.",
            ("cause",),
            registry=self.registry,
        )
        self._lost = {cause: lost.labels(cause.value) for cause in Lost}
        Gauge("extauthz_build_info", "The program that runs.", ("version", "python"), registry=self.registry).labels(
            version, platform.python_version()
        ).set(1)
        self.rpc = RpcMetrics(self.registry)
        self._engine = EngineCollector()
        self.registry.register(self._engine)
        self._crls = CrlCollector()
        self.registry.register(self._crls)
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        for reason in REASONS_WITHOUT_POLICY:
            self._create_series(reason, NO_POLICY)

    def _create_config_metrics(self) -> None:
        self._last_reload_successful = Gauge(
            "extauthz_config_last_reload_successful",
            "Whether the last attempt to load the configuration succeeded.",
            registry=self.registry,
        )
        self._last_reload_success = Gauge(
            "extauthz_config_last_reload_success_timestamp_seconds",
            "When the configuration in use was loaded.",
            registry=self.registry,
        )
        reloads = Counter(
            "extauthz_config_reloads_total",
            "Attempts to reload the configuration, the load at the start left out.",
            ("result",),
            registry=self.registry,
        )
        self._reloads = {result: reloads.labels(result.value) for result in ReloadResult}

    def _create_crl_metrics(self, fetch_results: Iterable[str]) -> None:
        self._fetch_results = tuple(fetch_results)
        self._crl_fetches = Counter(
            "extauthz_crl_fetch_total", "Fetches of a CRL from its URL.", ("crl", "result"), registry=self.registry
        )
        self._crl_rollbacks = Counter(
            "extauthz_crl_rollbacks_total",
            "CRLs refused because a newer one was in force before.",
            ("crl",),
            registry=self.registry,
        )

    def decided(self, decision: Decision, api: Api, seconds: float, *, now: datetime) -> None:
        """Count one answered check. ``now`` is the moment that the decision was made for."""
        key = (decision.allowed, decision.reason, decision.policy, api)
        count, observe = self._series.get(key) or self._late_series(*key)
        count()
        observe(seconds)
        if decision.sources:
            for source in decision.sources:
                self._count_source(source)
        elif decision.reason in _REASONS_WITHOUT_CERTIFICATE:
            self._count_source(NO_SOURCE)
        if decision.allowed and decision.identity is not None:
            self._remaining((decision.identity.not_after - now).total_seconds())

    def show_engine(self, view: EngineView, loaded_at: datetime) -> None:
        """Show a newly loaded engine: its names become label values, what it no longer has vanishes.

        The counters of a policy that is gone stay, as counters must not go backwards.
        """
        for source in view.sources:
            self._sources.setdefault(source, self._source_counter.labels(source).inc)
        for policy in view.policies:
            if policy not in self._policies:
                self._policies.add(policy)
                for reason in Reason:
                    if reason not in REASONS_WITHOUT_POLICY:
                        self._create_series(reason, policy)
        self._engine.show(view)
        self._last_reload_successful.set(1)
        self._last_reload_success.set(loaded_at.timestamp())

    def reload_ended(self, result: ReloadResult) -> None:
        """Count a reload; a failed one leaves the old engine in use."""
        self._reloads[result].inc()
        if result is ReloadResult.FAILURE:
            self._last_reload_successful.set(0)

    def show_crls(self, view: CrlsView) -> None:
        """Show the CRL sources as they are now; what is no longer there vanishes. Counters stay."""
        for source in view.sources:
            self._crl_rollbacks.labels(source.label)
            for result in self._fetch_results if source.fetched else ():
                self._crl_fetches.labels(source.label, result)
        self._crls.view = view

    def crl_fetched(self, label: str, result: str) -> None:
        """Count one fetch."""
        self._crl_fetches.labels(label, result).inc()

    def crl_rolled_back(self, label: str) -> None:
        """Count a CRL that is older than one that was in force."""
        self._crl_rollbacks.labels(label).inc()

    def decision_log_lost(self, cause: Lost, lines: int) -> None:
        """Count decision log lines that were not written."""
        self._lost[cause].inc(lines)

    def _count_source(self, source: str) -> None:
        count = self._sources.get(source)
        if count is not None:
            count()

    def _create_series(self, reason: Reason, policy: str) -> None:
        for api in self._apis:
            allowed = reason in ALLOW_REASONS
            self._series[allowed, reason, policy, api] = self._bind(allowed, reason, policy, api)

    def _bind(self, allowed: bool, reason: Reason, policy: str, api: str) -> _Series:  # noqa: FBT001  (half of the key)
        verdict = "allow" if allowed else "deny"
        return (
            self._checks.labels(verdict, reason.value, policy, api).inc,
            self._durations.labels(api, verdict).observe,
        )

    def _late_series(self, allowed: bool, reason: Reason, policy: str, api: str) -> _Series:  # noqa: FBT001  (the same)
        """Bind a combination that nobody foresaw. A policy's name counts only if the configuration has it."""
        known = policy if policy in self._policies else NO_POLICY
        series = self._bind(allowed, reason, known, api)
        if known == policy:
            self._series[allowed, reason, policy, api] = series
        return series
