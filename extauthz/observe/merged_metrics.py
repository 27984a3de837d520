"""One set of metric families from those of several processes.

Counters and histograms are sums. What a gauge of the whole is depends on what it says, so each has its way here; a
family whose numbers are those of the supervisor alone is taken from it and not looked at elsewhere.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from prometheus_client import Metric
from prometheus_client.samples import Sample

Merge = Callable[[float, float], float]


def _sum(one: float, other: float) -> float:
    return one + other


ADDED = frozenset({"counter", "histogram", "summary"})
"""The types whose samples are sums."""
OWN_PREFIX = "extauthz_crl_"
"""CRLs are the supervisor's business: gauges of this name are its own."""
OWN = frozenset(
    {
        "extauthz_config_last_reload_successful",
        "extauthz_config_last_reload_success_timestamp_seconds",
        "extauthz_trust_anchor_not_after_timestamp_seconds",
        "extauthz_server_certificate_not_before_timestamp_seconds",
        "extauthz_server_certificate_not_after_timestamp_seconds",
        "extauthz_workers",
        "process_start_time_seconds",
        "process_max_fds",
    }
)
"""Gauges of the supervisor alone. It loads for all; each process may open as many files as it may."""
WAYS: Mapping[str, Merge] = MappingProxyType(
    {
        "extauthz_checks_in_flight": _sum,
        "extauthz_config_info": max,  # one sample for each digest: all that are in use
        "extauthz_build_info": max,
        "python_info": max,
        "process_virtual_memory_bytes": _sum,
        "process_resident_memory_bytes": _sum,
        "process_open_fds": _sum,
    }
)
"""How the other gauges are put together; one that is not listed is added up."""

_Key = tuple[str, tuple[tuple[str, str], ...]]


def merged(own: Iterable[Metric], others: Sequence[Iterable[Metric]]) -> Iterator[Metric]:
    """Yield the families of the whole, in the order in which they first appear. ``own``: the supervisor's."""
    families: dict[str, Metric] = {}
    values: dict[str, dict[_Key, float]] = {}
    for is_own, part in ((True, own), *((False, other) for other in others)):
        for family in part:
            if family.name not in families:
                families[family.name] = Metric(family.name, family.documentation, family.type, family.unit)
                values[family.name] = {}
            if is_own or not _is_own(family):
                _take_in(values[family.name], family)
    for name, family in families.items():
        family.samples = [Sample(sample, dict(labels), value) for (sample, labels), value in values[name].items()]
        yield family


def counted(families: Iterable[Metric]) -> Iterator[Metric]:
    """Yield the families that must not go backwards when a process has ended."""
    return (one for one in families if one.type in ADDED)


def _is_own(family: Metric) -> bool:
    return family.type not in ADDED and (family.name in OWN or family.name.startswith(OWN_PREFIX))


def _take_in(values: dict[_Key, float], family: Metric) -> None:
    merge = _sum if family.type in ADDED else WAYS.get(family.name, _sum)
    for sample in family.samples:
        key = (sample.name, tuple(sample.labels.items()))
        values[key] = merge(values[key], sample.value) if key in values else sample.value
