"""The chart's README: made of its files, and with manifests that would be accepted as they are and fit one another."""

from typing import Final

import pytest
from chart_readme import PAGE, page

from extauthz.headers import DEFAULT_PREFIX, EMITTED
from support.chart_readme_blocks import TITLES, Block, blocks, manifests, own_manifests, section, yaml_blocks
from support.chart_schema import problems
from support.chart_values import MINIMAL
from support.chart_walkthrough import RELEASE, installed, named
from support.custom_resources import is_defined
from support.helm import CHART, NEW, SITUATIONS, render
from support.manifest_fields import schemas
from support.manifests import against
from support.misspelt import misspelt

README: Final = PAGE.read_text(encoding="utf-8")
NGINX: Final = "nginx.ingress.kubernetes.io/"
LONGEST: Final = 130
"""Columns of a command: what is longer is broken."""


def test_it_is_what_the_files_make_of_it() -> None:
    assert page(README) == README, "run `make docs`"


@pytest.mark.parametrize("situation", SITUATIONS)
def test_each_situation_has_its_values_there(situation: str) -> None:
    values = (CHART / "ci" / f"{situation}-values.yaml").read_text(encoding="utf-8")
    assert values in section(TITLES[situation])


@pytest.mark.parametrize("situation", SITUATIONS)
def test_the_values_name_the_image_that_the_commands_push(situation: str) -> None:
    (pushed,) = [one for block in blocks(README) for one in block.text.splitlines() if one.startswith("docker push")]
    (container,) = named(installed(situation), "Deployment", RELEASE)["spec"]["template"]["spec"]["containers"]
    assert pushed == f"docker push {container['image']}"
    assert container["image"].rpartition(":")[2] == render(values=MINIMAL).container["image"].rpartition(":")[2]


@pytest.mark.parametrize("block", yaml_blocks(), ids=lambda one: one.file)
def test_every_block_of_yaml_is_manifests_or_the_values_of_istiod(block: Block) -> None:
    assert block.file, "say what to save it as"
    assert all(set(one) >= {"apiVersion", "kind", "metadata"} for one in block.documents) or set(
        block.documents[0]
    ) == {"meshConfig"}


def test_an_api_server_takes_each_manifest() -> None:
    found = zip(manifests(), problems(manifests(), NEW), strict=True)
    assert {f"{one['kind']} {one['metadata']['name']}": wrong for one, wrong in found if wrong} == {}


def test_no_field_of_a_custom_resource_could_be_misspelt() -> None:
    customs = [one for one in manifests() if is_defined(one)]
    changes = [(one["kind"], *change) for one in customs for change in misspelt(one)]
    found = problems([changed for _, changed, _ in changes], NEW)
    assert {one["kind"] for one in customs} >= {"IngressRoute", "Middleware", "TLSOption"}
    assert [f"{kind}: {place}" for (kind, _, place), wrong in zip(changes, found, strict=True) if not wrong] == []


def test_no_command_is_wider_than_a_screen() -> None:
    consoles = [block for block in blocks(README) if block.language == "console"]
    assert [line for block in consoles for line in block.text.splitlines() if len(line) > LONGEST] == []


def test_istio_knows_the_provider_that_the_chart_names() -> None:
    (mesh,) = [one["meshConfig"] for block in yaml_blocks() for one in block.documents if "meshConfig" in one]
    assert against(schemas()["MeshConfig"], mesh) == []
    rendered = installed("istio")
    asks = named(rendered, "AuthorizationPolicy", RELEASE)["spec"]
    (provider,) = mesh["extensionProviders"]
    assert provider["name"] == asks["provider"]["name"]
    (port,) = named(rendered, "Service", RELEASE)["spec"]["ports"]
    asked = provider["envoyExtAuthzGrpc"]
    assert (asked["service"], asked["port"]) == (f"extauthz.{RELEASE}.svc.cluster.local", port["port"])
    assert (asked["failOpen"], asked["statusOnError"]) == (False, "503")
    gateway = named(manifests(), "Gateway", "catalog")
    assert gateway["spec"]["selector"] == asks["selector"]["matchLabels"]
    assert f"helm upgrade --install istio-{gateway['spec']['selector']['istio']} gateway" in README


def test_envoy_gateway_forwards_what_the_values_read() -> None:
    usual = named(installed("envoy-gateway"), "SecurityPolicy", RELEASE)
    traffic = named(manifests(), "ClientTrafficPolicy", "client-certificates")
    assert traffic["spec"]["targetRefs"] == usual["spec"]["targetRefs"]
    assert traffic["metadata"]["namespace"] == usual["metadata"]["namespace"]
    assert traffic["spec"]["headers"]["xForwardedClientCert"] == {
        "mode": "SanitizeSet",
        "certDetailsToAdd": ["Cert", "Chain"],
    }


def test_a_route_of_envoy_gateway_chooses_a_policy_of_the_values() -> None:
    rendered = installed("envoy-gateway")
    other = named(manifests(), "SecurityPolicy", "extauthz-payments")
    assert other["spec"]["extAuth"] == {
        **named(rendered, "SecurityPolicy", RELEASE)["spec"]["extAuth"],
        "statusOnError": 503,
        "contextExtensions": [{"name": "policy", "type": "Value", "value": "payments"}],
    }
    config = render(files=[CHART / "ci" / "envoy-gateway-values.yaml"]).config
    assert config["policies"][0]["when"] == {"context": {"policy": "payments"}}
    (source,) = named(manifests(), "ReferenceGrant", "extauthz-storefront")["spec"]["from"]
    assert source["namespace"] == other["metadata"]["namespace"]


