"""What the doctor calls a way past the question is one: a client gets through whom extauthz denies, or never sees."""

import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from extauthz.doctor.code import Code
from extauthz.doctor.examine import Given
from support.doctor import codes, examined, write
from support.proxies.caddy import Caddy
from support.proxies.cast import Cast
from support.proxies.envoy import EnvoyGrpc
from support.proxies.example import rewrite
from support.proxies.haproxy import Haproxy
from support.proxies.nginx import Nginx
from support.proxies.proxy import Proxy, packaged
from support.proxies.site import Site
from support.proxies.traefik import Traefik

FILES: Final[dict[type[Proxy], str]] = {
    Caddy: "Caddyfile",
    EnvoyGrpc: "envoy.yaml",
    Haproxy: "haproxy.cfg",
    Nginx: "nginx.conf",
    Traefik: "routes.yaml",
}
TARGET: Final = "/ops/x"
"""What the policies of the examples allow one unit alone, which is not alice's."""
UPGRADE: Final = [("Connection", "upgrade"), ("Upgrade", "websocket")]
ROUTER: Final = "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"


@dataclass(frozen=True, slots=True)
class Way:
    """One change of an example, and what is found then."""

    kind: type[Proxy]
    changes: dict[str, str]
    finds: Code
    without_service: bool = False
    """Whether extauthz is to be ended first."""
    friend_first: bool = False
    """Whether a client who is allowed asks before."""
    headers: Sequence[tuple[str, str]] = ()


def _caddy(
    changes: dict[str, str],
    finds: Code,
    *,
    without_service: bool = False,
    headers: Sequence[tuple[str, str]] = (),
) -> Way:
    """Return a way of Caddy, with a snippet ``application`` for what serves requests."""
    snippet = {
        "\t\treverse_proxy 127.0.0.1:8080\n": "\t\timport application\n",
        "https://:8443 {\n": "(application) {\n\treverse_proxy 127.0.0.1:8080\n}\nhttps://:8443 {\n",
    }
    return Way(Caddy, {**snippet, **changes}, finds, without_service=without_service, headers=headers)


OPEN: Final = "location = /open { internal; auth_request off; proxy_pass http://application; }"
ASKING: Final = "proxy_pass_request_body off;"
CACHE: Final = "proxy_cache_path cache keys_zone=decisions:1m;"
WAYS: Final[dict[str, Way]] = {
    "an error page of nginx": Way(
        Nginx,
        {
            "location @application {": f"{OPEN} location @application {{",
            "location / {": "location / { error_page 403 /open;",
        },
        Code.NGINX_ERROR_PAGE_OPEN,
    ),
    "an error page of nginx while nobody answers": Way(
        Nginx, {ASKING: f"{ASKING} error_page 502 504 =200 /empty;"}, Code.NGINX_FAILS_OPEN, without_service=True
    ),
    "an error page of nginx for the answer": Way(
        Nginx,
        {ASKING: f"{ASKING} proxy_intercept_errors on; error_page 403 =200 /empty;"},
        Code.NGINX_FAILS_OPEN,
    ),
    "a decision that nginx remembers": Way(
        Nginx,
        {
            "access_log off;": f"access_log off; {CACHE}",
            ASKING: f"{ASKING} proxy_cache decisions; proxy_cache_valid 200 1m;",
        },
        Code.NGINX_DECISION_CACHED,
        friend_first=True,
    ),
    "an answer of nginx to its own question": Way(
        Nginx,
        {ASKING: f"{ASKING} if ($request_method = GET) {{ return 204; }}"},
        Code.NGINX_ANSWERS_ITSELF,
    ),
    "an internal location of nginx": Way(
        Nginx,
        {
            "location @application {": f"{OPEN} location @application {{",
            "location / {": "location = /ops/x { auth_request off; rewrite ^ /open last; } location / {",
        },
        Code.NGINX_AUTH_REQUEST_MISSING,
    ),
    "an error of Caddy": _caddy(
        {"\troute {\n": "\thandle_errors {\n\t\timport application\n\t}\n\troute {\n"},
        Code.CADDY_ERRORS_OPEN,
        without_service=True,
    ),
    "a denial of which Caddy makes nothing": _caddy(
        {
            "\t\t\turi /check\n": "\t\t\turi /check\n\t\t\t@no status 403\n"
            "\t\t\thandle_response @no {\n\t\t\t\tvars a b\n\t\t\t}\n"
        },
        Code.CADDY_DENIAL_SERVED,
    ),
    "a denial that Caddy intercepts": _caddy(
        {
            "\troute {\n": "\tintercept {\n\t\t@no status 403\n\t\thandle_response @no {\n\t\t\timport application\n"
            "\t\t}\n\t}\n\troute {\n"
        },
        Code.CADDY_DENIAL_SERVED,
    ),
    "a page for denials of Traefik": Way(
        Traefik,
        {
            "[forged, certificate, extauthz, spent]": "[page, forged, certificate, extauthz, spent]",
            "    forged:     ": '    page: {errors: {status: ["403"], service: application, query: /}}\n'
            "    forged:     ",
        },
        Code.TRAEFIK_ERRORS_OPEN,
    ),
    "a rule of HAProxy that ends the rules": Way(
        Haproxy,
        {
            "    http-request lua.extauthz\n": "    http-request allow if { path_beg /ops/ }\n"
            "    http-request lua.extauthz\n"
        },
        Code.HAPROXY_ALLOWED_BEFORE,
    ),
    "a runtime of Envoy": Way(
        EnvoyGrpc,
        {
            "static_resources:\n": "layered_runtime: {layers: [{name: own, static_layer: {ext.on: 0}}]}\n"
            "static_resources:\n",
            "failure_mode_allow: false": "filter_enabled: {runtime_key: ext.on, default_value: {numerator: 100}}\n"
            "              failure_mode_allow: false",
        },
        Code.ENVOY_FILTER_PARTLY_ENABLED,
    ),
    "an upgrade of Envoy": Way(
        EnvoyGrpc,
        {
            "normalize_path: true": "normalize_path: true\n          upgrade_configs: [{upgrade_type: websocket, "
            f'filters: [{{name: router, typed_config: {{"@type": {ROUTER}}}}}]}}]'
        },
        Code.ENVOY_UPGRADE_OPEN,
        headers=UPGRADE,
    ),
}

