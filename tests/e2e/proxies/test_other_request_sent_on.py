"""What the doctor calls forgeable or changed is so: where an example is changed, not what was decided goes on.

Alice may not ask for ``/ops/x``, and anything else is allowed to her.
"""

from collections.abc import Callable

import pytest

from support.proxies.caddy import Caddy
from support.proxies.cast import Cast
from support.proxies.nginx import Nginx
from support.proxies.proxy import Proxy
from support.proxies.raw import RawClient
from support.proxies.site import Site
from support.proxies.traefik import Traefik

OTHER = b"GET https://localhost/ HTTP/1.1\r\nHost: other.example\r\nConnection: close\r\n\r\n"
STRIP = "  middlewares:\n    strip: {stripPrefix: {prefixes: [/public]}}\n    forged:"
ORDER = "[forged, certificate, extauthz, spent]"


@pytest.mark.parametrize(("variable", "decided"), [("$http_host", "other.example"), ("$host", "localhost")])
def test_the_header_of_a_client_is_not_the_host_that_nginx_goes_by(
    changed: Callable[..., Site], cast: Cast, variable: str, decided: str
) -> None:
    site = changed(Nginx, "nginx.conf", {"X-Original-Host $host;": f"X-Original-Host {variable};"})
    credentials = cast.clients["alice"].credentials
    client = RawClient(site.proxy.port, server_ca=cast.pki.directory / "root.pem", credentials=credentials)
    assert client.send(OTHER) == 200
    (line,) = site.decisions()
    (arrived,) = site.upstream.all
    assert line["host"] == decided
    assert [value for name, value in arrived.headers if name.lower() == "host"] == ["localhost"]


def test_the_uri_of_nginx_is_that_of_the_question(changed: Callable[..., Site], cast: Cast) -> None:
    site = changed(Nginx, "nginx.conf", {"X-Original-Uri $request_uri;": "X-Original-Uri $uri;"})
    outcome = site.ask(cast.clients["alice"], "/ops/x")
    assert (outcome.reasons, arrived_at(site)) == (("allowed",), "/ops/x")


@pytest.mark.parametrize(
    ("kind", "file", "changes"),
    [
        (
            Nginx,
            "nginx.conf",
            {
                "location / {\n            proxy_pass http://application;": (
                    "location /public/ {\n            proxy_pass http://application/;"
                )
            },
        ),
        (
            Nginx,
            "nginx.conf",
            {
                "            proxy_pass http://application;     #": (
                    "            rewrite ^/public(.*) $1 break; proxy_pass http://application;     #"
                )
            },
        ),
        (Traefik, "routes.yaml", {"  middlewares:\n    forged:": STRIP, ORDER: ORDER.replace("]", ", strip]")}),
        (Caddy, "Caddyfile", {"\t\treverse_proxy 127": "\t\turi strip_prefix /public\n\t\treverse_proxy 127"}),
    ],
    ids=["proxy_pass", "rewrite", "traefik", "caddy"],
)
def test_a_path_that_is_changed_after_the_decision_is_not_the_one_that_was_decided_on(
    changed: Callable[..., Site], cast: Cast, kind: type[Proxy], file: str, changes: dict[str, str]
) -> None:
    site = changed(kind, file, changes)
    outcome = site.ask(cast.clients["alice"], "/public/ops/x")
    assert (outcome.reasons, arrived_at(site)) == (("allowed",), "/ops/x")


@pytest.mark.parametrize(
    ("kind", "file", "changes"),
    [
        (Traefik, "routes.yaml", {"  middlewares:\n    forged:": STRIP, ORDER: ORDER.replace("[", "[strip, ")}),
        (Caddy, "Caddyfile", {"\t\tforward_auth 127": "\t\turi strip_prefix /public\n\t\tforward_auth 127"}),
    ],
    ids=["traefik", "caddy"],
)
def test_a_path_that_is_changed_before_is_the_one_that_is_decided_on(
    changed: Callable[..., Site], cast: Cast, kind: type[Proxy], file: str, changes: dict[str, str]
) -> None:
    site = changed(kind, file, changes)
    outcome = site.ask(cast.clients["alice"], "/public/ops/x")
    assert outcome.arrived is None
    assert site.decisions()[-1]["path"] == "/ops/x"


def arrived_at(site: Site) -> str:
    return site.upstream.all[-1].target
