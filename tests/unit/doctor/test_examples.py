"""Nothing is found in the examples, but for what they mean to do."""

from pathlib import Path

import pytest

from extauthz.doctor.code import Code
from extauthz.doctor.examine import Given
from support.doctor import codes, examined
from support.edge_pki import EdgePki
from support.proxies.example import copy


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> EdgePki:
    return EdgePki(tmp_path_factory.mktemp("pki"))


def test_nothing_is_found_in_the_example_of_nginx(tmp_path: Path, authority: EdgePki) -> None:
    here = copy("nginx", tmp_path, authority)
    examination = examined(here, authority, Given(nginx=here / "nginx.conf"))
    assert examination.findings == []
    (proxy,) = examination.proxies
    assert proxy.files == (str(here / "nginx.conf"), str(here / "extauthz-identity.conf"))


def test_nothing_is_found_in_the_example_of_traefik(tmp_path: Path, authority: EdgePki) -> None:
    here = copy("traefik", tmp_path, authority)
    assert examined(here, authority, Given(traefik=[here / "traefik.yaml", here / "routes.yaml"])).findings == []
    alone = examined(here, authority, Given(traefik=[here / "traefik.yaml"])).findings
    assert codes(alone) == [Code.TRAEFIK_DOES_NOT_ASK]


def test_nothing_is_found_in_the_example_of_haproxy(tmp_path: Path, authority: EdgePki) -> None:
    here = copy("haproxy", tmp_path, authority)
    assert examined(here, authority, Given(haproxy=[here / "haproxy.cfg"])).findings == []


def test_nothing_is_found_in_the_example_of_envoy(tmp_path: Path, authority: EdgePki) -> None:
    here = copy("envoy", tmp_path, authority)
    assert examined(here, authority, Given(envoy=here / "envoy.yaml")).findings == []


def test_envoy_over_http_asks_for_no_certificate_by_choice(tmp_path: Path, authority: EdgePki) -> None:
    here = copy("envoy-http", tmp_path, authority)
    found = examined(here, authority, Given(envoy=here / "envoy.yaml")).findings
    assert codes(found) == [Code.ENVOY_CERTIFICATE_OPTIONAL]


@pytest.mark.parametrize(
    ("config", "policies"), [("extauthz.yaml", "gateway.yaml"), ("extauthz-sidecar.yaml", "sidecar.yaml")]
)
def test_istio_is_let_in_by_a_network_policy_alone(
    tmp_path: Path, authority: EdgePki, config: str, policies: str
) -> None:
    here = copy("istio", tmp_path, authority)
    found = examined(here, authority, Given(istio=[here / "mesh-config.yaml", here / policies]), config).findings
    assert codes(found) == [Code.CONFIG_GRPC_ANY_CALLER]


@pytest.mark.parametrize("gateway", ["gateway.yaml", "gateway-frontend.yaml"])
def test_so_is_a_gateway_of_the_gateway_api(tmp_path: Path, authority: EdgePki, gateway: str) -> None:
    mesh = copy("istio", tmp_path / "istio", authority) / "mesh-config.yaml"
    here = copy("gateway-api", tmp_path, authority)
    found = examined(here, authority, Given(istio=[mesh, here / gateway, here / "route.yaml"])).findings
    assert codes(found) == [Code.CONFIG_GRPC_ANY_CALLER]
