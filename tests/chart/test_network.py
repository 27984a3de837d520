"""Who reaches the pods, how, and who is told to ask."""

from collections.abc import Mapping
from typing import Any

import pytest

from support.chart_values import EXISTING, MINIMAL, MONITORING, SERVER, minimal
from support.helm import NAMESPACE, notes, render


def ports(name: str, **values: object) -> list[Mapping[str, Any]]:
    return list(render(values=minimal(**values)).one("Service", name)["spec"]["ports"])


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


def test_where_there_is_only_http_the_pod_of_helm_test_asks_the_admin_listener() -> None:
    rendered = render(values=minimal(**EXISTING, grpc={"enabled": False}, http={"enabled": True}))
    assert (
        f"http://extauthz-metrics.{NAMESPACE}.svc:9190"
        in rendered.one("Pod", "extauthz-test")["spec"]["containers"][0]["args"]
    )
    ask, admin = rendered.one("NetworkPolicy")["spec"]["ingress"]
    labels = rendered.one("Pod", "extauthz-test")["metadata"]["labels"]
    assert admin == {"from": [{"podSelector": {"matchLabels": labels}}], "ports": [{"port": "metrics"}]}
    assert {"podSelector": {"matchLabels": labels}} not in ask["from"]


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
        "statusOnError": 503,
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