def test_traefik_asks_where_the_service_listens() -> None:
    rendered = installed("ingress")
    (port,) = named(rendered, "Service", RELEASE)["spec"]["ports"]
    asked = named(manifests(), "Middleware", "extauthz")["spec"]["forwardAuth"]
    assert asked["address"] == f"https://extauthz.{RELEASE}.svc:{port['port']}/check"
    assert f"extauthz.{RELEASE}.svc" in named(rendered, "Certificate", RELEASE)["spec"]["dnsNames"]
    assert asked["trustForwardHeader"] is True
    (route,) = named(manifests(), "IngressRoute", "catalog")["spec"]["routes"]
    assert [one["name"] for one in route["middlewares"]] == ["forged", "certificate", "extauthz", "spent"]


def test_ingress_nginx_asks_where_the_service_listens_and_copies_every_identity_header() -> None:
    (port,) = named(installed("ingress-nginx"), "Service", RELEASE)["spec"]["ports"]
    said = named(manifests(), "Ingress", "catalog")["metadata"]["annotations"]
    assert said[f"{NGINX}auth-url"] == f"https://extauthz.{RELEASE}.svc.cluster.local:{port['port']}/check"
    names = said[f"{NGINX}auth-response-headers"].lower().split(",")
    assert names == [f"{DEFAULT_PREFIX}{suffix}" for suffix in EMITTED]
    assert said[f"{NGINX}auth-tls-verify-client"] == "optional_no_ca"
    assert said[f"{NGINX}auth-tls-pass-certificate-to-upstream"] == "true"
    config = render(files=[CHART / "ci" / "ingress-nginx-values.yaml"]).config
    header = config["listen"]["http"]["callers"]["secret"]["header"]
    assert f"create configmap extauthz-caller --from-file={header}=" in section(TITLES["ingress-nginx"])


def test_no_namespace_gets_certificates_of_the_internal_ca_but_those_that_have_an_issuer_with_it() -> None:
    """From a ClusterIssuer every namespace would: cert-manager approves by default."""
    charts = [one for situation in SITUATIONS for one in installed(situation)]
    certificates = [one for one in [*manifests(), *charts] if one["kind"] == "Certificate"]
    assert {one["spec"]["issuerRef"]["kind"] for one in certificates} == {"Issuer"}
    assert "ClusterIssuer" not in {one["kind"] for one in manifests()}
    assert {one["metadata"]["namespace"] for one in manifests() if one["kind"] == "Issuer"} == {
        "extauthz",
        "storefront",
    }


def test_no_key_or_secret_is_left_behind_or_readable_by_others() -> None:
    """Of the cluster: those of `dev-pki` and for the check are throw-away ones."""
    written = set()
    for block in blocks(README):
        commands = [line.partition(" #")[0].strip() for line in block.text.splitlines()]
        for at, (command, _, name) in enumerate(one.rpartition(" > ") for one in commands):
            if block.language == "console" and ("secret" in command or "rand" in command) and "/" not in name:
                written.add(name)
                assert "umask 077" in commands[:at], name
                assert any(one.startswith("rm ") and name in one.split() for one in commands[at:]), name
    assert written == {"internal-ca.crt", "internal-ca.key", "caller-secret.txt"}


def test_no_ingress_of_another_namespace_leads_to_the_application() -> None:
    (install,) = [
        block.text for block in blocks(section(TITLES["ingress-nginx"])) if "--install ingress-nginx" in block.text
    ]
    assert "--set controller.extraArgs.disable-svc-external-name=true" in install


@pytest.mark.parametrize("situation", [one for one in SITUATIONS if one != "envoy-sidecar"])
def test_the_application_lets_in_the_same_proxies_as_extauthz(situation: str) -> None:
    (ours,) = [one for one in installed(situation) if one["kind"] == "NetworkPolicy"]
    (theirs,) = [one for one in own_manifests(situation) if one["kind"] == "NetworkPolicy"]
    (rule,) = theirs["spec"]["ingress"]
    assert rule["from"] == ours["spec"]["ingress"][0]["from"][: len(rule["from"])]
    assert all(set(one) == {"namespaceSelector", "podSelector"} for one in rule["from"])


def test_the_envoys_own_names_are_those_that_may_ask() -> None:
    config = render(files=[CHART / "ci" / "envoy-sidecar-values.yaml"]).config
    assert config["listen"]["grpc"]["tls"]["allowed_clients"] == ["dns:*.envoys.example"]
    for name in ("catalog-envoy", "extauthz-test-client"):
        (dns,) = named(own_manifests("envoy-sidecar"), "Certificate", name)["spec"]["dnsNames"]
        assert dns.endswith(".envoys.example")


def test_the_pods_beside_an_envoy_are_of_a_namespace_that_may_ask() -> None:
    (policy,) = [one for one in installed("envoy-sidecar") if one["kind"] == "NetworkPolicy"]
    asked = policy["spec"]["ingress"][0]["from"][0]["namespaceSelector"]["matchLabels"]
    (namespace,) = [one for one in own_manifests("envoy-sidecar") if one["kind"] == "Namespace"]
    assert namespace["metadata"]["labels"] == asked