FORGED: Final = [("X-Foo", "admin")]
NAMES: Final[dict[str, Way]] = {
    "a second header of nginx": Way(
        Nginx,
        {"location / {": "location / { include extauthz-identity.conf; proxy_set_header X-Client-Cert-Cn $http_x_foo;"},
        Code.NGINX_IDENTITY_FORGEABLE,
        headers=FORGED,
    ),
    "a header that Caddy sets on the way": _caddy(
        {
            "https://:8443 {\n": "(application) {\n\treverse_proxy 127.0.0.1:8080 {\n"
            "\t\theader_up X-Client-Cert-Cn {http.request.header.X-Foo}\n\t}\n}\nhttps://:8443 {\n"
        },
        Code.CADDY_IDENTITY_OVERWRITTEN,
        headers=FORGED,
    ),
    "a header that HAProxy sets behind the question": Way(
        Haproxy,
        {
            "    http-request lua.extauthz\n": "    http-request lua.extauthz\n"
            "    http-request set-header X-Client-Cert-Cn %[req.hdr(x-foo)]\n"
        },
        Code.HAPROXY_IDENTITY_OVERWRITTEN,
        headers=FORGED,
    ),
    "a header that a route of Envoy sets": Way(
        EnvoyGrpc,
        {
            "route: {cluster: upstream}": "route: {cluster: upstream}\n                request_headers_to_add: "
            '[{header: {key: x-client-cert-cn, value: "%REQ(x-foo)%"}, append_action: OVERWRITE_IF_EXISTS_OR_ADD}]'
        },
        Code.ENVOY_IDENTITY_OVERWRITTEN,
        headers=FORGED,
    ),
}


def given(kind: type[Proxy], here: Path) -> Given:
    """Return what the doctor reads of a changed example."""
    path = here / FILES[kind]
    if kind is Caddy:
        adapted = subprocess.run(
            [packaged("caddy"), "adapt", "--config", path], check=True, capture_output=True, text=True
        )
        return Given(caddy=write(here / "caddy.json", adapted.stdout))
    if kind is Traefik:
        return Given(traefik=[path])
    if kind is Haproxy:
        return Given(haproxy=[path])
    return Given(nginx=path) if kind is Nginx else Given(envoy=path)


def edited(way: Way) -> Callable[[Path], None]:
    return lambda here: rewrite(here / FILES[way.kind], way.changes)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_client_who_is_not_allowed_gets_through_and_the_doctor_says_so(tmp_path: Path, cast: Cast, way: Way) -> None:
    with Site(way.kind, tmp_path, cast.pki, edit=edited(way), revocation=None) as site:
        here = site.proxy.directory
        assert way.finds in codes(examined(here, cast.pki, given(way.kind, here)).findings)
        if way.friend_first:
            assert site.ask(cast.clients["ops"], TARGET).reasons == ("allowed",)
        if way.without_service:
            site.service.close()
        outcome = site.ask(cast.clients["alice"], TARGET, headers=way.headers)
        assert outcome.arrived is not None
        assert "allowed" not in outcome.reasons


@pytest.mark.parametrize("way", NAMES.values(), ids=NAMES)
def test_a_client_who_is_allowed_passes_for_another_and_the_doctor_says_so(
    tmp_path: Path, cast: Cast, way: Way
) -> None:
    with Site(way.kind, tmp_path, cast.pki, edit=edited(way), revocation=None) as site:
        here = site.proxy.directory
        assert way.finds in codes(examined(here, cast.pki, given(way.kind, here)).findings)
        outcome = site.ask(cast.clients["ops"], TARGET, headers=way.headers)
        assert outcome.reasons == ("allowed",)
        assert any("admin" in line for line in outcome.header_lines("x-client-cert-cn"))


def test_an_upgrade_is_decided_where_it_has_no_filters_of_its_own(tmp_path: Path, cast: Cast) -> None:
    """All the other requests here are refused by the examples as they are: other tests show that."""
    allowing = {"normalize_path: true": "normalize_path: true\n          upgrade_configs: [{upgrade_type: websocket}]"}
    way = Way(EnvoyGrpc, allowing, Code.ENVOY_UPGRADE_OPEN)
    with Site(EnvoyGrpc, tmp_path, cast.pki, edit=edited(way), revocation=None) as site:
        here = site.proxy.directory
        assert way.finds not in codes(examined(here, cast.pki, given(EnvoyGrpc, here)).findings)
        outcome = site.ask(cast.clients["alice"], TARGET, headers=UPGRADE)
        assert (len(outcome.reasons), outcome.arrived) == (1, None)
