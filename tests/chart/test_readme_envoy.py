"""The Envoy of the README, with its files where the pod would have them, asks the real service over mutual TLS."""

import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
from ruamel.yaml import YAML

from support.chart_installed import HOST, Install, Installed, server_secret
from support.chart_pod import write_volume
from support.chart_readme_blocks import own_manifests
from support.chart_walkthrough import named
from support.edge_pki import Client, EdgePki
from support.envoy import RealEnvoy
from support.envoy_bootstrap import CHECK_TIMEOUT
from support.helm import CHART, HELM4, Document, render
from support.service import eventually

FOLDER: Final = "/etc/envoy/"
LOOPBACK: Final = "address: 127.0.0.1, port_value: "
OURS: Final = "catalog.envoys.example"


@cache
def manifests() -> Sequence[Document]:
    return own_manifests("envoy-sidecar")


@cache
def pod() -> Mapping[str, Any]:
    spec: Mapping[str, Any] = named(manifests(), "Deployment", "catalog")["spec"]["template"]["spec"]
    return spec


@cache
def container(name: str) -> Mapping[str, Any]:
    (found,) = [one for one in pod()["containers"] if one["name"] == name]
    return dict(found)


class Beside:
    """The files of the README's Envoy, below a folder, as the kubelet writes them."""

    def __init__(self, folder: Path, installed: Installed, name: str) -> None:
        authority = installed.authority
        root = (authority.directory / "root.pem").read_bytes()
        self._folder = folder
        self._upstream = installed.upstream().port
        self._extauthz = installed.service.grpc_address.rpartition(":")[2]
        self._secrets: dict[str, Mapping[str, bytes]] = {
            "host-tls": {
                "tls.crt": (authority.directory / "server.pem").read_bytes(),
                "tls.key": (authority.directory / "server.key").read_bytes(),
                "ca.crt": root,
            },
            "catalog-envoy": {**server_secret(authority, name, [name]), "ca.crt": root},
        }
        self._written = {
            key: self._here(text) for key, text in named(manifests(), "ConfigMap", "catalog-envoy")["data"].items()
        }
        for mount in container("envoy")["volumeMounts"]:
            write_volume(self._path(mount["mountPath"]), self._files(mount["name"]))

    def _path(self, text: str) -> Path:
        assert f"{text}/".startswith(FOLDER)
        return Path(f"{self._folder}{text}")

    def _here(self, text: str) -> str:
        return text.replace(FOLDER, f"{self._folder}{FOLDER}")

    def _files(self, volume: str) -> Mapping[str, bytes]:
        (source,) = [one for one in pod()["volumes"] if one["name"] == volume]
        if "secret" in source:
            return self._secrets[source["secret"]["secretName"]]
        assert source["configMap"]["name"] == "catalog-envoy"
        return {key: text.encode() for key, text in self._written.items()}

    def renew(self, volume: str, files: Mapping[str, bytes]) -> None:
        """Write other files into a volume."""
        (mount,) = [one for one in container("envoy")["volumeMounts"] if one["name"] == volume]
        write_volume(self._path(mount["mountPath"]), files)

    @property
    def bootstrap(self) -> Mapping[str, Any]:
        """What the container's command names, on free ports, and with names that resolve to nothing here replaced."""
        command = container("envoy")["command"]
        file = command[command.index("--config-path") + 1]
        text = self._path(file).read_text()
        for old, new in {
            "address: 0.0.0.0, port_value: 8443": f"{LOOPBACK}0",
            "port_value: 9901": "port_value: 0",
            "address: extauthz-headless.extauthz.svc, port_value: 9191": f"{LOOPBACK}{self._extauthz}",
            f"{LOOPBACK}8080": f"{LOOPBACK}{self._upstream}",
            "extauthz.extauthz.svc": HOST,
            "timeout: 0.5s": f"timeout: {CHECK_TIMEOUT}",
        }.items():
            assert old in text, old
            text = text.replace(old, new)
        loaded: Mapping[str, Any] = YAML(typ="safe").load(text)
        return loaded


