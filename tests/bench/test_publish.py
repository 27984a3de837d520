"""Figures get onto the page only whole, and only between their markers."""

from collections.abc import Mapping
from typing import Any

import pytest
from publish import PAGE, PublishError, bench_text, publish, with_section
from report import Report, comparisons, median, not_run, table

MACHINE = {"cpu": "Some CPU", "cores": "2", "python": "3.11.7", "system": "Linux", "extauthz": "0.1.0"}
SETTINGS = {"date": "2026-11-30", "cores": "one each", "rounds": 3, "seconds": 1.5, "quick": False, "only": ""}


def one(rate: float, p99: float = 900.0, **more: float | None) -> Mapping[str, float | None]:
    return {
        "checks_per_second": rate,
        "cpu": 15.25,
        "envoy_cpu": None,
        "p50": 300.0,
        "p99": p99,
        "p999": 2_000.0,
        "resident": 61.4,
        **more,
    }


def figures(**settings: object) -> dict[str, Any]:
    report = Report(MACHINE, {**SETTINGS, **settings})
    known = "known certificate"
    report.cells[known, "native"] = [one(60_000.0), one(70_000.0, 1_000.0), one(50_000.0)]
    report.cells[known, "grpcio"] = [one(6_000.0)]
    report.cells[known, "bare native stub"] = [one(100_000.0, cpu=None)]
    report.cells[known, "native behind Envoy"] = [one(18_000.0, envoy_cpu=50.0)]
    report.cells["a reload every second", "native"] = [one(55_000.0, 1_800.0)]
    return report.plain()


def test_a_median_is_that_of_each_figure_and_needs_every_round() -> None:
    assert median([{"a": 3, "b": 1}, {"a": 1, "b": None}, {"a": 2, "b": 1}]) == {"a": 2, "b": None}


def test_the_table_shows_medians_and_what_was_not_measured() -> None:
    lines = table(figures()).splitlines()
    assert lines[0] == (
        "| what is asked | side | checks/s | CPU µs a check | p50 µs | p99 µs | p99.9 µs | resident MiB |"
    )
    assert lines[2] == "| known certificate | native | 60,000 | 15.2 | 300 | 900 | 2,000 | 61 |"
    assert lines[4] == "| known certificate | bare native stub | 100,000 | - | 300 | 900 | 2,000 | 61 |"
    assert lines[5].startswith("| known certificate | native behind Envoy | 18,000 | 15.2 + 50.0 Envoy |")


def test_sides_are_compared_where_both_were_measured() -> None:
    assert comparisons(figures()) == [
        "native: 10.0 times the checks of grpcio",
        "native: 60% of the bare native stub",
        "native: p99 with a reload every second is 2.0 times that without (known certificate)",
    ]


def test_what_was_not_run_is_said() -> None:
    assert not_run(figures()) == (
        "Not run: grpcio: all but known certificate; bare native stub: all but known certificate; "
        "native behind Envoy: all but known certificate."
    )


def test_only_what_is_between_the_markers_changes() -> None:
    page = "before\n<!-- figures: bench -->\nold\n<!-- end of figures: bench -->\nafter\n"
    changed = with_section(page, "bench", r"new \1")
    assert changed == "before\n<!-- figures: bench -->\nnew \\1\n<!-- end of figures: bench -->\nafter\n"
    with pytest.raises(PublishError, match="figures: soak"):
        with_section(page, "soak", "")


@pytest.mark.parametrize("settings", [{"quick": True}, {"only": "native"}])
def test_a_part_of_the_figures_is_refused(settings: Mapping[str, object]) -> None:
    with pytest.raises(PublishError, match="not for the page"):
        bench_text(figures(**settings))


def test_the_page_has_a_place_for_every_figure() -> None:
    soak = {
        "machine": MACHINE,
        "date": "2026-11-30",
        "side": "native",
        "mix": {"known": 900, "denied": 95, "new": 5},
        "checks": 50_000_000,
        "seconds": 900,
        "growth MiB": 0.4,
        "samples": [{"resident": 60.0}, {"resident": 75.5}],
    }
    page = publish(PAGE.read_text(encoding="utf-8"), figures(), soak)
    assert "| known certificate | native | 60,000 |" in page
    assert "50,000,000 checks in 900 s" in page
    assert "+0.4 MiB" in page
