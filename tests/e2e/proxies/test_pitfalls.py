"""What docs/proxies.md warns of is so: each line of the examples is there for a reason."""

import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from textwrap import indent

import pytest

from extauthz.headers import DEFAULT_PREFIX
from support import frames
from support.proxies import raw_http2
from support.proxies.caddy import Caddy
from support.proxies.cast import Cast
from support.proxies.envoy import EnvoyGrpc, EnvoyHttp
from support.proxies.example import EXAMPLES, rewrite
from support.proxies.forgeries import FORGED
from support.proxies.haproxy import Haproxy
from support.proxies.http2_upstream import Http2Upstream
from support.proxies.nginx import Nginx
from support.proxies.raw import RawClient
from support.proxies.site import Outcome, Site
from support.proxies.traefik import Traefik

UPN = f"{DEFAULT_PREFIX}upn"
Ask = Callable[..., Outcome]


def test_a_location_of_nginx_with_a_header_of_its_own_inherits_none(changed: Callable[..., Site], cast: Cast) -> None:
    own = {"proxy_pass http://application;     #": "proxy_set_header X-Mine a; proxy_pass http://application;     #"}
    outcome = changed(Nginx, "nginx.conf", own).ask(cast.clients["alice"], headers=[(UPN, FORGED)])
    assert outcome.status == 200
    assert outcome.header_lines(UPN) == [FORGED]


def test_nginx_without_its_verdict_is_not_believed(changed: Callable[..., Site], cast: Cast) -> None:
    site = changed(Nginx, "nginx.conf", {"proxy_set_header X-Ssl-Client-Verify $ssl_client_verify;": ""})
    assert site.ask(cast.clients["alice"]).reasons == ("source_untrusted",)


def test_nginx_without_error_page_refuses_what_has_expired_by_itself(changed: Callable[..., Site], cast: Cast) -> None:
    site = changed(Nginx, "nginx.conf", {"error_page 495 = @application;": ""})
    outcome = site.ask(cast.clients["expired"])
    assert (outcome.status, outcome.reasons, outcome.arrived) == (400, (), None)


def test_traefik_that_does_not_trust_takes_the_certificate_away(changed: Callable[..., Site], cast: Cast) -> None:
    site = changed(Traefik, "routes.yaml", {"trustForwardHeader: true": "trustForwardHeader: false"})
    assert site.ask(cast.clients["alice"]).reasons == ("no_certificate",)


def test_traefik_asks_about_the_certificate_that_came_before(changed: Callable[..., Site], cast: Cast) -> None:
    order = {"[forged, certificate, extauthz, spent]": "[forged, extauthz, certificate, spent]"}
    assert changed(Traefik, "routes.yaml", order).ask(cast.clients["alice"]).reasons == ("no_certificate",)


def test_traefik_that_believes_clients_believes_their_certificates(changed: Callable[..., Site], cast: Cast) -> None:
    trusting = {'address: "127.0.0.1:8443"': 'address: "127.0.0.1:8443"\n    forwardedHeaders: {insecure: true}'}
    site = changed(Traefik, "traefik.yaml", trusting)
    outcome = site.ask(cast.clients["alice"], "/ops/x", headers=[("X-Forwarded-Uri", "/public")])
    assert outcome.reasons == ("allowed",)


def test_pem_of_caddy_fits_into_no_header(changed: Callable[..., Site], cast: Cast) -> None:
    site = changed(Caddy, "Caddyfile", {"certificate_der_base64": "certificate_pem"})
    outcome = site.ask(cast.clients["alice"])
    assert (outcome.status, outcome.reasons, outcome.arrived) == (502, (), None)


def test_a_client_of_caddy_could_name_the_identity_as_hop_by_hop(changed: Callable[..., Site], cast: Cast) -> None:
    site = changed(Caddy, "Caddyfile", {"request_header @hop -Connection": ""})
    name = f"{DEFAULT_PREFIX}cn"
    outcome = site.ask(cast.clients["alice"], headers=[("Connection", f"keep-alive, {name}")])
    assert outcome.status == 200
    assert outcome.header_lines(name) == []


@pytest.mark.parametrize(
    "broken", ['error("a defect")', "return", "while true do end"], ids=["an error", "nothing done", "no end"]
)
def test_a_script_of_haproxy_that_fails_lets_nobody_in(changed: Callable[..., Site], cast: Cast, broken: str) -> None:
    begin = 'core.register_action("extauthz", { "http-req" }, function(txn)\n'
    site = changed(Haproxy, "extauthz.lua", {begin: f"{begin}    if true then {broken} end\n"})
    outcome = site.ask(cast.clients["alice"])
    assert (outcome.status, outcome.reasons, outcome.arrived) == (503, (), None)


