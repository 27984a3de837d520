"""The HTTP listener answers as the gRPC listener decides."""

import json

import pytest

from support.http_proxy import HttpProxy, certificate_of, http_listener, logged, nothing_else_logged
from support.questions import question, reason
from support.service import RealService
from support.service_site import Site, StartService


def test_a_good_certificate_gets_in_and_brings_its_identity(start: StartService, site: Site) -> None:
    service = start(listen=http_listener())
    with HttpProxy(service.http_address) as proxy:
        answer = proxy.ask(*certificate_of(site, "alice"))
    assert answer.status == 200
    assert answer.headers["x-client-cert-cn"] == "alice"
    line = logged(site)
    assert (line["api"], line["reason"], line["sources"]) == ("http", "allowed", ["nginx"])
    assert line["decision_id"] == answer.headers["x-extauthz-decision-id"]
    labels = {"decision": "allow", "reason": "allowed", "policy": "everybody", "api": "http"}
    assert service.metric("extauthz_checks_total", **labels) == 1


def test_nobody_gets_in_without_one_and_learns_nothing(start: StartService, site: Site) -> None:
    service = start(listen=http_listener())
    with HttpProxy(service.http_address) as proxy:
        answer = proxy.ask()
    assert (answer.status, json.loads(answer.body)["title"]) == (403, "Forbidden")
    assert not [name for name in answer.headers if name.startswith("x-client-cert-")]
    assert logged(site)["reason"] == "no_certificate"


def test_what_is_the_identity_here_is_a_forgery_over_grpc(start: StartService, site: Site) -> None:
    service = start(listen=http_listener())
    asked = question()
    asked.attributes.request.http.headers.update(certificate_of(site, "alice"))
    assert reason(service.check(asked)) == "no_certificate"


def test_it_can_be_the_only_listener(start: StartService, site: Site) -> None:
    del site.sections["sources"]
    listen = {name: section for name, section in http_listener().items() if name != "grpc"}
    site.write(listen=listen)
    text = json.loads(site.path.read_text())
    del text["listen"]["grpc"]
    site.path.write_text(json.dumps(text))
    with RealService(site.path) as service, HttpProxy(service.http_address) as proxy:
        assert service.grpc_address == ""
        assert proxy.ask(*certificate_of(site, "alice")).status == 200


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", "/check", 200),
        ("POST", "/check", 200),
        ("HEAD", "/check/below?x=1", 200),
        ("DELETE", "/check", 405),
        ("GET", "/checked", 404),
        ("GET", "/", 404),
        ("GET", "/%63heck", 404),
        ("GET", "http://extauthz/check", 404),
        ("OPTIONS", "*", 404),
    ],
)
def test_it_is_asked_at_its_prefix_and_nowhere_else(
    method: str, target: str, status: int, start: StartService, site: Site
) -> None:
    service = start(listen=http_listener())
    with HttpProxy(service.http_address) as proxy:
        assert proxy.ask(*certificate_of(site, "alice"), method=method, target=target).status == status
    assert nothing_else_logged(service, site, int(status == 200))


def test_methods_that_override_are_not_looked_at(start: StartService, site: Site) -> None:
    policies = [{"name": "readers", "when": {"methods": ["GET"]}, "require": {}}]
    service = start(listen=http_listener(), policies=policies)
    certificate = certificate_of(site, "alice")
    with HttpProxy(service.http_address) as proxy:
        override = ("x-http-method-override", "GET"), ("x-method-override", "GET")
        about = ("x-original-method", "DELETE"), ("x-original-host", "a"), ("x-original-uri", "/")
        assert proxy.ask(*about, *override, *certificate, about=False).status == 403
    assert logged(site)["reason"] == "no_policy"


@pytest.mark.parametrize(
    "path",
    ["/a/%2e%2e/admin", "/a/../admin", "/a%2fadmin", "//admin", "/a/./b", "/a;x/admin", "/a\\admin", "http://a/"],
)
def test_a_path_of_two_meanings_is_denied(path: str, start: StartService, site: Site) -> None:
    policies = [{"name": "all", "when": {"paths": ["/**"]}, "require": {}}]
    service = start(listen=http_listener(), policies=policies)
    about = ("x-original-method", "GET"), ("x-original-host", "a"), ("x-original-uri", path)
    with HttpProxy(service.http_address) as proxy:
        assert proxy.ask(*about, *certificate_of(site, "alice"), about=False).status == 403
    assert logged(site)["reason"] == "path_ambiguous"


def test_envoy_is_told_what_to_remove(start: StartService, site: Site) -> None:
    service = start(listen=http_listener(dialect="envoy_http"))
    xfcc = f'Cert="{dict(certificate_of(site, "alice"))["x-ssl-client-cert"]}"'
    with HttpProxy(service.http_address) as proxy:
        answer = proxy.ask(
            ("x-forwarded-client-cert", xfcc),
            ("x_client_cert_upn", "root"),
            method="PATCH",
            target="/check/a",
            about=False,
        )
    assert answer.status == 200
    removed = answer.headers["x-envoy-auth-headers-to-remove"].split(",")
    assert {"x-client-cert-upn", "x_client_cert_upn"} <= set(removed)
    assert (logged(site)["method"], logged(site)["path"]) == ("PATCH", "/a")