@pytest.fixture(scope="module")
def beside_envoy(install: Install, authority: EdgePki) -> Installed:
    (certificate,) = render(HELM4, [CHART / "ci" / "envoy-sidecar-values.yaml"]).of("Certificate")
    root = (authority.directory / "root.pem").read_bytes()
    return install(
        "envoy-sidecar",
        extauthz_tls={**server_secret(authority, "extauthz", certificate["spec"]["dnsNames"]), "ca.crt": root},
        extauthz_test_client=server_secret(authority, "test", ["test.envoys.example"]),
    )


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory, beside_envoy: Installed) -> Beside:
    return Beside(tmp_path_factory.mktemp("envoy"), beside_envoy, OURS)


@pytest.fixture(scope="module")
def envoy(beside_envoy: Installed, beside: Beside) -> RealEnvoy:
    return beside_envoy.start(beside.bootstrap)


@pytest.fixture(scope="module")
def ask(beside_envoy: Installed, envoy: RealEnvoy, alice: Client) -> Callable[..., int]:
    asking = beside_envoy.asking(envoy)
    eventually(lambda: asking(alice) == 200 or None, "Envoy taking its health check for good")
    return asking


def test_the_policies_of_the_values_decide(ask: Callable[..., int], alice: Client, bob: Client) -> None:
    assert (ask(alice, "/ops/x"), ask(bob, "/ops/x"), ask(bob, "/")) == (200, 403, 200)


def test_a_client_of_an_unknown_issuer_is_denied(ask: Callable[..., int], stranger: Client) -> None:
    assert ask(stranger) == 403


def test_no_answer_is_no_access_and_no_denial(
    install: Install, beside: Beside, beside_envoy: Installed, alice: Client
) -> None:
    made = beside.bootstrap
    (service, *_) = made["static_resources"]["clusters"]
    assert service["name"] == "extauthz"
    (endpoints,) = service["load_assignment"]["endpoints"]
    endpoints["lb_endpoints"][0]["endpoint"]["address"]["socket_address"]["port_value"] = 1
    assert beside_envoy.asking(beside_envoy.start(made))(alice) == 503


def test_a_renewed_certificate_is_shown_without_a_restart(
    ask: Callable[..., int], envoy: RealEnvoy, beside: Beside, authority: EdgePki, alice: Client
) -> None:
    before = shown(envoy, authority, alice)
    renewed = server_secret(authority, "renewed", ["localhost"])
    root = (authority.directory / "root.pem").read_bytes()
    beside.renew("host-tls", {**renewed, "ca.crt": root})
    eventually(lambda: shown(envoy, authority, alice) != before or None, "the renewed certificate")
    assert ask(alice) == 200


def shown(envoy: RealEnvoy, authority: EdgePki, client: Client) -> bytes | None:
    """Return the certificate that Envoy shows, in DER."""
    context = ssl.create_default_context(cafile=str(authority.directory / "root.pem"))
    context.load_cert_chain(client.credentials.certificate, client.credentials.key)
    with (
        socket.create_connection(("127.0.0.1", envoy.ports["https"]), timeout=20) as connection,
        context.wrap_socket(connection, server_hostname="localhost") as tls,
    ):
        return tls.getpeercert(binary_form=True)


def test_an_envoy_of_another_name_is_told_no(tmp_path: Path, beside_envoy: Installed, alice: Client) -> None:
    made = Beside(tmp_path, beside_envoy, "catalog.other.example").bootstrap
    (service, *_) = made["static_resources"]["clusters"]
    del service["health_checks"]  # an Envoy that is not let in would take it for dead, and say 503
    assert beside_envoy.asking(beside_envoy.start(made))(alice) == 403


def test_the_hook_of_helm_test_passes_with_mutual_tls(beside_envoy: Installed, tmp_path: Path) -> None:
    (asked,) = beside_envoy.test_hook(tmp_path).values()
    assert (asked.returncode, asked.stdout) == (0, "SERVING\nDENIED\n"), asked.stderr


def test_the_application_is_behind_the_envoy_alone() -> None:
    """Its server listens on loopback, and the Service leads to Envoy."""
    assert container("application")["command"] == ["python", "-m", "extauthz.demo.upstream", "8080"]
    (port,) = container("envoy")["ports"]
    assert port == {"name": "https", "containerPort": 8443}
    (leads,) = named(manifests(), "Service", "catalog")["spec"]["ports"]
    assert leads["targetPort"] == port["name"]
