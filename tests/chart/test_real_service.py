"""What the chart renders starts the real service, which answers a real Envoy; a changed ConfigMap is followed."""

import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from support.chart_installed import Install, Installed, server_secret
from support.edge_pki import Client, EdgePki
from support.envoy_bootstrap import HttpEdge
from support.helm import CHART, HELM4, render
from support.https_client import Credentials, HttpsClient
from support.service import eventually

SEEN_BY_ISTIO: Final = {"subject": True, "cert": True, "dns": False, "uri": False}
SEEN_BY_ENVOY_GATEWAY: Final = {"cert": True, "chain": True}


@pytest.fixture(scope="module")
def behind_istio(install: Install) -> Installed:
    return install("istio", {"crls": [{"configMap": "client-crls"}]})


@pytest.fixture(scope="module")
def istio(behind_istio: Installed) -> Callable[..., int]:
    """Return an Envoy that is set up as Istio's gateways are."""
    return behind_istio.envoy(HttpEdge(peer_certificate=False, tls_session=False, details=SEEN_BY_ISTIO))


def test_behind_an_istio_gateway_the_policies_decide(istio: Callable[..., int], alice: Client, bob: Client) -> None:
    assert istio(alice, "/ops/x") == 200
    assert istio(bob, "/ops/x") == 403
    assert istio(bob, "/") == 200
    assert istio(alice, "/", host="other.example.com") == 403


def test_behind_an_istio_gateway_an_unknown_issuer_is_denied(istio: Callable[..., int], stranger: Client) -> None:
    assert istio(stranger) == 403


def test_a_revocation_counts_as_soon_as_the_kubelet_writes_it(
    behind_istio: Installed, istio: Callable[..., int], authority: EdgePki
) -> None:
    """The swap of ``..data`` is all that happens: no signal, no reload asked for, no new process."""
    mallory = authority.client("mallory")
    before = behind_istio.service.pid
    assert istio(mallory) == 200
    behind_istio.pod.change("client-crls", {"issuing.crl": authority.crl(mallory.leaf, number=2)})
    eventually(lambda: istio(mallory) == 403 or None, "the revocation")
    assert behind_istio.service.running
    assert behind_istio.service.pid == before


def test_a_changed_configuration_counts_and_a_wrong_one_does_not(
    behind_istio: Installed, istio: Callable[..., int], bob: Client
) -> None:
    good = behind_istio.pod.here(behind_istio.rendered.config_text)
    assert good.count("- web.example.com") == 2
    behind_istio.pod.change("extauthz", {"extauthz.yaml": good.replace("web.example.com", "new.example.com").encode()})
    eventually(lambda: istio(bob, host="new.example.com") == 200 or None, "the new policy")
    assert istio(bob) == 403
    behind_istio.pod.change("extauthz", {"extauthz.yaml": good.replace("sources:", "source:").encode()})
    failed = ("extauthz_config_reloads_total", "failure")
    eventually(lambda: behind_istio.service.metric(failed[0], result=failed[1]) or None, "the failed reload")
    assert istio(bob, host="new.example.com") == 200, "the last good configuration stays"


def said(done: Mapping[str, "subprocess.CompletedProcess[str]"]) -> Mapping[str, tuple[int, str]]:
    """Return the exit status and the output of each container."""
    return {name: (one.returncode, one.stdout) for name, one in done.items()}


def test_the_hook_of_helm_test_passes(behind_istio: Installed, tmp_path: Path) -> None:
    assert said(behind_istio.test_hook(tmp_path)) == {"grpc": (0, "SERVING\nDENIED\n")}


def test_the_probes_find_the_service(behind_istio: Installed) -> None:
    container = behind_istio.rendered.container
    for kind in ("startupProbe", "livenessProbe"):
        assert behind_istio.service.get(container[kind]["httpGet"]["path"]).status == 200
    assert container["readinessProbe"]["grpc"]["service"] == "envoy.service.auth.v3.Authorization"


def test_state_is_kept_where_the_pod_may_write(behind_istio: Installed) -> None:
    state = behind_istio.pod.path("/var/lib/extauthz/state")
    assert (state / "last-seen.json").exists()
    assert state.stat().st_mode & 0o777 == 0o700


def test_behind_envoy_gateway_the_chain_comes_along(
    install: Install, alice: Client, bob: Client, stranger: Client
) -> None:
    ask = install("envoy-gateway").envoy(HttpEdge(peer_certificate=False, details=SEEN_BY_ENVOY_GATEWAY))
    assert (ask(alice), ask(bob)) == (200, 200)
    assert ask(stranger) == 403, "there is no CRL of its issuer"


def test_traefiks_question_is_answered_and_nobody_elses(
    install: Install, authority: EdgePki, alice: Client, stranger: Client, tmp_path: Path
) -> None:
    (certificate,) = render(HELM4, [CHART / "ci" / "ingress-values.yaml"]).of("Certificate")
    root = (authority.directory / "root.pem").read_bytes()
    behind = install(
        "ingress",
        extauthz_tls={
            **server_secret(authority, "extauthz-http", [*certificate["spec"]["dnsNames"], "localhost"]),
            "ca.crt": root,
        },
        extauthz_test_client=server_secret(authority, "test-client", ["test.example"]),
    )
    server_secret(authority, "traefik", ["traefik.example"])
    server_secret(authority, "somebody", ["somebody.example"])

    def ask(proxy: str, client: Client) -> int:
        shown = x509.load_pem_x509_certificates(client.credentials.certificate.read_bytes())
        text = ",".join("".join(one.public_bytes(Encoding.PEM).decode().splitlines()[1:-1]) for one in shown)
        headers = [
            ("x-forwarded-method", "GET"),
            ("x-forwarded-host", "web.example.com"),
            ("x-forwarded-uri", "/"),
            ("x-forwarded-tls-client-cert", text),
        ]
        credentials = Credentials(authority.directory / f"{proxy}.pem", authority.directory / f"{proxy}.key")
        connection = HttpsClient(
            int(behind.service.http_address.rpartition(":")[2]),
            server_ca=authority.directory / "root.pem",
            credentials=credentials,
            http2=False,
            sni="localhost",
        )
        with connection:
            return connection.request("/check", headers=headers).status

    assert said(behind.test_hook(tmp_path)) == {"http": (0, "DENIED\n")}
    assert ask("traefik", alice) == 200
    assert ask("traefik", stranger) == 403
    assert ask("somebody", alice) == 403
