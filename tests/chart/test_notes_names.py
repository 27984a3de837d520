"""Names that must agree with those of the gateways: the notes warn where they cannot, and nowhere else."""

from collections.abc import Callable
from typing import Any, Final

import pytest

from support.chart_values import minimal
from support.helm import CHART, SITUATIONS, notes

NO_PEER: Final = "no peer in networkPolicy.proxies can be one of the gateways"
NO_NAMESPACE: Final = ".namespace is not given"
EDGE: Final = {"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "edge"}
OWNING: Final = "gateway.envoyproxy.io/owning-gateway"


def istio(**policy: object) -> dict[str, Any]:
    return {"istio": {"authorizationPolicy": {"enabled": True, "namespace": "ingress", **policy}}}


def envoy_gateway(**policy: object) -> dict[str, Any]:
    usual = {"enabled": True, "namespace": "gateways", "targetRefs": [EDGE]}
    return {"envoyGateway": {"securityPolicy": {**usual, **policy}}}


def namespace(name: str) -> dict[str, Any]:
    return {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}}}


def pods(**labels: str) -> dict[str, Any]:
    return {"podSelector": {"matchLabels": labels}}


BY_LABEL: Final = {"selector": {"istio": "gateway"}}
OTHER_EDGE: Final = pods(**{f"{OWNING}-name": "other"})
THIS_EDGE: Final = pods(**{f"{OWNING}-name": "edge", f"{OWNING}-namespace": "gateways"})
EDGE_ELSEWHERE: Final = pods(**{f"{OWNING}-name": "edge", f"{OWNING}-namespace": "elsewhere"})
SYSTEM: Final = namespace("envoy-gateway-system")


@pytest.mark.parametrize(
    ("policy", "proxies", "warned"),
    [
        (istio(**BY_LABEL), [{**namespace("ingress"), **pods(istio="gateway", app="a")}], False),
        (istio(**BY_LABEL), [{**namespace("elsewhere"), **pods(istio="gateway")}], True),
        (istio(**BY_LABEL), [{**namespace("ingress"), **pods(istio="other")}], True),
        (istio(**BY_LABEL), [namespace("elsewhere"), namespace("ingress")], False),
        (istio(**BY_LABEL), [{"podSelector": {}}], True),
        (istio(namespace="authz", **BY_LABEL), [{"podSelector": {}}], False),
        (istio(**BY_LABEL), [{"namespaceSelector": {"matchLabels": {"team": "edge"}}}], False),
        (istio(**BY_LABEL), [{"ipBlock": {"cidr": "10.0.0.0/8"}}], False),
        (
            istio(targetRefs=[EDGE]),
            [{**namespace("ingress"), **pods(**{"gateway.networking.k8s.io/gateway-name": "b"})}],
            True,
        ),
        (envoy_gateway(), [{**SYSTEM, **THIS_EDGE}], False),
        (envoy_gateway(), [SYSTEM], False),
        (envoy_gateway(), [{**SYSTEM, **OTHER_EDGE}], True),
        (envoy_gateway(), [{**SYSTEM, **EDGE_ELSEWHERE}], True),
        (envoy_gateway(targetRefs=[{**EDGE, "kind": "HTTPRoute"}]), [{**SYSTEM, **OTHER_EDGE}], False),
    ],
)
def test_peers_that_cannot_be_the_gateway_are_warned_of(
    policy: dict[str, Any], proxies: list[dict[str, Any]], warned: bool
) -> None:
    assert (NO_PEER in notes(values=minimal(**policy, networkPolicy={"proxies": proxies}))) is warned


def test_without_a_network_policy_every_gateway_gets_through() -> None:
    assert NO_PEER not in notes(values=minimal(**istio(**BY_LABEL), networkPolicy={"enabled": False}))


@pytest.mark.parametrize("policy", [istio, envoy_gateway])
def test_a_namespace_that_was_forgotten_is_warned_of_and_not_repeated_as_if_it_were_right(
    policy: Callable[..., dict[str, Any]],
) -> None:
    given = {"selector": {"a": "b"}} if policy is istio else {}
    said = notes(values=minimal(**policy(**given, namespace="")))
    assert f"{NO_NAMESPACE}, so the policy is in namespace authz, that of the release" in said
    assert NO_NAMESPACE not in notes(values=minimal(**policy(**given, namespace="authz")))


@pytest.mark.parametrize("name", SITUATIONS)
def test_the_names_of_the_readme_agree(name: str) -> None:
    said = notes([CHART / "ci" / f"{name}-values.yaml"])
    assert NO_PEER not in said
    assert NO_NAMESPACE not in said
