"""The middlewares of the README, in a real Traefik, have the real service asked and hand on what it says.

A file takes the place of the cluster: each resource stands in it with its spec as it is, and Secrets are files.
"""

import json
import os
from collections.abc import Iterator, Mapping
from functools import cache
from http import HTTPStatus
from typing import Any, Final

import httpx
import pytest

from extauthz.demo.process import ManagedProcess
from support.chart_installed import Ask, Install, Installed, policies_of_the_values_decide, server_secret
from support.chart_readme_blocks import own_manifests
from support.chart_walkthrough import SPACE, named
from support.edge_pki import Client, EdgePki
from support.helm import CHART, HELM4, render
from support.https_client import Answer, HeaderLines, HttpsClient
from support.proxies.example import free_ports
from support.proxies.proxy import START_TIMEOUT, packaged
from support.upstream import Upstream

WEB: Final = "web.example.com"


@cache
def route() -> Mapping[str, Any]:
    (found,) = named(own_manifests("ingress"), "IngressRoute", "catalog")["spec"]["routes"]
    return dict(found)


@pytest.fixture(scope="module")
def behind_traefik(install: Install, authority: EdgePki) -> Installed:
    (certificate,) = render(HELM4, [CHART / "ci" / "ingress-values.yaml"]).of("Certificate")
    root = (authority.directory / "root.pem").read_bytes()
    names = [*certificate["spec"]["dnsNames"], "localhost"]
    return install("ingress", extauthz_tls={**server_secret(authority, "extauthz", names), "ca.crt": root})


def middlewares(authority: EdgePki, service: str) -> Mapping[str, Any]:
    """Return the README's, with the service and the Secrets where they are on this machine."""
    found = {one["metadata"]["name"]: one["spec"] for one in own_manifests("ingress") if one["kind"] == "Middleware"}
    text = json.dumps(found)
    assert text.count(f"extauthz.{SPACE}.svc:9192") == 1
    made: Any = json.loads(text.replace(f"extauthz.{SPACE}.svc:9192", service))
    asked = made["extauthz"]["forwardAuth"]
    assert asked["tls"] == {"caSecret": "traefik-client", "certSecret": "traefik-client"}
    (name,) = named(own_manifests("ingress"), "Certificate", "traefik-client")["spec"]["dnsNames"]
    server_secret(authority, "traefik", [name])
    here = authority.directory
    asked["tls"] = {"ca": str(here / "root.pem"), "cert": str(here / "traefik.pem"), "key": str(here / "traefik.key")}
    return dict(made)


def dynamic(authority: EdgePki, service: str, upstream: int) -> Mapping[str, Any]:
    server_secret(authority, "web", [WEB])
    option = named(own_manifests("ingress"), "TLSOption", "client-certificates")
    tls = named(own_manifests("ingress"), "IngressRoute", "catalog")["spec"]["tls"]
    files = {"certFile": str(authority.directory / "web.pem"), "keyFile": str(authority.directory / "web.key")}
    return {
        "tls": {"certificates": [files], "options": {option["metadata"]["name"]: option["spec"]}},
        "http": {
            "routers": {
                "web": {
                    "entryPoints": ["websecure"],
                    "rule": route()["match"],
                    "middlewares": [one["name"] for one in route()["middlewares"]],
                    "service": "web",
                    "tls": {"options": tls["options"]["name"]},
                }
            },
            "middlewares": middlewares(authority, service),
            "services": {"web": {"loadBalancer": {"servers": [{"url": f"http://127.0.0.1:{upstream}"}]}}},
        },
    }


@pytest.fixture(scope="module")
def ask(behind_traefik: Installed, authority: EdgePki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Return what sends a request of a client through Traefik."""
    here = tmp_path_factory.mktemp("traefik")
    (port,) = free_ports(1)
    service = f"localhost:{behind_traefik.service.http_address.rpartition(':')[2]}"

    def request(client: Client | None, target: str = "/", headers: HeaderLines = ()) -> Answer:
        connection = HttpsClient(
            port,
            server_ca=authority.directory / "root.pem",
            credentials=None if client is None else client.credentials,
            http2=False,
            sni=WEB,
        )
        with connection:
            return connection.request(target, host=WEB, headers=headers)

    def answers() -> bool | None:
        try:
            return request(None).status != HTTPStatus.NOT_FOUND or None
        except httpx.TransportError:
            return None

    with Upstream() as upstream:
        (here / "dynamic.yaml").write_text(json.dumps(dynamic(authority, service, upstream.port)))
        static = {
            "global": {"checkNewVersion": False, "sendAnonymousUsage": False},
            "entryPoints": {"websecure": {"address": f"127.0.0.1:{port}"}},
            "providers": {"file": {"filename": str(here / "dynamic.yaml")}},
        }
        (here / "traefik.yaml").write_text(json.dumps(static))
        command = [packaged("traefik"), f"--configFile={here / 'traefik.yaml'}"]
        with ManagedProcess("traefik", command, here / "log", environment={**os.environ}) as process:
            process.wait_for(answers, timeout=START_TIMEOUT, what="it is not ready")
            yield request


def test_the_policies_of_the_values_decide(ask: Ask, alice: Client, bob: Client, stranger: Client) -> None:
    policies_of_the_values_decide(ask, alice, bob, stranger)


def test_the_application_gets_the_identity_and_nothing_that_a_client_forged(ask: Ask, alice: Client) -> None:
    forged = [
        ("X-Client-Cert-Cn", "root"),
        ("X-Client-Cert-Upn", "root@example.com"),
        ("X_Client_Cert_Edipi", "1"),
        ("X-Ssl-Client-Cert", "forged"),
        ("X-Forwarded-Client-Cert", "forged"),
    ]
    answer = ask(alice, headers=forged)
    assert answer.identity_headers()["X-Client-Cert-Cn"] == "alice"
    values = [value for _, value in answer.upstream_headers]
    assert not {value for _, value in forged} & set(values)
    assert "x-forwarded-tls-client-cert" not in {name.lower() for name, _ in answer.upstream_headers}
