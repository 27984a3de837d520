"""Each alert fires on the series that it is for, and not on those that come close."""

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_rules import GROUP_NAMES, RULES, SEVERITIES, Alert, read_alerts, run

from support.alerts.case import firing_tests, silent_tests
from support.alerts.table import CASES
from support.promtool import promtool, run_alert_tests

ALERTS = {one.alert: one for one in read_alerts()}


def test_promtool_takes_the_rules() -> None:
    assert f"SUCCESS: {len(ALERTS)} rules found" in promtool("check", "rules", str(RULES))


def test_promtool_takes_the_example_of_a_configuration() -> None:
    assert "SUCCESS" in promtool("check", "config", str(RULES.with_name("prometheus.yaml")))


def test_the_rules_are_those_of_the_chart() -> None:
    assert run(["--check"]) == 0


def test_each_alert_has_a_case_and_each_case_an_alert() -> None:
    assert list(CASES) == list(ALERTS)


@pytest.mark.parametrize("alert", ALERTS.values(), ids=lambda one: one.alert)
def test_an_alert_fires_when_it_should_and_only_then(alert: Alert, tmp_path: Path) -> None:
    case = CASES[alert.alert]
    assert case.near
    assert "SUCCESS" in run_alert_tests([*firing_tests(alert, case), *silent_tests(alert, case)], alert, tmp_path)


def test_a_wrong_expectation_is_noticed(tmp_path: Path) -> None:
    """What the tests above say would be worth nothing otherwise."""
    alert = ALERTS["ExtauthzCRLStale"]
    case = CASES[alert.alert]
    (silent, *_) = silent_tests(alert, case)
    (firing,) = firing_tests(alert, case)
    upside_down = {**silent, "input_series": firing["input_series"]}
    (other_words,) = firing_tests(replace(alert, summary="x"), case)
    for wrong in (upside_down, other_words):
        with pytest.raises(AssertionError, match="FAILED"):
            run_alert_tests([wrong], alert, tmp_path)


def test_an_alert_about_any_event_at_all_waits_for_nothing_and_sees_what_came_before_the_first_scrape() -> None:
    """`rate(...) > 0` with a `for` misses a burst of a minute, and `increase` alone what a series begins with."""
    about_any = {
        name: one for name, one in ALERTS.items() if re.search(r"\b(?:rate|increase)\(.*\)\) > 0(?!\.)", one.expr)
    }
    assert about_any
    for name, one in about_any.items():
        assert one.duration == "0m", name
        assert "rate(" not in one.expr, name
        assert re.search(r"\bor sum by ", one.expr), name
        assert CASES[name].also, name


def test_names_are_unique_and_everything_else_comes_from_closed_lists() -> None:
    assert Counter(one.alert for one in read_alerts()).most_common(1)[0][1] == 1
    for one in ALERTS.values():
        assert one.alert.startswith("Extauthz")
        assert one.group in GROUP_NAMES
        assert one.severity in SEVERITIES
        assert one.runbook == one.alert.lower()
        assert one.summary.endswith(".")
        assert one.description.endswith(".")
