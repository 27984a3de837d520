"""What the engine in use looks like: configuration digest, trust anchors, TLS certificates and the certificate cache.

Read from one reference at scrape time, so that what a reload takes away vanishes from the metrics too.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector


class CacheCounters(Protocol):
    """How often the certificate cache of one engine had the answer. Both only grow."""

    @property
    def hits(self) -> int:
        """Answers taken from the cache."""
        ...

    @property
    def misses(self) -> int:
        """Answers worked out."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorView:
    """One trust anchor."""

    fingerprint8: str
    """The first 8 hex digits of its SHA-256."""
    not_after: datetime
    subject_dn: str = ""
    """RFC 4514. Of the status page alone: as a label it would be long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerCertificateView:
    """The certificate that a listener shows to proxies."""

    api: str
    """Of the listener, as in the label of the checks."""
    not_before: datetime
    not_after: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineView:
    """What the metrics show of one engine."""

    digest: str
    policies: tuple[str, ...]
    sources: tuple[str, ...]
    anchors: tuple[AnchorView, ...]
    cache: CacheCounters
    server_certificates: tuple[ServerCertificateView, ...] = ()
    """Of the listeners that speak TLS."""


class EngineCollector(Collector):
    """The families of the engine in use; none before there is one."""

    def __init__(self) -> None:
        self._view: EngineView | None = None
        self._hits = 0
        self._misses = 0
        """Those of all engines before, less what this one had when it came, as it may share what they remembered."""

    def show(self, view: EngineView) -> None:
        """Show another engine from now on. The cache counters go on from where the last engine's stood."""
        if self._view is not None:
            self._hits += self._view.cache.hits - view.cache.hits
            self._misses += self._view.cache.misses - view.cache.misses
        self._view = view

    def collect(self) -> Iterable[Metric]:
        """Yield the families, as a scrape asks for them."""
        view = self._view
        if view is None:
            return
        yield gauge("extauthz_config_info", "The configuration in use, by its digest.", "hash", [(view.digest, 1)])
        yield CounterMetricFamily(
            "extauthz_cache_hits",
            "Certificates that had been parsed and verified before.",
            value=self._hits + view.cache.hits,
        )
        yield CounterMetricFamily(
            "extauthz_cache_misses",
            "Certificates that had to be parsed and verified.",
            value=self._misses + view.cache.misses,
        )
        yield gauge(
            "extauthz_trust_anchor_not_after_timestamp_seconds",
            "When a trust anchor expires.",
            "fingerprint8",
            ((anchor.fingerprint8, anchor.not_after.timestamp()) for anchor in view.anchors),
        )
        yield gauge(
            "extauthz_server_certificate_not_before_timestamp_seconds",
            "Since when the certificate of a listener is valid.",
            "api",
            ((one.api, one.not_before.timestamp()) for one in view.server_certificates),
        )
        yield gauge(
            "extauthz_server_certificate_not_after_timestamp_seconds",
            "When the certificate of a listener expires.",
            "api",
            ((one.api, one.not_after.timestamp()) for one in view.server_certificates),
        )


def gauge(name: str, documentation: str, label: str, values: Iterable[tuple[str, float]]) -> Metric:
    """Return a family of gauges with one label."""
    family = GaugeMetricFamily(name, documentation, labels=(label,))
    for value, number in values:
        family.add_metric((value,), number)
    return family
