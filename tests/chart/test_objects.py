"""What each part of the chart makes of its values."""

import json
from collections.abc import Mapping
from typing import Any, Final

import pytest
from prometheus_rules import read_alerts

from extauthz import __version__
from support.chart_values import EXISTING, MINIMAL, minimal
from support.helm import CHART, KUBERNETES, NAMESPACE, NEW, RefusedError, notes, render

SERVER: Final = {"grpc": {"tls": True}, "tls": {"secretName": "server"}}
MONITORING: Final = [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}]


def ports(name: str, **values: object) -> Any:
    return render(values=minimal(**values)).one("Service", name)["spec"]["ports"]


def test_the_chart_is_of_the_programs_version() -> None:
    (line,) = [one for one in (CHART / "Chart.yaml").read_text().splitlines() if one.startswith("version: ")]
    assert line == f"version: {__version__}"
    container = render(values=MINIMAL).container
    assert container["image"] == f"extauthz:{__version__}"


def test_a_digest_wins_over_a_tag() -> None:
    digest = f"sha256:{64 * 'a'}"
    values = minimal(image={"repository": "registry.example/extauthz", "tag": "1", "digest": digest})
    assert render(values=values).container["image"] == f"registry.example/extauthz@{digest}"


@pytest.mark.parametrize(("tls", "protocol"), [({}, "kubernetes.io/h2c"), (SERVER, "https")])
def test_both_services_say_what_is_spoken(tls: Mapping[str, Any], protocol: str) -> None:
    """Istio reads the port's name, Gateways its appProtocol."""
    expected = [{"name": "grpc", "port": 9191, "targetPort": "grpc", "appProtocol": protocol}]
    assert ports("extauthz", **tls) == expected
    assert ports("extauthz-headless", **tls) == expected


def test_only_the_headless_service_has_no_address_of_its_own() -> None:
    rendered = render(values=MINIMAL)
    assert "clusterIP" not in rendered.one("Service")["spec"]
    assert rendered.one("Service", "extauthz-headless")["spec"]["clusterIP"] == "None"


def test_the_http_listener_has_a_port_of_its_own() -> None:
    http = {"dialect": "nginx", "callers": {"addresses": ["10.0.0.0/8"]}}
    values: dict[str, Any] = {"http": {"enabled": True, "port": 8000}, "config": {"listen": {"http": http}}}
    assert ports("extauthz", **values)[1] == {
        "name": "http-auth",
        "port": 8000,
        "targetPort": "http-auth",
        "appProtocol": "http",
    }
    assert render(values=minimal(**values)).config["listen"]["http"] == {**http, "address": "0.0.0.0:8000"}


def test_no_service_for_proxies_leads_to_the_admin_listener() -> None:
    rendered = render(values=MINIMAL)
    for service in rendered.of("Service"):
        leads = [one["targetPort"] for one in service["spec"]["ports"]]
        assert leads == (["metrics"] if service["metadata"]["name"] == "extauthz-metrics" else ["grpc"])


GRPC_PROBE: Final = {"port": 9191, "service": "envoy.service.auth.v3.Authorization"}
HTTP_PROBE: Final = {"path": "/readyz", "port": "metrics"}


@pytest.mark.parametrize(
    ("values", "kubernetes", "probe"),
    [
        ({}, "1.27.0", {"grpc": GRPC_PROBE}),
        (SERVER, "1.27.0", {"httpGet": HTTP_PROBE}),
        (SERVER, "1.37.0", {"httpGet": HTTP_PROBE}),
        ({"probes": {"readinessType": "http"}}, "1.37.0", {"httpGet": HTTP_PROBE}),
        ({**SERVER, "probes": {"readinessType": "grpc"}}, "1.37.0", {"grpc": {**GRPC_PROBE, "mode": "TLS"}}),
        ({**EXISTING, "grpc": {"enabled": False}, "http": {"enabled": True}}, "1.37.0", {"httpGet": HTTP_PROBE}),
    ],
)
def test_readiness_is_asked_for_as_tls_allows(
    values: Mapping[str, Any], kubernetes: str, probe: Mapping[str, Any]
) -> None:
    container = render(values=minimal(**values), kubernetes=kubernetes).container
    assert probe.items() <= container["readinessProbe"].items()
    assert container["livenessProbe"]["httpGet"] == {"path": "/healthz", "port": "metrics"}
    assert container["startupProbe"]["httpGet"] == {"path": "/healthz", "port": "metrics"}


