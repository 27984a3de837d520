"""The chart's README: made of its files, and with manifests that would be accepted as they are."""

from typing import Final

import pytest
from chart_readme import PAGE, page
from ruamel.yaml import YAML

from support.chart_readme_blocks import yaml_blocks
from support.chart_schema import problems
from support.custom_resources import is_defined
from support.helm import CHART, HELM4, NEW, SITUATIONS, Document, render
from support.manifest_fields import schemas
from support.manifests import against
from support.misspelt import misspelt

README: Final = PAGE.read_text(encoding="utf-8")
BLOCKS: Final = [list(YAML(typ="safe").load_all(block)) for block in yaml_blocks()]
MANIFESTS: Final[list[Document]] = [one for block in BLOCKS for one in block if "kind" in one]
NAMESPACE: Final = "extauthz"
"""Of the README's commands."""


def test_it_is_what_the_files_make_of_it() -> None:
    assert page(README) == README, "run `make docs`"


@pytest.mark.parametrize("situation", SITUATIONS)
def test_each_situation_has_its_values_there(situation: str) -> None:
    assert (CHART / "ci" / f"{situation}-values.yaml").read_text(encoding="utf-8") in README


def test_an_api_server_takes_each_manifest() -> None:
    found = zip(MANIFESTS, problems(MANIFESTS, NEW), strict=True)
    assert {f"{one['kind']} {one['metadata']['name']}": wrong for one, wrong in found if wrong} == {}


def test_no_field_of_a_custom_resource_could_be_misspelt() -> None:
    customs = [one for one in MANIFESTS if is_defined(one)]
    changes = [(one["kind"], *change) for one in customs for change in misspelt(one)]
    found = problems([changed for _, changed, _ in changes], NEW)
    assert {one["kind"] for one in customs} >= {"IngressRoute", "Middleware", "TLSOption"}
    assert [f"{kind}: {place}" for (kind, _, place), wrong in zip(changes, found, strict=True) if not wrong] == []


def test_istio_knows_the_provider_that_the_chart_names() -> None:
    (mesh,) = [one["meshConfig"] for block in BLOCKS for one in block if "meshConfig" in one]
    assert against(schemas()["MeshConfig"], mesh) == []
    rendered = render(HELM4, [CHART / "ci" / "istio-values.yaml"])
    (provider,) = mesh["extensionProviders"]
    assert provider["name"] == rendered.one("AuthorizationPolicy")["spec"]["provider"]["name"]
    (port,) = rendered.one("Service")["spec"]["ports"]
    asked = provider["envoyExtAuthzGrpc"]
    assert (asked["service"], asked["port"]) == (f"extauthz.{NAMESPACE}.svc.cluster.local", port["port"])
    gateway = named("Gateway", "web")
    assert gateway["spec"]["selector"] == rendered.one("AuthorizationPolicy")["spec"]["selector"]["matchLabels"]


def test_envoy_gateway_forwards_what_the_values_read() -> None:
    rendered = render(HELM4, [CHART / "ci" / "envoy-gateway-values.yaml"])
    traffic = named("ClientTrafficPolicy", "client-certificates")
    assert traffic["spec"]["targetRefs"] == rendered.one("SecurityPolicy")["spec"]["targetRefs"]
    assert traffic["metadata"]["namespace"] == rendered.one("SecurityPolicy")["metadata"]["namespace"]
    other = named("SecurityPolicy", "extauthz-payments")["spec"]["extAuth"]
    usual = rendered.one("SecurityPolicy")["spec"]["extAuth"]
    (backend,) = usual["grpc"]["backendRefs"]
    assert other == {
        **usual,
        "grpc": {"backendRefs": [{**backend, "namespace": NAMESPACE}]},
        "contextExtensions": [{"name": "policy", "type": "Value", "value": "payments"}],
    }
    assert rendered.config["policies"][0]["when"] == {"context": {"policy": "payments"}}


def test_traefik_asks_where_the_service_listens() -> None:
    rendered = render(HELM4, [CHART / "ci" / "ingress-values.yaml"])
    (port,) = rendered.one("Service")["spec"]["ports"]
    asked = named("Middleware", "extauthz")["spec"]["forwardAuth"]
    assert asked["address"] == f"https://extauthz.{NAMESPACE}.svc:{port['port']}/check"
    assert asked["trustForwardHeader"] is True
    (route,) = named("IngressRoute", "web")["spec"]["routes"]
    assert [one["name"] for one in route["middlewares"]] == ["certificate", "extauthz", "spent"]


def named(kind: str, name: str) -> Document:
    (found,) = [one for one in MANIFESTS if one["kind"] == kind and one["metadata"]["name"] == name]
    return found
