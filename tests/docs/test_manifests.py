"""The Kubernetes manifests under examples/ would be accepted as they are, and say the same to one another."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from extauthz.config.build import load_engine
from extauthz.demo.dev_pki import make_dev_pki, write_dev_pki
from support.manifests import (
    EXAMPLES,
    MESH_CONFIG,
    SCHEMAS,
    SETS,
    against,
    configuration_files,
    document,
    documents,
    manifest_files,
    problems,
)
from support.misspelt import misspelt

FILES = [pytest.param(path, id=f"{path.parent.name}-{path.stem}") for path in manifest_files()]
CONFIGURATIONS = [pytest.param(path, id=f"{path.parent.name}-{path.stem}") for path in configuration_files()]
MESH = documents(EXAMPLES / "istio" / MESH_CONFIG)[0]["meshConfig"]
LONGEST_WAIT = timedelta(seconds=1)


@pytest.mark.parametrize("path", FILES)
def test_each_resource_fits_the_schema_of_its_kind(path: Path) -> None:
    resources = documents(path)
    found = zip(resources, problems(resources), strict=True)
    assert {f"{one['kind']} {one['metadata']['name']}": wrong for one, wrong in found if wrong} == {}


@pytest.mark.parametrize("path", FILES)
def test_no_field_of_a_resource_could_be_misspelt(path: Path) -> None:
    changes = [(resource["kind"], *change) for resource in documents(path) for change in misspelt(resource)]
    found = problems([changed for _, changed, _ in changes])
    accepted = [f"{kind}: {place}" for (kind, _, place), wrong in zip(changes, found, strict=True) if not wrong]
    assert changes
    assert accepted == []


def test_the_provider_fits_the_schema_of_the_mesh_configuration() -> None:
    assert against(SCHEMAS["MeshConfig"], MESH) == []
    for changed, place in misspelt(MESH):
        assert against(SCHEMAS["MeshConfig"], changed), place


def test_every_kind_of_the_tables_is_used() -> None:
    used = {f"{one['apiVersion']} {one['kind']}" for path in manifest_files() for one in documents(path)}
    assert set(SCHEMAS) - {"MeshConfig"} <= used


@pytest.mark.parametrize("path", CONFIGURATIONS)
def test_extauthz_accepts_its_file_as_it_is(path: Path, directory: Path) -> None:
    copied = directory / f"{path.parent.name}-{path.name}"
    copied.write_text(path.read_text())
    built = load_engine(copied)
    assert built.warnings == ()


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with a development PKI named ``pki``."""
    made = tmp_path_factory.mktemp("manifests")
    write_dev_pki(make_dev_pki(datetime.now(UTC)), made / "pki")
    return made


@pytest.mark.parametrize("path", CONFIGURATIONS)
def test_extauthz_listens_where_the_service_leads(path: Path) -> None:
    (service,) = [one for one in documents(path.parent / "service.yaml") if one["kind"] == "Service"]
    (port,) = service["spec"]["ports"]
    assert documents(path)[0]["listen"] == {"grpc": {"address": f"0.0.0.0:{port['port']}"}}


@pytest.mark.parametrize("name", SETS)
def test_only_the_gateway_may_reach_extauthz(name: str) -> None:
    service = EXAMPLES / name / "service.yaml"
    policy = document(service, "NetworkPolicy", "extauthz")["spec"]
    assert policy["podSelector"]["matchLabels"] == document(service, "Service", "extauthz")["spec"]["selector"]
    (rule,) = policy["ingress"]
    assert [one["port"] for one in rule["ports"]] == [9191]
    assert all(set(one) == {"namespaceSelector", "podSelector"} for one in rule["from"])
    assert {one["metadata"]["namespace"] for one in documents(service)[1:]} == {"extauthz"}


def test_istio_asks_the_service_and_denies_when_it_does_not_answer() -> None:
    (provider,) = MESH["extensionProviders"]
    asked = provider["envoyExtAuthzGrpc"]
    assert (asked["service"], asked["port"]) == ("extauthz.extauthz.svc.cluster.local", 9191)
    assert (asked["failOpen"], asked["statusOnError"]) == (False, "503")
    assert seconds(asked["timeout"]) <= LONGEST_WAIT


@pytest.mark.parametrize("path", [EXAMPLES / "istio" / "gateway.yaml", EXAMPLES / "gateway-api" / "route.yaml"])
def test_istio_asks_about_every_request_of_the_gateway(path: Path) -> None:
    policy = document(path, "AuthorizationPolicy", "extauthz")
    (provider,) = MESH["extensionProviders"]
    assert policy["spec"]["provider"]["name"] == provider["name"]
    assert (policy["spec"]["action"], policy["spec"]["rules"]) == ("CUSTOM", [{}])
    beside = path.with_name("gateway.yaml")
    name = {"istio": "web", "gateway-api": "edge"}[path.parent.name]
    gateway = document(beside, "Gateway", name)
    assert policy["metadata"]["namespace"] == gateway["metadata"]["namespace"]
    if "selector" in policy["spec"]:
        assert policy["spec"]["selector"]["matchLabels"] == gateway["spec"]["selector"]
    else:
        assert [one["name"] for one in policy["spec"]["targetRefs"]] == [name]


