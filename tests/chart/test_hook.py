"""The pod of ``helm test``: what it asks, where, and what lets it in."""

from collections.abc import Mapping
from typing import Any, Final

import pytest

from support.chart_values import ABSENT, EXISTING, MINIMAL, SERVER, minimal
from support.helm import NAMESPACE, notes, render

AUTHORIZATION: Final = "envoy.service.auth.v3.Authorization"
PLAIN_HTTP: Final[dict[str, Any]] = {
    "http": {"enabled": True},
    "config": {"listen": {"http": {"dialect": "nginx", "prefix": "/ask", "callers": {"addresses": ["10.0.0.0/8"]}}}},
}
MUTUAL: Final[dict[str, Any]] = {**SERVER, "tls": {"secretName": "server", "clientCA": {"secret": "ca"}}}
ONLY_HTTP: Final[dict[str, Any]] = {
    **PLAIN_HTTP,
    "grpc": {"enabled": False},
    "config": {**PLAIN_HTTP["config"], "sources": ABSENT},
}


@pytest.mark.parametrize(
    ("values", "asked"),
    [
        ({}, {"grpc": "grpc"}),
        (PLAIN_HTTP, {"grpc": "grpc", "http": "http-auth"}),
        (ONLY_HTTP, {"http": "http-auth"}),
        # The chart does not know below which path a configuration of one's own is asked.
        ({**EXISTING, "http": {"enabled": True}}, {"grpc": "grpc"}),
        ({**EXISTING, "http": {"enabled": True}, "grpc": {"enabled": False}}, {}),
        (MUTUAL, {}),
        ({**MUTUAL, "test": {"clientSecret": "client"}}, {"grpc": "grpc"}),
        ({"test": {"enabled": False}}, {}),
    ],
)
def test_helm_test_asks_every_listener_that_it_can_and_is_let_in_there_alone(
    values: Mapping[str, Any], asked: Mapping[str, str]
) -> None:
    rendered = render(values=minimal(**values))
    tests = rendered.of("Pod")
    assert [{one["name"] for one in pod["spec"]["containers"]} for pod in tests] == ([set(asked)] if asked else [])
    ask, *more = rendered.one("NetworkPolicy")["spec"]["ingress"]
    assert ask["from"] == MINIMAL["networkPolicy"]["proxies"]
    labels = {"app.kubernetes.io/name": "extauthz-test", "app.kubernetes.io/instance": "extauthz"}
    assert [one["metadata"]["labels"] for one in tests] == [labels] * len(tests)
    peer = {"podSelector": {"matchLabels": labels}}
    doors = [{"from": [peer], "ports": [{"port": port} for _, port in sorted(asked.items())]}]
    assert more == (doors if asked else [])


def test_helm_test_wants_a_denial_only_where_there_must_be_one() -> None:
    """Where a policy may let in who shows nothing, or the chart does not see the policies, it asks for health alone."""

    def asked(**values: object) -> list[list[str]]:
        return [
            one["args"] for one in render(values=minimal(**values)).one("Pod", "extauthz-test")["spec"]["containers"]
        ]

    health = ["health", "--address", f"extauthz.{NAMESPACE}.svc:9191", "--service", AUTHORIZATION]
    assert asked() == [[*health, "--denied", "--timeout", "10"]]
    optional = [{"name": "all", "when": {}, "certificate": "optional", "require": {}}]
    assert asked(config={"policies": optional}) == [[*health, "--timeout", "10"]]
    assert asked(**EXISTING) == [[*health, "--timeout", "10"]]
    both = render(values=minimal(**{**PLAIN_HTTP, "config": {**PLAIN_HTTP["config"], "policies": optional}}))
    assert [one["name"] for one in both.one("Pod", "extauthz-test")["spec"]["containers"]] == ["grpc"]


def test_helm_test_asks_the_http_listener_where_it_is_asked() -> None:
    containers = render(values=minimal(**PLAIN_HTTP)).one("Pod", "extauthz-test")["spec"]["containers"]
    asked = {one["name"]: one["args"][2] for one in containers}
    assert asked["http"] == f"http://extauthz.{NAMESPACE}.svc:9192/ask"


def test_the_pod_of_helm_test_keeps_its_labels_and_has_the_common_ones() -> None:
    pod = render(values=minimal(commonLabels={"team": "edge"})).one("Pod", "extauthz-test")
    assert pod["metadata"]["labels"]["app.kubernetes.io/name"] == "extauthz-test"
    assert pod["metadata"]["labels"]["team"] == "edge"


def test_what_is_mutual_has_no_hook_without_a_client_certificate() -> None:
    assert render(values=minimal(**MUTUAL)).of("Pod") == []
    assert len(render(values=minimal(**MUTUAL, test={"clientSecret": "client"})).of("Pod")) == 1
    assert "leaves the gRPC listener out" in notes(values=minimal(**MUTUAL))


def test_the_pod_of_helm_test_stays_for_its_logs_and_goes_before_the_next() -> None:
    """It has several containers: `helm test --logs` names none of them, and fails."""
    pod = render(values=minimal(**PLAIN_HTTP)).one("Pod", "extauthz-test")
    assert len(pod["spec"]["containers"]) > 1
    assert pod["metadata"]["annotations"]["helm.sh/hook-delete-policy"] == "before-hook-creation"
    said = notes(values=minimal(**PLAIN_HTTP))
    assert f"kubectl --namespace {NAMESPACE} logs extauthz-test --all-containers" in said
    assert "--logs" not in said


def test_the_notes_say_why_the_http_listener_is_left_out() -> None:
    left_out = "leaves the HTTP listener out"
    assert left_out not in notes(values=minimal(**PLAIN_HTTP))
    mutual = {**ONLY_HTTP, "http": {"enabled": True, "tls": True}, "tls": MUTUAL["tls"]}
    assert f"{left_out}, as only clients with a certificate may connect" in notes(values=minimal(**mutual))
    said = notes(values=minimal(**EXISTING, http={"enabled": True}))
    assert left_out in said
    assert "the configuration is yours." in said
    optional = [{"name": "all", "when": {}, "certificate": "optional", "require": {}}]
    said = notes(values=minimal(**{**PLAIN_HTTP, "config": {**PLAIN_HTTP["config"], "policies": optional}}))
    assert left_out in said
    assert "a policy has certificate: optional." in said
