"""What the status page takes from the metrics, so that nothing is counted twice.

With several workers the families come from other processes. So nothing is guessed: a sample that does not have exactly
the name, the labels and the kind of value that ours have is left out, and the page says how many were.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from prometheus_client import Metric

from extauthz.model.reason import ALLOW_REASONS, Reason
from extauthz.observe.check_metrics import NO_SOURCE, Api


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The figures, summed over listeners and reasons."""

    allowed: Counter[str]
    """By policy."""
    denied: Counter[str]
    """By policy; under the empty name those before one was chosen."""
    sources: Counter[str]
    """Checks by the source of their certificate."""
    workers: tuple[tuple[str, int], ...]
    digests: tuple[str, ...]
    unread: int
    """Samples of these families that are none of ours, and so in no figure here."""

    @property
    def without_certificate(self) -> int:
        """Checks without a certificate."""
        return self.sources[NO_SOURCE]

    @property
    def policies(self) -> frozenset[str]:
        """Every policy that decided anything."""
        return frozenset((+self.allowed).keys() | (+self.denied).keys())


def counts_of(families: Iterable[Metric]) -> Counts:
    """Take the figures out of a scrape. Raises nothing: what cannot be read is counted in ``unread``."""
    figures = _Figures()
    readers = {
        "extauthz_checks": _Reader("extauthz_checks_total", {"decision", "reason", "policy", "api"}, figures.checks),
        "extauthz_certificate_source": _Reader("extauthz_certificate_source_total", {"source"}, figures.source),
        "extauthz_workers": _Reader("extauthz_workers", {"state"}, figures.worker),
        "extauthz_config_info": _Reader("extauthz_config_info", {"hash"}, figures.digest),
    }
    unread = 0
    for family in families:
        reader = readers.get(family.name)
        if reader is None:
            continue
        for sample in family.samples:
            value = _count(sample.value)
            taken = (
                value is not None
                and sample.name == reader.sample
                and sample.labels.keys() == reader.labels
                and reader.take(sample.labels, value)
            )
            unread += not taken
    return Counts(
        allowed=figures.allowed,
        denied=figures.denied,
        sources=figures.sources,
        workers=tuple(figures.workers.items()),
        digests=tuple(sorted(figures.digests)),
        unread=unread,
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    """How a family's samples are read: their one name, their labels, and what takes them or says that it cannot."""

    sample: str
    labels: set[str]
    take: Callable[[Mapping[str, str], int], bool]


class _Figures:
    def __init__(self) -> None:
        self.allowed: Counter[str] = Counter()
        self.denied: Counter[str] = Counter()
        self.sources: Counter[str] = Counter()
        self.workers: dict[str, int] = {}
        self.digests: set[str] = set()

    def checks(self, labels: Mapping[str, str], value: int) -> bool:
        if labels["reason"] not in _REASONS or labels["api"] not in _APIS:
            return False
        allowed = Reason(labels["reason"]) in ALLOW_REASONS
        if labels["decision"] != ("allow" if allowed else "deny"):
            return False
        (self.allowed if allowed else self.denied)[labels["policy"]] += value
        return True

    def source(self, labels: Mapping[str, str], value: int) -> bool:
        self.sources[labels["source"]] += value
        return True

    def worker(self, labels: Mapping[str, str], value: int) -> bool:
        self.workers[labels["state"]] = value
        return True

    def digest(self, labels: Mapping[str, str], value: int) -> bool:
        if value != 1:
            return False
        self.digests.add(labels["hash"])
        return True


_REASONS = frozenset(one.value for one in Reason)
_APIS = frozenset(one.value for one in Api)


def _count(value: float) -> int | None:
    """Return a number of things; None for what is none, such as a fraction, less than nothing, NaN and infinity."""
    return int(value) if value >= 0 and float(value).is_integer() else None