def test_the_sidecar_trusts_the_gateway_alone_to_have_written_an_element() -> None:
    allowed = document(EXAMPLES / "istio" / "sidecar.yaml", "AuthorizationPolicy", "only-the-gateway")["spec"]
    (rule,) = allowed["rules"]
    (principal,) = rule["from"][0]["source"]["principals"]
    (source,) = documents(EXAMPLES / "istio" / "extauthz-sidecar.yaml")[0]["sources"]
    assert source["by"] == [f"spiffe://{principal}"]
    mode = document(EXAMPLES / "istio" / "sidecar.yaml", "PeerAuthentication", "strict")["spec"]["mtls"]["mode"]
    assert (allowed["action"], mode) == ("ALLOW", "STRICT")


def test_envoy_gateway_forwards_the_certificate_and_denies_when_extauthz_does_not_answer() -> None:
    path = EXAMPLES / "envoy-gateway" / "gateway.yaml"
    gateway = document(path, "Gateway", "edge")
    traffic = document(path, "ClientTrafficPolicy", "client-certificates")
    security = document(path, "SecurityPolicy", "extauthz")
    for policy in (traffic, security):
        assert policy["metadata"]["namespace"] == gateway["metadata"]["namespace"]
        assert [one["name"] for one in policy["spec"]["targetRefs"]] == ["edge"]
    forwarded = traffic["spec"]["headers"]["xForwardedClientCert"]
    # Its API server refuses details with any mode that does not write the header.
    assert forwarded == {"mode": "SanitizeSet", "certDetailsToAdd": ["Cert", "Chain"]}
    asked = security["spec"]["extAuth"]
    assert asked["failOpen"] is False
    assert "headersToExtAuth" not in asked
    assert seconds(asked["timeout"]) <= LONGEST_WAIT


def test_envoy_gateway_may_name_the_service_of_another_namespace() -> None:
    folder = EXAMPLES / "envoy-gateway"
    security = document(folder / "gateway.yaml", "SecurityPolicy", "extauthz")
    (backend,) = security["spec"]["extAuth"]["grpc"]["backendRefs"]
    grant = document(folder / "service.yaml", "ReferenceGrant", "extauthz")
    assert grant["metadata"]["namespace"] == backend["namespace"]
    (source,), (target,) = grant["spec"]["from"], grant["spec"]["to"]
    assert (source["kind"], source["namespace"]) == (security["kind"], security["metadata"]["namespace"])
    assert source["group"] == security["apiVersion"].partition("/")[0]
    assert (target["kind"], target["name"]) == ("Service", backend["name"])


def test_contour_asks_the_service_and_denies_when_it_does_not_answer() -> None:
    path = EXAMPLES / "contour" / "proxy.yaml"
    extension = document(path, "ExtensionService", "extauthz")
    assert extension["spec"]["services"] == [{"name": "extauthz", "port": 9191}]
    assert extension["spec"]["protocol"] == "h2c"
    host = document(path, "HTTPProxy", "web")["spec"]["virtualhost"]
    assert host["authorization"]["extensionRef"] == extension["metadata"]
    assert host["authorization"]["failOpen"] is False
    assert seconds(host["authorization"]["responseTimeout"]) <= LONGEST_WAIT
    assert host["tls"]["clientValidation"] == {"caSecret": "client-ca"}


def test_the_context_of_contours_route_selects_a_policy() -> None:
    routes = document(EXAMPLES / "contour" / "proxy.yaml", "HTTPProxy", "web")["spec"]["routes"]
    contexts = [route["authPolicy"]["context"] for route in routes if "authPolicy" in route]
    policies = documents(EXAMPLES / "contour" / "extauthz.yaml")[0]["policies"]
    assert contexts == [policy["when"]["context"] for policy in policies if policy["when"]]


def test_both_gateways_of_the_standard_ask_for_a_certificate() -> None:
    folder = EXAMPLES / "gateway-api"
    option = document(folder / "gateway.yaml", "Gateway", "edge")["spec"]
    standard = document(folder / "gateway-frontend.yaml", "Gateway", "edge")["spec"]
    assert option["listeners"][0]["tls"].pop("options") == {"gateway.istio.io/tls-terminate-mode": "MUTUAL"}
    assert standard.pop("tls")["frontend"]["default"]["validation"]["mode"] == "AllowValidOnly"
    assert option == standard


def seconds(text: str) -> timedelta:
    """Read a duration of the manifests."""
    number = text.rstrip("ms")
    return timedelta(milliseconds=float(number)) if text.endswith("ms") else timedelta(seconds=float(number))
