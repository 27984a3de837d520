"""Exposed as the library would expose its own."""

import pytest
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics

from extauthz.observe.lock_free import Distribution, LockFreeCounter, LockFreeHistogram

BUCKETS = (0.1, 1.0, 2.5)
VALUES = [0.0, 0.1, 0.10001, 1.0, 2.4, 2.5, 99.0, -1.0]


def counters(registry: CollectorRegistry, kind: type[LockFreeCounter] | type[Counter]) -> None:
    counter = kind("seen_total", "What was seen.", ("who", "what"), registry=registry)
    counter.labels("a", "x").inc()
    counter.labels("a", "x").inc(2)
    counter.labels('quote"d', "new\nline")


def histograms(registry: CollectorRegistry, kind: type[LockFreeHistogram] | type[Histogram]) -> None:
    histogram = kind("took_seconds", "How long it took.", ("who",), buckets=BUCKETS, registry=registry)
    for value in VALUES:
        histogram.labels("a").observe(value)
    histogram.labels("b")


@pytest.mark.parametrize("expose", [generate_latest, generate_openmetrics])
def test_a_scrape_shows_what_the_library_would_show(expose: object) -> None:
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    counters(ours, LockFreeCounter)
    histograms(ours, LockFreeHistogram)
    counters(theirs, Counter)
    histograms(theirs, Histogram)
    assert callable(expose)
    assert samples(expose(ours)) == samples(expose(theirs))


def samples(exposition: bytes) -> list[str]:
    """Return the lines; when a series was created is of no interest, and the program turns it off."""
    return [line for line in exposition.decode().splitlines() if "_created" not in line]


def test_the_bounds_of_a_bucket_are_inclusive() -> None:
    series = Distribution(BUCKETS)
    for value in BUCKETS:
        series.observe(value)
    assert series.counts == [1, 1, 1, 0]
    assert series.sum == pytest.approx(3.6)


def test_the_same_labels_are_the_same_series() -> None:
    registry = CollectorRegistry()
    counter = LockFreeCounter("seen_total", "What was seen.", ("who",), registry=registry)
    assert counter.labels("a") is counter.labels("a") is not counter.labels("b")


def test_a_name_is_taken_once() -> None:
    registry = CollectorRegistry()
    counters(registry, LockFreeCounter)
    with pytest.raises(ValueError, match="Duplicated"):
        counters(registry, LockFreeCounter)
