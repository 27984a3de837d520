"""Every metric of the service, in a registry of its own.

Label values come from enums and from names in the configuration, never from a request or a certificate. The series of
closed enums exist from the start at 0, so that a rate over the first event is right. What every check counts is in
``check_metrics`` and ``rpc_metrics``.
"""

import platform
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)

from extauthz.observe.check_metrics import Api, CheckMetrics
from extauthz.observe.crl_metrics import CrlCollector, CrlsView
from extauthz.observe.decision_log import Lost
from extauthz.observe.engine_metrics import EngineCollector, EngineView
from extauthz.observe.rpc_metrics import RpcMetrics


class ReloadResult(StrEnum):
    """How a reload ended."""

    SUCCESS = "success"
    FAILURE = "failure"


class Metrics:
    """What happened, as numbers."""

    def __init__(self, *, version: str, apis: Iterable[Api] = Api, crl_fetch_results: Iterable[str] = ()) -> None:
        """Create everything whose labels are known; the rest follows with ``show_engine`` and ``show_crls``.

        ``crl_fetch_results``: how the fetch of a CRL may end.
        """
        # The library has one switch for all registries: start times as separate series double the size of a scrape.
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library left it without types
        self.registry = CollectorRegistry()
        self.checks = CheckMetrics(self.registry, apis)
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

    def show_engine(self, view: EngineView, loaded_at: datetime) -> None:
        """Show a newly loaded engine: its names become label values, what it no longer has vanishes.

        The counters of a policy that is gone stay, as counters must not go backwards.
        """
        self.checks.show(view.sources, view.policies)
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
