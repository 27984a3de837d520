"""What Helm says after an installation: all that has to be done elsewhere, for these values, and nothing else."""

import re
from typing import Any, Final

import pytest

from support.chart_values import ABSENT, EXISTING, SERVER, minimal
from support.helm import CHART, SITUATIONS, Rendered, notes, render

FILES: Final = {file.name.removesuffix("-values.yaml"): file for file in (CHART / "ci").glob("*-values.yaml")}
LISTED: Final = re.compile(r"   (ConfigMap|Secret) +([a-z-]+) +(.*)")
NAME: Final = "kubernetes.io/metadata.name"
GATEWAY: Final = {"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "edge"}


def listed(said: str) -> dict[tuple[str, str], str]:
    """Return kind and name of what the notes list, each with the rest of its line."""
    part, _, _ = said.partition("What must exist\n")[2].partition("\n\n")
    return {(match[1], match[2]): match[3] for match in map(LISTED.fullmatch, part.splitlines()) if match}


def mounted(rendered: Rendered) -> dict[tuple[str, str], set[str]]:
    """Return the ConfigMaps and Secrets that the pods mount and the chart does not make, with the keys they need."""
    own = {one["metadata"]["name"] for one in rendered.of("ConfigMap")}
    found: dict[tuple[str, str], set[str]] = {}
    for volume in rendered.pod["volumes"]:
        source = volume.get("configMap") or volume.get("secret")
        if source is None:
            continue
        kind, name = ("ConfigMap", source["name"]) if "configMap" in volume else ("Secret", source["secretName"])
        if name not in own:
            found[kind, name] = {one["key"] for one in source.get("items", ())}
    return found


@pytest.mark.parametrize("name", FILES)
def test_the_notes_list_every_object_that_the_pods_mount_with_its_keys(name: str) -> None:
    rendered = render(files=[FILES[name]])
    there = listed(notes([FILES[name]]))
    needed = mounted(rendered)
    registry = {("Secret", one["name"]) for one in rendered.pod.get("imagePullSecrets", ())}
    assert set(there) == set(needed) | registry
    for place, keys in needed.items():
        assert all(key in there[place] for key in keys), place


def test_the_notes_say_who_makes_what_nobody_writes_by_hand() -> None:
    there = listed(notes([FILES["envoy-sidecar"]]))
    assert there["Secret", "extauthz-tls"].endswith("made by cert-manager, with Issuer internal-ca")
    assert "tls.crt, tls.key, ca.crt" in there["Secret", "extauthz-tls"], "it has the CAs of the proxies as well"
    assert "trust-manager writes it" in listed(notes([FILES["everything"]]))["ConfigMap", "mesh-roots"]


@pytest.mark.parametrize("name", SITUATIONS)
def test_the_notes_say_what_to_do_next(name: str) -> None:
    said = notes([FILES[name]])
    assert "helm test extauthz --namespace authz" in said
    assert "exec -i deployment/extauthz --container extauthz -- extauthz explain --config" in said
    assert "-- extauthz doctor --config /etc/extauthz/config/extauthz.yaml" in said
    assert "docs/runbook.md" in said
    assert "kubernetes.io/metadata.name" in said
    assert "only where the CNI plugin enforces it" in said


PROXIES: Final = {
    "istio": [
        "service: extauthz.authz.svc.cluster.local",
        "mode: MUTUAL",
        "credentialName: NAME",
        'statusOnError: "503"',
    ],
    "envoy-gateway": ["kind: ClientTrafficPolicy", "clientValidation:", "certDetailsToAdd: [Cert, Chain]", "1.8"],
    "envoy-sidecar": [
        "extauthz-headless.authz.svc:9191",
        "failure_mode_allow: false",
        "docs/envoy.md",
    ],
    "ingress": ["https://extauthz.authz.svc:9192/check", "dns:traefik.example", "trustForwardHeader: true"],
}


@pytest.mark.parametrize("name", PROXIES)
def test_the_notes_say_what_this_proxy_needs_and_no_other(name: str) -> None:
    said = notes([FILES[name]])
    for other, sentences in PROXIES.items():
        for sentence in sentences:
            assert (sentence in said) is (other == name), (other, sentence)


@pytest.mark.parametrize(
    ("dialect", "option"),
    [
        ("nginx", "--nginx - < nginx-T.txt"),
        ("ingress_nginx", "--nginx - < nginx-T.txt"),
        ("traefik", "--traefik - < traefik.yaml"),
        ("caddy", "--caddy - < caddy.json"),
        ("haproxy", "--haproxy - < haproxy.cfg"),
        ("envoy_http", "--envoy - < config_dump.json"),
    ],
)
def test_doctor_gets_what_this_proxy_has(dialect: str, option: str) -> None:
    http = {"dialect": dialect, "callers": {"addresses": ["10.0.0.0/8"]}}
    config = {"listen": {"http": http}, "sources": ABSENT}
    said = notes(values=minimal(config=config, grpc={"enabled": False}, http={"enabled": True}))
    (line,) = [one for one in said.splitlines() if " -- extauthz doctor " in one]
    assert line.endswith(f"/extauthz.yaml {option}")
    assert "--over http" in said


def test_the_notes_warn_of_what_is_open_and_of_what_nobody_revokes() -> None:
    said = notes(values=minimal(networkPolicy={"enabled": False}, replicas=1))
    assert "WARNING: networkPolicy is off" in said
    first, second = [line for line in said.splitlines() if line][:2]
    assert first == "extauthz 0.1.0 is in namespace authz."
    assert second.startswith("WARNING: there are no crls, as crls is unsafe_none"), "before all that has to be done"
    assert "Whoever reaches port 9190 has the metrics and the last denials" in said
    assert "WARNING: there is one pod" in said
    assert "WARNING: the image extauthz:" in said
    assert "Nothing scrapes the metrics yet" in said


def test_where_there_is_nothing_to_warn_of_the_notes_do_not() -> None:
    values: dict[str, Any] = {"image": {"repository": "registry.example/extauthz"}}
    assert "WARNING" not in notes([FILES["istio"]], values)


@pytest.mark.parametrize(
    ("peer", "warned"),
    [
        ({"namespaceSelector": {}}, True),
        ({"namespaceSelector": {"matchLabels": {}}}, True),
        ({"namespaceSelector": {"matchLabels": {}, "matchExpressions": []}, "podSelector": {"matchLabels": {}}}, True),
        ({"namespaceSelector": {"matchExpressions": [{"key": NAME, "operator": "Exists"}]}}, True),
        ({"namespaceSelector": {"matchExpressions": [{"key": NAME, "operator": "NotIn", "values": ["a"]}]}}, True),
        ({"namespaceSelector": {}, "podSelector": {"matchExpressions": []}}, True),
        ({"ipBlock": {"cidr": "0.0.0.0/0"}}, True),
        ({"ipBlock": {"cidr": "128.0.0.0/1"}}, True),
        ({"ipBlock": {"cidr": "10.0.0.0/8"}}, True),
        ({"ipBlock": {"cidr": "::/0"}}, True),
        ({"ipBlock": {"cidr": "fd00::/8"}}, True),
        ({"podSelector": {}}, False),
        ({"namespaceSelector": {}, "podSelector": {"matchLabels": {"a": "b"}}}, False),
        ({"namespaceSelector": {"matchExpressions": [{"key": NAME, "operator": "In", "values": ["a"]}]}}, False),
        ({"namespaceSelector": {"matchExpressions": [{"key": "proxies", "operator": "Exists"}]}}, False),
        ({"ipBlock": {"cidr": "10.1.0.0/16"}}, False),
        ({"ipBlock": {"cidr": "fd00:1::/64"}}, False),
    ],
)
def test_a_peer_that_is_everybody_is_named(peer: dict[str, Any], warned: bool) -> None:
    said = notes(values=minimal(networkPolicy={"proxies": [peer], "monitoring": [peer]}))
    assert ("WARNING: networkPolicy.proxies lets in everybody" in said) is warned
    assert ("WARNING: networkPolicy.monitoring lets in everybody" in said) is warned
    assert ("Whoever reaches port 9190 has the metrics and the last denials" in said) is warned


def test_the_notes_say_who_else_gets_in_where_helm_test_does() -> None:
    assert "with the labels of `helm test` may ask as well" in notes(values=minimal())
    assert "with the labels of `helm test`" not in notes(values=minimal(test={"enabled": False}))


@pytest.mark.parametrize(
    ("over", "warned"),
    [
        ({"certManager": {"issuerRef": {"kind": "ClusterIssuer"}}}, True),
        ({}, False),
        # Of another CA than the one that this issuer signs with, as far as the chart can see.
        ({"certManager": {"issuerRef": {"kind": "ClusterIssuer"}}, "clientCA": {"secret": "proxies"}}, False),
    ],
)
def test_a_ca_from_which_every_namespace_gets_certificates_is_warned_of(over: dict[str, Any], warned: bool) -> None:
    said = notes([FILES["envoy-sidecar"]], {"tls": over})
    assert ("WARNING: ClusterIssuer internal-ca signs the proxies' certificates" in said) is warned


@pytest.mark.parametrize(("namespace", "warned"), [("gateways", True), ("", False)])
def test_who_else_may_write_the_policy_is_named_where_it_is_in_another_namespace(namespace: str, warned: bool) -> None:
    policy = {"enabled": True, "namespace": namespace, "targetRefs": [GATEWAY]}
    said = notes(values=minimal(envoyGateway={"securityPolicy": policy}))
    assert ("kubectl auth can-i update securitypolicies.gateway.envoyproxy.io --namespace gateways" in said) is warned
    assert "a SecurityPolicy on a route replaces that of its Gateway" in said


@pytest.mark.parametrize(("tls", "warned"), [(False, True), (True, False)])
def test_a_secret_in_clear_is_warned_of(tls: bool, warned: bool) -> None:
    values = minimal(
        config={
            "listen": {"http": {"dialect": "nginx", "callers": {"secret": {"header": "x-ours"}}}},
            "sources": ABSENT,
        },
        grpc={"enabled": False},
        http={"enabled": True, "tls": tls, "callerSecret": {"secret": "nginx"}},
        **({"tls": {"secretName": "server"}} if tls else {}),
    )
    said = notes(values=values)
    assert "The proxy must send the header x-ours" in said
    assert ("that secret crosses the network in clear" in said) is warned


def test_the_notes_say_what_a_configuration_of_ones_own_must_hold() -> None:
    said = notes(values=minimal(**EXISTING, **SERVER, crls=[{"configMap": "lists"}]))
    assert "https" not in said
    for line in ('address: "0.0.0.0:9191"', "cert: /etc/extauthz/tls/tls.crt", "/etc/extauthz/crls/lists"):
        assert line in said
    assert "name their publishers in networkPolicy.egress.crlPublishers" in said