@pytest.mark.parametrize("kubernetes", KUBERNETES)
def test_the_pod_waits_before_it_stops_in_the_way_that_the_kubelet_knows(kubernetes: str) -> None:
    hook = render(values=minimal(preStopSeconds=7), kubernetes=kubernetes).container["lifecycle"]["preStop"]
    old = {"exec": {"command": ["extauthz", "sleep", "7"]}}
    assert hook == (old if kubernetes == "1.27.0" else {"sleep": {"seconds": 7}})


def test_without_a_wait_there_is_no_hook() -> None:
    assert "lifecycle" not in render(values=minimal(preStopSeconds=0)).container


def test_an_older_kubernetes_is_refused() -> None:
    with pytest.raises(RefusedError, match=r"requires kubeVersion: >=1\.27\.0"):
        render(values=MINIMAL, kubernetes="1.26.0")


def test_the_autoscaler_alone_says_how_many_pods() -> None:
    rendered = render(values=minimal(autoscaling={"enabled": True, "minReplicas": 3}))
    assert "replicas" not in rendered.deployment["spec"]
    scaler = rendered.one("HorizontalPodAutoscaler")["spec"]
    assert scaler["scaleTargetRef"]["name"] == rendered.deployment["metadata"]["name"]
    assert (scaler["minReplicas"], scaler["maxReplicas"]) == (3, 10)
    assert render(values=MINIMAL).deployment["spec"]["replicas"] == 2


@pytest.mark.parametrize(
    ("given", "spec"),
    [
        ({}, {"maxUnavailable": 1}),
        ({"minAvailable": 1}, {"minAvailable": 1}),
        ({"minAvailable": "50%"}, {"minAvailable": "50%"}),
    ],
)
def test_a_budget_has_one_bound(given: Mapping[str, Any], spec: Mapping[str, Any]) -> None:
    budget = render(values=minimal(podDisruptionBudget=given)).one("PodDisruptionBudget")["spec"]
    assert {key: budget[key] for key in ("minAvailable", "maxUnavailable") if key in budget} == spec


def test_the_network_policy_lets_in_proxies_to_ask_and_prometheus_to_scrape() -> None:
    proxies = [{"podSelector": {"matchLabels": {"app": "envoy"}}}]
    values = minimal(networkPolicy={"proxies": proxies, "monitoring": MONITORING}, test={"enabled": False})
    ask, scrape = render(values=values).one("NetworkPolicy")["spec"]["ingress"]
    assert ask == {"from": proxies, "ports": [{"port": "grpc"}]}
    assert scrape == {"from": MONITORING, "ports": [{"port": "metrics"}]}


def test_the_pod_of_helm_test_may_ask() -> None:
    rendered = render(values=MINIMAL)
    ask = rendered.one("NetworkPolicy")["spec"]["ingress"][0]["from"]
    labels = rendered.one("Pod", "extauthz-test")["metadata"]["labels"]
    assert ask[-1]["podSelector"]["matchLabels"] == labels


@pytest.mark.parametrize(
    ("values", "out"),
    [
        ({}, []),
        ({"crls": [{"url": "http://a.example/x.crl"}, {"url": "https://b.example:8443/x.crl"}]}, [80, 8443]),
        ({"config": {"revocation": {"crls": [{"url": "https://a.example/x.crl"}]}}}, [443]),
        ({"config": {"revocation": {"distribution_points": {"hosts": ["a.example"]}}}}, [443, 80]),
    ],
)
def test_nothing_gets_out_but_questions_for_names_and_for_crls(values: Mapping[str, Any], out: list[int]) -> None:
    dns, *crls = render(values=minimal(**values)).one("NetworkPolicy")["spec"]["egress"]
    assert {(one["port"], one["protocol"]) for one in dns["ports"]} == {(53, "UDP"), (53, "TCP")}
    assert [one["port"] for rule in crls for one in rule["ports"]] == out


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


def alerts(**values: Any) -> dict[str, Any]:
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


