"""What the HTTP listener answers with follows its settings, and those of its dialect where there are none."""

from collections.abc import Mapping

import pytest

from extauthz.config.build import BuiltEngine
from extauthz.config.build_http import BuiltHttp, http_sources
from extauthz.config.schema.sources import Base64DerSource, NginxSource, Rfc9440Source, XfccSource
from extauthz.model.errors import ConfigError
from extauthz.service.served import request_form, served_from
from extauthz.wire.http.dialect import RequestForm
from support.config_site import Site

ANYBODY = "unsafe_any_caller: true"


def built(site: Site, http: str, **sections: str) -> BuiltEngine:
    return site.build(x=f"listen: {{http: {{{http}}}}}", **sections)


def of(site: Site, http: str, **sections: str) -> BuiltHttp:
    found = built(site, http, **sections).http
    assert found is not None
    return found


PRESETS: Mapping[str, object] = {
    "nginx": NginxSource(type="nginx", verify="here"),
    "ingress_nginx": NginxSource(
        type="nginx", header="ssl-client-cert", verify_header="ssl-client-verify", verify="here"
    ),
    "traefik": Base64DerSource(type="base64_der", header="x-forwarded-tls-client-cert", form="comma_list"),
    "caddy": Base64DerSource(type="base64_der", header="x-client-certificate"),
    "haproxy": Base64DerSource(type="base64_der", header="x-ssl-client-cert", chain_header="x-ssl-client-chain"),
    "envoy_http": XfccSource(type="xfcc"),
}


@pytest.mark.parametrize("dialect", PRESETS)
def test_each_dialect_reads_what_its_proxy_writes(dialect: str, site: Site) -> None:
    assert http_sources(built(site, f"dialect: {dialect}, {ANYBODY}").config) == (PRESETS[dialect],)


def test_what_nobody_verifies_here_nginx_must_have_verified(site: Site) -> None:
    config = built(
        site, f"dialect: nginx, {ANYBODY}", trust="trust: {anchors: [pki/root.pem], chain: issuer_name}"
    ).config
    assert http_sources(config) == (NginxSource(type="nginx", verify="success"),)


def test_own_sources_stand_in_the_place_of_the_dialect(site: Site) -> None:
    config = built(site, f"dialect: nginx, sources: [{{type: rfc9440}}], {ANYBODY}").config
    assert http_sources(config) == (Rfc9440Source(type="rfc9440"),)


def test_without_a_listener_there_are_none(site: Site) -> None:
    one = site.build()
    assert (one.http, http_sources(one.config)) == (None, ())


def test_each_listener_reads_its_own_sources_and_nothing_else(site: Site) -> None:
    one = built(site, f"dialect: nginx, {ANYBODY}")
    assert one.http is not None
    assert "x-ssl-client-cert" not in one.engine.wanted_headers
    assert "x-ssl-client-cert" in one.http.engine.wanted_headers
    assert one.http.engine.trust is one.engine.trust


def test_without_sources_there_is_only_http(site: Site) -> None:
    one = built(site, f"dialect: nginx, {ANYBODY}", sources="")
    assert one.http is not None
    assert one.engine is one.http.engine
    served = served_from(one)
    assert served.grpc is None
    assert served.http is not None
    assert served.view.sources == ("nginx",)


def test_a_grpc_listener_without_sources_is_a_mistake(site: Site) -> None:
    text = f"listen: {{grpc: {{}}, http: {{dialect: nginx, {ANYBODY}}}}}"
    (problem,) = site.problems(sources="", x=text)
    assert "listen.grpc: is only there with `sources`" in problem


def test_callers_are_compiled(site: Site) -> None:
    site.write("secret.txt", "0123456789abcdef\n").chmod(0o600)
    tls = "tls: {cert: pki/leaf.pem, key: pki/leaf.key, client_ca: pki/root.pem}"
    kinds = "addresses: [10.0.0.0/8], clients: ['dns:a.example'], secret: {header: x-s, file: secret.txt}"
    rules = of(site, f"dialect: nginx, callers: {{{kinds}}}, {tls}").callers
    assert [str(one) for one in rules.networks] == ["10.0.0.0/8"]
    assert rules.clients is not None
    assert (rules.secret_header, rules.secret, rules.unix_users) == (b"x-s", b"0123456789abcdef", None)
    users = of(site, "dialect: nginx, address: 'unix:/run/x.sock', callers: {unix_users: [1, 2]}").callers
    assert users.unix_users == frozenset({1, 2})


@pytest.mark.parametrize(
    ("settings", "form"),
    [
        ("", RequestForm(method="x-original-method", host="x-original-host", path="x-original-uri")),
        ("method_header: m", RequestForm(method="m", host="x-original-host", path="x-original-uri")),
        ("host_header: h, path_header: p", RequestForm(method="x-original-method", host="h", path="p")),
        ("url_header: u", RequestForm(method="x-original-method", url="u")),
    ],
)
def test_headers_of_ones_own_stand_in_the_place_of_those_of_the_dialect(
    settings: str, form: RequestForm, site: Site
) -> None:
    request = f"request: {{{settings}}}, " if settings else ""
    assert request_form(of(site, f"dialect: nginx, {request}{ANYBODY}").settings) == form


def test_single_headers_take_the_place_of_a_url(site: Site) -> None:
    one = of(site, f"dialect: ingress_nginx, request: {{host_header: h, path_header: p}}, {ANYBODY}")
    assert request_form(one.settings) == RequestForm(method="x-original-method", host="h", path="p")


def test_any_caller_is_warned_of(site: Site) -> None:
    warnings = [str(one) for one in built(site, f"dialect: nginx, {ANYBODY}").warnings]
    assert any("listen.http.unsafe_any_caller: true lets whoever can connect" in one for one in warnings)


def test_what_can_never_hold_over_http_is_warned_of(site: Site) -> None:
    policies = (
        "policies: [{name: a, when: {sni: [a.example]}, require: {token_binding: required}}, "
        "{name: b, when: {context: {k: v}}, require: {}}]"
    )
    warnings = [str(one) for one in built(site, f"dialect: nginx, {ANYBODY}", sources="", policies=policies).warnings]
    for expected in (
        "policies[0].when.sni: is never told over HTTP: 'a' never matches there, and a later policy decides",
        "policies[0].require.token_binding: required: no verified token is forwarded over HTTP, so 'a' always denies",
        "policies[1].when.context: is never told over HTTP: 'b' never matches there, and a later policy decides",
    ):
        assert any(expected in one for one in warnings), expected


def test_two_listeners_need_two_addresses(site: Site) -> None:
    text = f"listen: {{grpc: {{address: '127.0.0.1:1'}}, http: {{address: '127.0.0.1:1', dialect: nginx, {ANYBODY}}}}}"
    with pytest.raises(ConfigError, match=r"listen\.http\.address: must not be the address of `listen\.grpc`"):
        site.build(x=text)
