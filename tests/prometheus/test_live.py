"""A real Prometheus at the real service: each rule can be evaluated, and no panel of the dashboard is empty.

What a rule or a panel asks for by name is there, too: Prometheus takes a name that does not exist for an empty answer.
"""

import math
import re
from collections.abc import Iterator
from typing import Any

import pytest
from dashboard_panels import Panel
from dashboard_rows import ROWS
from prometheus_rules import Alert, read_alerts

from support.fleet import Fleet
from support.grafana import filled
from support.promtool import promtool
from support.service import eventually

PANELS = [panel for row in ROWS for panel in row.panels]
ALERTS = read_alerts()
LABEL_LIST = re.compile(r"\b(?:by|on|group_left) \([^)]*\)")
SELECTED = re.compile(r"\b(?:(?:extauthz|envoy|grpc|process)_\w+|up)\b(?:\{[^}]*\})?")


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    with Fleet(tmp_path_factory.mktemp("fleet")) as one:
        yield one


def numbers(fleet: Fleet, expression: str) -> list[float] | None:
    """Return what a query gives, None while that is nothing or no numbers."""
    found = [float(sample["value"][1]) for sample in fleet.prometheus.query(filled(expression))]
    return found if found and all(map(math.isfinite, found)) else None


@pytest.mark.parametrize("panel", PANELS, ids=lambda one: one.title)
def test_no_panel_is_empty(fleet: Fleet, panel: Panel) -> None:
    for query in panel.queries:
        eventually(lambda asked=query.expr: numbers(fleet, asked), query.expr)  # type: ignore[misc]  # bound at once


@pytest.mark.parametrize("alert", ALERTS, ids=lambda one: one.alert)
def test_what_an_alert_looks_at_is_there(fleet: Fleet, alert: Alert) -> None:
    selectors = SELECTED.findall(LABEL_LIST.sub("", alert.expr))
    assert selectors
    for selector in selectors:
        eventually(lambda asked=selector: numbers(fleet, f"count({asked})"), selector)  # type: ignore[misc]  # the same


def test_each_rule_is_evaluated_without_error(fleet: Fleet) -> None:
    def evaluated() -> list[Any] | None:
        rules = fleet.prometheus.rules()
        return rules if all(rule["health"] != "unknown" for rule in rules) else None

    rules = eventually(evaluated, "every rule being evaluated")
    assert [rule["name"] for rule in rules] == [alert.alert for alert in ALERTS]
    assert [(rule["name"], rule.get("lastError")) for rule in rules if rule["health"] != "ok"] == []


def test_what_is_asked_is_a_day_in_miniature(fleet: Fleet) -> None:
    """The panels are filled by what they are for, and not by zeros alone."""
    wanted = {
        ("grpc", "allowed"),
        ("grpc", "allowed_without_certificate"),
        ("grpc", "revoked"),
        ("grpc", "expired"),
        ("grpc", "untrusted_issuer"),
        ("grpc", "no_certificate"),
        ("grpc", "path_ambiguous"),
        ("grpc", "organizational_unit_not_allowed"),
        ("grpc", "token_binding_missing"),
        ("grpc", "token_binding_mismatch"),
        ("grpc", "source_malformed"),
        ("http", "allowed"),
        ("http", "revoked"),
        ("http", "no_certificate"),
    }

    def seen() -> bool | None:
        found = fleet.prometheus.query("sum by (api, reason) (extauthz_checks_total) > 0")
        return wanted == {(one["metric"]["api"], one["metric"]["reason"]) for one in found} or None

    eventually(seen, "every kind of question")
    eventually(lambda: numbers(fleet, "envoy_http_ext_authz_ok > 0"), "requests through Envoy")
    eventually(lambda: numbers(fleet, "envoy_http_ext_authz_denied > 0"), "denied requests through Envoy")


def test_a_reload_that_fails_is_seen(fleet: Fleet) -> None:
    successful = "extauthz_config_last_reload_successful"
    fleet.break_configuration()
    eventually(lambda: numbers(fleet, f"{successful} == 0"), "the failure")
    eventually(lambda: numbers(fleet, 'extauthz_config_reloads_total{result="failure"} > 0'), "the count")
    fleet.mend_configuration()
    eventually(lambda: numbers(fleet, f"{successful} == 1"), "the recovery")


def test_promtool_finds_nothing_wrong_with_what_is_scraped(fleet: Fleet) -> None:
    assert promtool("check", "metrics", stdin=fleet.pods[0].get("/metrics").body) == ""