def test_istios_gateway_asks_about_every_request() -> None:
    policy = {"enabled": True, "namespace": "gateways", "selector": {"istio": "ingressgateway"}}
    made = render(values=minimal(istio={"authorizationPolicy": policy})).one("AuthorizationPolicy")
    assert made["metadata"]["namespace"] == "gateways"
    assert made["spec"] == {
        "selector": {"matchLabels": {"istio": "ingressgateway"}},
        "action": "CUSTOM",
        "provider": {"name": "extauthz"},
        "rules": [{}],
    }


@pytest.mark.parametrize(("namespace", "grants"), [("gateways", 1), ("", 0)])
def test_envoy_gateway_denies_when_extauthz_does_not_answer_and_may_name_it(namespace: str, grants: int) -> None:
    target = {"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "edge"}
    policy = {
        "enabled": True,
        "namespace": namespace,
        "targetRefs": [target],
        "contextExtensions": [{"name": "policy", "value": "payments"}],
    }
    rendered = render(values=minimal(envoyGateway={"securityPolicy": policy}))
    made = rendered.one("SecurityPolicy")
    assert made["metadata"]["namespace"] == (namespace or NAMESPACE)
    assert made["spec"]["extAuth"] == {
        "failOpen": False,
        "timeout": "500ms",
        "grpc": {"backendRefs": [{"name": "extauthz", "namespace": NAMESPACE, "port": 9191}]},
        "contextExtensions": [{"name": "policy", "type": "Value", "value": "payments"}],
    }
    assert len(rendered.of("ReferenceGrant")) == grants


def test_the_certificate_names_both_services() -> None:
    certified = {"grpc": {"tls": True}, "tls": {"certManager": {"enabled": True, "issuerRef": {"name": "ca"}}}}
    rendered = render(values=minimal(**certified))
    certificate = rendered.one("Certificate")["spec"]
    for service in ("extauthz", "extauthz-headless"):
        assert f"{service}.{NAMESPACE}.svc" in certificate["dnsNames"]
    (volume,) = [one for one in rendered.pod["volumes"] if one["name"] == "tls"]
    assert volume["secret"]["secretName"] == certificate["secretName"]


def test_what_is_mutual_has_no_hook_without_a_client_certificate() -> None:
    mutual = {**SERVER, "tls": {"secretName": "server", "clientCA": {"secret": "ca"}}}
    assert render(values=minimal(**mutual)).of("Pod") == []
    assert len(render(values=minimal(**mutual, test={"clientSecret": "client"})).of("Pod")) == 1
    assert "give test.clientSecret" in notes(values=minimal(**mutual))


def test_a_release_of_another_name_has_names_that_do_not_clash() -> None:
    rendered = render(values=minimal(nameOverride="authorization"))
    names = [(one["kind"], one["metadata"]["name"]) for one in rendered.documents]
    assert all(name.startswith("extauthz-authorization") for _, name in names)


def test_the_notes_say_what_to_do_next() -> None:
    said = notes([CHART / "ci" / "istio-values.yaml"])
    assert "helm test extauthz --namespace authz" in said
    assert "service: extauthz.authz.svc.cluster.local" in said
    assert "extauthz-headless.authz.svc:9191" in said
    assert "WARNING" not in said


def test_the_notes_warn_of_what_is_open_and_of_what_nobody_revokes() -> None:
    said = notes(values=minimal(networkPolicy={"enabled": False}))
    assert "WARNING: networkPolicy is off" in said
    assert "WARNING: there are no crls" in said
    assert "Nothing scrapes the metrics yet" in said


def test_the_notes_say_what_a_configuration_of_ones_own_must_hold() -> None:
    said = notes(values=minimal(**EXISTING, **SERVER, crls=[{"configMap": "lists"}]))
    assert "https" not in said
    for line in ('address: "0.0.0.0:9191"', "cert: /etc/extauthz/tls/tls.crt", "/etc/extauthz/crls/lists"):
        assert line in said


def test_nothing_of_the_configuration_is_made_beside_one_of_ones_own() -> None:
    rendered = render(values=minimal(**EXISTING, existingKey="mine.yaml"), kubernetes=NEW)
    assert rendered.of("ConfigMap") == []
    (volume,) = [one for one in rendered.pod["volumes"] if one["name"] == "config"]
    assert volume["configMap"] == {"name": "one"}
    assert rendered.container["args"][-1] == "/etc/extauthz/config/mine.yaml"