def test_haproxy_that_does_not_look_whether_the_script_ended_lets_anybody_in(
    changed: Callable[..., Site], cast: Cast, tmp_path: Path
) -> None:
    def edit(directory: Path) -> None:
        rewrite(directory / "haproxy.cfg", {"http-request deny deny_status 503 unless": "# unless"})
        begin = 'core.register_action("extauthz", { "http-req" }, function(txn)\n'
        rewrite(directory / "extauthz.lua", {begin: f'{begin}    if true then error("a defect") end\n'})

    folder = tmp_path / "unguarded"
    folder.mkdir()
    with Site(Haproxy, folder, cast.pki, edit=edit, revocation=None) as site:
        outcome = site.ask(None)
    assert outcome.arrived is not None


@pytest.mark.parametrize("http2", [False, True], ids=["HTTP/1.1", "HTTP/2"])
def test_haproxy_that_takes_bodies_of_any_length_hands_on_trailers(
    changed: Callable[..., Site], cast: Cast, *, http2: bool
) -> None:
    rule = "http-request return status 411 unless"
    site = changed(Haproxy, "haproxy.cfg", {rule: "# unless"})
    assert send_trailer(site, cast, http2=http2) == 200
    (arrived,) = site.upstream.all
    assert arrived.trailers == [(UPN, FORGED)]


@pytest.mark.parametrize("http2", [False, True], ids=["HTTP/1.1", "HTTP/2"])
def test_haproxy_wants_to_know_the_length_of_a_body(changed: Callable[..., Site], cast: Cast, *, http2: bool) -> None:
    site = changed(Haproxy, "haproxy.cfg", {})
    assert send_trailer(site, cast, http2=http2) == 411
    assert not site.decisions()
    assert not site.upstream.all


def send_trailer(site: Site, cast: Cast, *, http2: bool) -> int | None:
    server_ca, credentials = cast.pki.directory / "root.pem", cast.clients["alice"].credentials
    if http2:
        block = frames.block([(UPN.encode(), FORGED.encode())])
        trailer = partial(frames.headers, block=block, end=True)
        return raw_http2.send(site.proxy.port, (), trailer, server_ca=server_ca, credentials=credentials)
    client = RawClient(site.proxy.port, server_ca=server_ca, credentials=credentials)
    lines = ("GET / HTTP/1.1", "Host: localhost", "Transfer-Encoding: chunked", "", "0", f"{UPN}: {FORGED}", "", "")
    return client.send("\r\n".join(lines).encode())


HTTP2 = """
    typed_extension_protocol_options:
      envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
        "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
        explicit_http_config: {http2_protocol_options: {}}
"""


@pytest.mark.parametrize("removed", [False, True], ids=["as it comes", "with the filter of docs/envoy.md"])
def test_envoy_hands_on_trailers_to_an_upstream_in_http2(tmp_path: Path, cast: Cast, *, removed: bool) -> None:
    with Http2Upstream() as upstream:

        class ToHttp2(EnvoyGrpc):
            def render(self, *, extauthz: str, upstream: str, more: Sequence[int]) -> None:
                del upstream
                super().render(extauthz=extauthz, upstream=f"127.0.0.1:{there}", more=more)

        def edit(directory: Path) -> None:
            changes = {"  - name: upstream\n": f"  - name: upstream{HTTP2}"}
            if removed:
                changes["          http_filters:\n"] = f"          http_filters:\n{documented_filter()}"
            rewrite(directory / "envoy.yaml", changes)

        there = upstream.port
        with Site(ToHttp2, tmp_path, cast.pki, edit=edit, revocation=None) as site:
            assert send_trailer(site, cast, http2=True) == 200
        assert upstream.arrived == [() if removed else ((UPN.encode(), FORGED.encode()),)]


def documented_filter() -> str:
    """Return the filter of docs/envoy.md as an item of the list of filters."""
    page = (EXAMPLES.parent / "docs" / "envoy.md").read_text()
    (block,) = re.findall(
        r"^# envoy: http filter\n(name: envoy.filters.http.header_mutation\n.*?)^```", page, re.MULTILINE | re.DOTALL
    )
    return indent(indent(block, "  ").replace("  name", "- name", 1), " " * 10)


def test_envoy_over_http_sends_no_header_that_is_not_named(changed: Callable[..., Site], cast: Cast) -> None:
    site = changed(EnvoyHttp, "envoy.yaml", {"                - {exact: x-forwarded-client-cert}\n": ""})
    assert site.ask(cast.clients["alice"]).reasons == ("no_certificate",)
