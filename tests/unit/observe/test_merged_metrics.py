"""The numbers of several processes become those of the whole, each in its own way."""

from collections.abc import Iterable, Mapping

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric

from extauthz.observe.merged_metrics import OWN, OWN_PREFIX, WAYS, counted, merged
from extauthz.observe.metrics import Metrics

NO_GAUGES: Mapping[str, float] = {}
Values = Mapping[tuple[str, tuple[tuple[str, str], ...]], float]


def process(checks: int, seconds: Iterable[float] = (), gauges: Mapping[str, float] = NO_GAUGES) -> tuple[Metric, ...]:
    """Return the families of one process."""
    registry = CollectorRegistry()
    Counter("checks", "", ("policy",), registry=registry).labels("p").inc(checks)
    histogram = Histogram("lasted", "", buckets=(1.0,), registry=registry)
    for one in seconds:
        histogram.observe(one)
    for name, value in gauges.items():
        Gauge(name, "", registry=registry).set(value)
    return tuple(one for one in registry.collect())


def showing(name: str, value: float) -> tuple[Metric, ...]:
    """Return the families of a process with a gauge."""
    return process(0, gauges={name: value})


def values(families: Iterable[Metric]) -> Values:
    return {
        (sample.name, tuple(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
        if not sample.name.endswith("_created")
    }


def test_counters_and_histograms_are_added_up() -> None:
    found = values(merged(process(1), [process(2, [0.5]), process(4, [0.5, 3.0])]))
    assert found["checks_total", (("policy", "p"),)] == 7.0
    assert found["lasted_bucket", (("le", "1.0"),)] == 2.0
    assert found["lasted_bucket", (("le", "+Inf"),)] == 3.0
    assert found["lasted_count", ()] == 3.0
    assert found["lasted_sum", ()] == 4.0


@pytest.mark.parametrize(
    ("name", "whole"),
    [
        ("extauthz_checks_in_flight", 9.0),
        ("extauthz_transport_connections", 9.0),
        ("process_resident_memory_bytes", 9.0),
        ("extauthz_build_info", 5.0),
        ("extauthz_config_last_reload_successful", 1.0),
        ("extauthz_crl_entries", 1.0),
        ("process_start_time_seconds", 1.0),
    ],
)
def test_a_gauge_is_put_together_in_its_own_way(name: str, whole: float) -> None:
    found = values(merged(showing(name, 1.0), [showing(name, 3.0), showing(name, 5.0)]))
    assert found[name, ()] == whole


def test_digests_stand_side_by_side() -> None:
    def info(digest: str) -> Iterable[Metric]:
        registry = CollectorRegistry()
        Gauge("extauthz_config_info", "", ("hash",), registry=registry).labels(digest).set(1)
        return registry.collect()

    found = values(merged(info("a"), [info("a"), info("b")]))
    assert found == {("extauthz_config_info", (("hash", one),)): 1.0 for one in "ab"}


def test_what_only_one_process_has_is_there() -> None:
    found = values(merged((), [(), process(3)]))
    assert found["checks_total", (("policy", "p"),)] == 3.0
    assert values(merged(process(3), [])) == values(process(3))


def test_a_gauge_of_the_supervisors_that_only_others_have_is_not_shown() -> None:
    assert ("extauthz_crl_entries", ()) not in values(merged((), [showing("extauthz_crl_entries", 3.0)]))


def test_nothing_of_the_parts_is_changed() -> None:
    one, other = process(1), process(2)
    tuple(merged(one, [other]))
    assert (values(one), values(other)) == (values(process(1)), values(process(2)))


def test_what_is_counted_leaves_gauges_out() -> None:
    assert {one.name for one in counted(process(1, gauges={"some_gauge": 2.0}))} == {"checks", "lasted"}


def test_each_gauge_of_the_service_has_a_way() -> None:
    """A new gauge whose sum says nothing would be added up in silence."""
    gauges = {one.name for one in Metrics(version="1").registry.collect() if one.type == "gauge"}
    unknown = {one for one in gauges if one not in WAYS and one not in OWN and not one.startswith(OWN_PREFIX)}
    assert unknown == set()
