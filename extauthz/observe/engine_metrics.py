"""What the engine in use looks like: configuration digest, trust anchors, CRLs and the certificate cache.

Read from one reference at scrape time, so that what a reload takes away vanishes from the metrics too.
"""

from collections.abc import Iterable, Iterator
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


@dataclass(frozen=True, slots=True, kw_only=True)
class CrlView:
    """One CRL in use."""

    label: str
    """From the configuration (a file's name), never from the CRL."""
    entries: int
    number: int | None
    this_update: datetime
    next_update: datetime | None
    last_success: datetime
    """When it was last read and verified."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineView:
    """What the metrics show of one engine."""

    digest: str
    policies: tuple[str, ...]
    sources: tuple[str, ...]
    anchors: tuple[AnchorView, ...]
    crls: tuple[CrlView, ...]
    cache: CacheCounters


class EngineCollector(Collector):
    """The families of the engine in use; none before there is one."""

    def __init__(self) -> None:
        self._view: EngineView | None = None
        self._past_hits = 0
        self._past_misses = 0

    def show(self, view: EngineView) -> None:
        """Show another engine from now on. The cache counters go on from where the last engine's stood."""
        if self._view is not None:
            self._past_hits += self._view.cache.hits
            self._past_misses += self._view.cache.misses
        self._view = view

    def collect(self) -> Iterable[Metric]:
        """Yield the families, as a scrape asks for them."""
        view = self._view
        if view is None:
            return
        yield _gauge("extauthz_config_info", "The configuration in use, by its digest.", "hash", [(view.digest, 1)])
        yield CounterMetricFamily(
            "extauthz_cache_hits",
            "Certificates whose parse, chain and revocation result was at hand.",
            value=self._past_hits + view.cache.hits,
        )
        yield CounterMetricFamily(
            "extauthz_cache_misses",
            "Certificates that had to be parsed and verified.",
            value=self._past_misses + view.cache.misses,
        )
        yield _gauge(
            "extauthz_trust_anchor_not_after_timestamp_seconds",
            "When a trust anchor expires.",
            "fingerprint8",
            ((anchor.fingerprint8, anchor.not_after.timestamp()) for anchor in view.anchors),
        )
        yield from _crl_families(view.crls)


def _crl_families(crls: tuple[CrlView, ...]) -> Iterator[Metric]:
    yield _gauge("extauthz_crl_entries", "Entries of a CRL.", "crl", ((crl.label, crl.entries) for crl in crls))
    yield _gauge(
        "extauthz_crl_number",
        "The CRL's number, for those that have one.",
        "crl",
        ((crl.label, crl.number) for crl in crls if crl.number is not None),
    )
    yield _gauge(
        "extauthz_crl_this_update_timestamp_seconds",
        "When a CRL was issued.",
        "crl",
        ((crl.label, crl.this_update.timestamp()) for crl in crls),
    )
    yield _gauge(
        "extauthz_crl_next_update_timestamp_seconds",
        "When a CRL's successor is due, for those that say so.",
        "crl",
        ((crl.label, crl.next_update.timestamp()) for crl in crls if crl.next_update is not None),
    )
    yield _gauge(
        "extauthz_crl_last_success_timestamp_seconds",
        "When a CRL was last read and verified.",
        "crl",
        ((crl.label, crl.last_success.timestamp()) for crl in crls),
    )


def _gauge(name: str, documentation: str, label: str, values: Iterable[tuple[str, float]]) -> Metric:
    family = GaugeMetricFamily(name, documentation, labels=(label,))
    for value, number in values:
        family.add_metric((value,), number)
    return family
