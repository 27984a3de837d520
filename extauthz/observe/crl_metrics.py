"""What the CRL sources look like, read from one reference at scrape time, so that what is gone vanishes here too."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from extauthz.observe.engine_metrics import gauge


@dataclass(frozen=True, slots=True, kw_only=True)
class CrlView:
    """One CRL in use."""

    label: str
    """From the configuration (a file's name, a URL), never from the CRL."""
    entries: int
    number: int | None
    this_update: datetime
    next_update: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrlSourceView:
    """One file or URL that gives CRLs."""

    label: str
    fetched: bool
    """It is a URL."""
    last_attempt: datetime | None
    last_success: datetime | None
    usable: bool
    """The last attempt gave nothing that cannot be used."""
    rejected: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CrlsView:
    """All of them."""

    crls: tuple[CrlView, ...] = ()
    sources: tuple[CrlSourceView, ...] = ()
    waiting: int = 0
    """Required sources that never gave a usable CRL."""


class CrlCollector(Collector):
    """The families of the CRL sources in use."""

    def __init__(self) -> None:
        self.view: CrlsView | None = None

    def collect(self) -> Iterable[Metric]:
        """Yield the families, as a scrape asks for them."""
        view = self.view
        if view is None:
            return
        yield from _crl_families(view.crls)
        yield from _source_families(view.sources)
        yield GaugeMetricFamily(
            "extauthz_crl_required_sources_waiting",
            "Required CRL sources that have not given a usable CRL since the start.",
            value=view.waiting,
        )


def _crl_families(crls: tuple[CrlView, ...]) -> Iterator[Metric]:
    yield gauge("extauthz_crl_entries", "Entries of a CRL.", "crl", ((crl.label, crl.entries) for crl in crls))
    yield gauge(
        "extauthz_crl_number",
        "The CRL's number, for those that have one.",
        "crl",
        ((crl.label, crl.number) for crl in crls if crl.number is not None),
    )
    yield gauge(
        "extauthz_crl_this_update_timestamp_seconds",
        "When a CRL was issued.",
        "crl",
        ((crl.label, crl.this_update.timestamp()) for crl in crls),
    )
    yield gauge(
        "extauthz_crl_next_update_timestamp_seconds",
        "When a CRL's successor is due, for those that say so.",
        "crl",
        ((crl.label, crl.next_update.timestamp()) for crl in crls if crl.next_update is not None),
    )


def _source_families(sources: tuple[CrlSourceView, ...]) -> Iterator[Metric]:
    yield gauge(
        "extauthz_crl_last_attempt_timestamp_seconds",
        "When a CRL source was last looked at.",
        "crl",
        ((one.label, one.last_attempt.timestamp()) for one in sources if one.last_attempt is not None),
    )
    yield gauge(
        "extauthz_crl_last_success_timestamp_seconds",
        "When everything that a CRL source gave was last read and verified.",
        "crl",
        ((one.label, one.last_success.timestamp()) for one in sources if one.last_success is not None),
    )
    yield gauge(
        "extauthz_crl_last_attempt_successful",
        "Whether the last look at a CRL source gave only what can be used.",
        "crl",
        ((one.label, int(one.usable)) for one in sources),
    )
    yield gauge(
        "extauthz_crl_rejected",
        "CRLs that a source gives and that cannot be used.",
        "crl",
        ((one.label, one.rejected) for one in sources),
    )
