"""Who reaches the pods, how, and who is told to ask."""

from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from typing import Any, Final

import pytest

from extauthz.refresh.addresses import METADATA_4, METADATA_6
from support.chart_values import ABSENT, EXISTING, MINIMAL, MONITORING, SERVER, minimal
from support.helm import NAMESPACE, render


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
    values = minimal(networkPolicy={"proxies": proxies, "monitoring": MONITORING})
    ask, scrape, test = render(values=values).one("NetworkPolicy")["spec"]["ingress"]
    assert ask == {"from": proxies, "ports": [{"port": "grpc"}]}
    assert scrape == {"from": MONITORING, "ports": [{"port": "metrics"}]}
    assert test["ports"] == [{"port": "grpc"}]
    labels = {"app.kubernetes.io/name": "extauthz-test", "app.kubernetes.io/instance": "extauthz"}
    assert test["from"] == [{"podSelector": {"matchLabels": labels}}], "of the release's namespace"


@pytest.mark.parametrize("http", [True, False])
@pytest.mark.parametrize("grpc", [True, False])
def test_the_admin_listener_is_for_those_who_scrape_alone(grpc: bool, http: bool) -> None:
    """With everything else at its default, and whatever is asked: it can reload and tells of the last denials."""
    listener = {"dialect": "nginx", "callers": {"addresses": ["10.0.0.0/8"]}}
    config = {"listen": {"http": listener} if http else {}, "sources": MINIMAL["config"]["sources"] if grpc else ABSENT}
    values = {"config": config, "grpc": {"enabled": grpc}, "http": {"enabled": http}}
    if not grpc and not http:
        values = {**EXISTING, "http": {"enabled": True}, "grpc": {"enabled": False}}
    rules = render(values=minimal(**values)).one("NetworkPolicy")["spec"]["ingress"]
    assert [rule for rule in rules for port in rule["ports"] if port["port"] == "metrics"] == []
    scraped = minimal(**values, networkPolicy={"monitoring": MONITORING})
    rules = render(values=scraped).one("NetworkPolicy")["spec"]["ingress"]
    assert [rule["from"] for rule in rules for port in rule["ports"] if port["port"] == "metrics"] == [MONITORING]


@pytest.mark.parametrize(
    ("values", "out"),
    [
        ({}, []),
        ({**EXISTING, "networkPolicy": {"egress": {"crlPublishers": [{"podSelector": {}}]}}}, [443, 80]),
        # 443 for each: a server may redirect to its own https.
        ({"crls": [{"url": "http://a.example/x.crl"}, {"url": "https://b.example:8443/x.crl"}]}, [443, 80, 8443]),
        ({"crls": [{"url": "http://a.example/x.crl"}]}, [443, 80]),
        ({"crls": [], "config": {"revocation": {"fetch": {"redirect_hosts": ["a.example"]}}}}, []),
        (
            {
                "crls": [{"url": "https://b.example:8443/x.crl"}],
                "config": {"revocation": {"fetch": {"redirect_hosts": ["a.example"]}}},
            },
            [443, 80, 8443],
        ),
        ({"crls": [], "config": {"revocation": {"crls": [{"url": "https://a.example/x.crl"}]}}}, [443]),
        ({"crls": [], "config": {"revocation": {"distribution_points": {"hosts": ["a.example"]}}}}, [443, 80]),
    ],
)
def test_nothing_gets_out_but_questions_for_names_and_for_crls(values: Mapping[str, Any], out: list[int]) -> None:
    dns, *crls = render(values=minimal(**values)).one("NetworkPolicy")["spec"]["egress"]
    assert {(one["port"], one["protocol"]) for one in dns["ports"]} == {(53, "UDP"), (53, "TCP")}
    assert [one["port"] for rule in crls for one in rule["ports"]] == out


def test_names_are_asked_of_the_clusters_resolver_alone() -> None:
    (dns,) = render(values=MINIMAL).one("NetworkPolicy")["spec"]["egress"]
    assert dns["to"] == [
        {
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
            "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
        }
    ]


def test_names_are_asked_of_whom_the_values_say() -> None:
    peers = [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "openshift-dns"}}}]
    given = {"networkPolicy": {"egress": {"dns": {"peers": peers, "ports": [5353]}}}}
    (dns,) = render(values=minimal(**given)).one("NetworkPolicy")["spec"]["egress"]
    assert dns["to"] == peers
    assert dns["ports"] == [{"port": 5353, "protocol": "UDP"}, {"port": 5353, "protocol": "TCP"}]
    (dns,) = render(values=minimal(networkPolicy={"egress": {"dns": {"peers": []}}})).one("NetworkPolicy")["spec"][
        "egress"
    ]
    assert "to" not in dns


METADATA: Final = ("169.254.169.254", "169.254.170.23", "fe80::1", *map(str, sorted(METADATA_4)), *map(str, METADATA_6))
"""Where clouds hand out credentials, as the service knows these addresses, and the neighbourhood."""


def reaches(rule: Mapping[str, Any], address: str) -> bool:
    """Say whether an address is in one of the blocks and in no exception, as NetworkPolicies have it."""
    there = ip_address(address)
    return any(
        there in ip_network(block["cidr"]) and not any(there in ip_network(one) for one in block.get("except", ()))
        for block in (peer["ipBlock"] for peer in rule["to"])
    )


def test_the_way_to_crls_leads_to_no_credentials_of_the_cloud() -> None:
    values = minimal(crls=[{"url": "http://crl.example/a.crl"}])
    _, crls = render(values=values).one("NetworkPolicy")["spec"]["egress"]
    assert [reaches(crls, address) for address in METADATA] == [False] * len(METADATA)
    assert reaches(crls, "192.0.2.1")
    assert reaches(crls, "2001:db8::1")
    for block in (peer["ipBlock"] for peer in crls["to"]):
        for one in map(ip_network, block["except"]):
            assert one.network_address in ip_network(block["cidr"]), "an API server takes no exception from elsewhere"


def test_who_names_publishers_or_exceptions_is_heard() -> None:
    crls = [{"url": "http://crl.example/a.crl"}]
    publishers = [{"podSelector": {"matchLabels": {"app": "pki"}}}]
    given = minimal(crls=crls, networkPolicy={"egress": {"crlPublishers": publishers}})
    assert render(values=given).one("NetworkPolicy")["spec"]["egress"][1]["to"] == publishers
    given = minimal(crls=crls, networkPolicy={"egress": {"except": ["192.0.2.0/24"]}})
    _, fewer = render(values=given).one("NetworkPolicy")["spec"]["egress"]
    assert not reaches(fewer, "192.0.2.1")
    assert reaches(fewer, METADATA[0])


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
