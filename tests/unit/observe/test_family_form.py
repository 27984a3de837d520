"""Families survive the way to another process; what is none is refused."""

import math

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric

from extauthz.observe.family_form import families_from_bytes, families_to_bytes


def test_families_arrive_as_they_were() -> None:
    registry = CollectorRegistry()
    Counter("c", "Counts.", ("a", "b"), registry=registry).labels("ü\n", "").inc(2)
    Gauge("g_seconds", "Shows.", registry=registry).set(-0.5)
    Histogram("h", "Sums.", buckets=(1, math.inf), registry=registry).observe(0.25)
    families = tuple(registry.collect())
    assert families_from_bytes(families_to_bytes(families)) == families


def test_odd_numbers_arrive_too() -> None:
    family = Metric("g", "", "gauge")
    for value in (math.inf, -math.inf, 1e300):
        family.add_sample("g", {}, value)
    (again,) = families_from_bytes(families_to_bytes([family]))
    assert [sample.value for sample in again.samples] == [math.inf, -math.inf, 1e300]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"5",
        b"[5]",
        b'[["a"]]',
        b'[["a","d","no type","",[]]]',
        b'[["a","d","gauge","",[["a"]]]]',
        b'[["a","d","gauge","",[[1,{},1]]]]',
        b'[["a","d","gauge","",[["a",[],1]]]]',
        b'[["a","d","gauge","",[["a",{},"1"]]]]',
        b'[["a","d","gauge","",[["a",{},1%s]]]]' % (b"0" * 400),
        b"[" * 100_000,
    ],
)
def test_anything_else_is_a_value_error(data: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        families_from_bytes(data)
