"""What Prometheus and Grafana get of the chart."""

import json
from typing import Any

import pytest
from prometheus_rules import read_alerts

from support.chart_values import MONITORING, minimal
from support.helm import CHART, NAMESPACE, render


def test_prometheus_finds_the_metrics_by_the_service() -> None:
    values = minimal(metrics={"serviceMonitor": {"enabled": True}}, networkPolicy={"monitoring": MONITORING})
    rendered = render(values=values)
    monitor = rendered.one("ServiceMonitor")["spec"]
    found = [
        one["metadata"]["name"]
        for one in rendered.of("Service")
        if monitor["selector"]["matchLabels"].items() <= one["metadata"]["labels"].items()
    ]
    assert found == ["extauthz-metrics"]
    (port,) = rendered.one("Service", "extauthz-metrics")["spec"]["ports"]
    assert [one["port"] for one in monitor["endpoints"]] == [port["name"]]
    assert monitor["namespaceSelector"] == {"matchNames": [NAMESPACE]}


def alerts(**values: object) -> dict[str, Any]:
    groups = render(values=minimal(**values)).one("PrometheusRule")["spec"]["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


def test_the_rules_are_those_of_the_list() -> None:
    listed = [one for one in read_alerts() if one.group == "extauthz"]
    made = alerts(prometheusRule={"enabled": True, "runbookUrl": "https://example.com/runbook"})
    assert list(made) == [one.alert for one in listed]
    for one in listed:
        rule = made[one.alert]
        assert (rule["for"], rule["labels"]) == (one.duration, {"severity": one.severity})
        assert rule["annotations"] == {
            "summary": one.summary,
            "description": one.description.strip(),
            "runbook_url": f"https://example.com/runbook#{one.runbook}",
        }
        if one.alert != "ExtauthzAbsent":
            assert rule["expr"] == one.expr.strip()


@pytest.mark.parametrize(
    ("monitor", "job"), [("serviceMonitor", "extauthz-metrics"), ("podMonitor", f"{NAMESPACE}/extauthz")]
)
def test_the_alert_for_absence_knows_the_job(monitor: str, job: str) -> None:
    """Prometheus' operator calls a job after the Service, or after the PodMonitor and its namespace."""
    values: dict[str, Any] = {
        "prometheusRule": {"enabled": True},
        "metrics": {monitor: {"enabled": True}},
        "networkPolicy": {"monitoring": MONITORING},
    }
    expr = alerts(**values)["ExtauthzAbsent"]["expr"]
    assert expr == f'absent(up{{namespace="{NAMESPACE}", job="{job}"}} == 1)'


def test_a_single_alert_can_be_changed() -> None:
    changes = {
        "ExtauthzDown": {"for": "1m", "severity": "critical", "expr": "up == 0"},
        "ExtauthzCrashLooping": {"enabled": False},
    }
    usual = alerts(prometheusRule={"enabled": True})
    made = alerts(prometheusRule={"enabled": True, "alerts": changes})
    assert set(usual) - set(made) == {"ExtauthzCrashLooping"}
    down = made.pop("ExtauthzDown")
    assert (down["expr"], down["for"], down["labels"]) == ("up == 0", "1m", {"severity": "critical"})
    assert made == {name: usual[name] for name in made}


def test_envoys_alerts_come_when_asked_for() -> None:
    listed = {one.alert for one in read_alerts() if one.group == "envoy"}
    assert listed
    assert not listed & set(alerts(prometheusRule={"enabled": True}))
    assert listed <= set(alerts(prometheusRule={"enabled": True, "envoyAlerts": True}))


def test_the_dashboard_arrives_as_it_is() -> None:
    """It has braces that are Grafana's and must not be taken for a template."""
    found = render(values=minimal(dashboard={"enabled": True})).one("ConfigMap", "extauthz-dashboard")
    assert found["metadata"]["labels"]["grafana_dashboard"] == "1"
    assert json.loads(found["data"]["extauthz.json"]) == json.loads((CHART / "files" / "dashboard.json").read_text())
