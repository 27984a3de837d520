import pytest

from extauthz.doctor.wiring import CADDY, NGINX, HttpWiring, http_wiring
from support.config_site import Site
from support.doctor import FINE

LISTEN = "listen: {http: {dialect: nginx, callers: {addresses: [127.0.0.1]}%s}}"
ORIGINAL = ("x-original-method", "x-original-host", "x-original-uri")


def wiring(site: Site, more: str = "") -> HttpWiring:
    return http_wiring(site.build(**{**FINE, "listen": LISTEN % more}).config, NGINX)


def test_a_dialect_alone_is_that_of_the_examples(site: Site) -> None:
    assert wiring(site) == HttpWiring(
        certificate_header="x-ssl-client-cert",
        verify_header="x-ssl-client-verify",
        method_header=ORIGINAL[0],
        host_header=ORIGINAL[1],
        path_header=ORIGINAL[2],
        url_header=None,
        prefix="/check",
    )


def test_without_a_listener_it_is_the_usual_dialect_of_the_proxy(site: Site) -> None:
    assert http_wiring(site.build(**FINE).config, NGINX) == wiring(site)


def test_a_listener_for_another_proxy_says_nothing_about_this_one(site: Site) -> None:
    config = site.build(**{**FINE, "listen": LISTEN % ", prefix: /other"}).config
    assert http_wiring(config, CADDY).certificate_header == "x-client-certificate"
    assert http_wiring(config, CADDY).prefix == "/check"


@pytest.mark.parametrize(
    ("source", "header", "verify"),
    [
        ("{type: nginx, header: x-a, verify_header: x-b}", "x-a", "x-b"),
        ("{type: base64_der, header: x-c}", "x-c", None),
        ("{type: rfc9440}", "client-cert", None),
        ("{type: aws_alb, mode: verify}", "x-amzn-mtls-clientcert-leaf", None),
        ("{type: xfcc}", "x-forwarded-client-cert", None),
    ],
)
def test_a_source_brings_its_header(site: Site, source: str, header: str, verify: str | None) -> None:
    found = wiring(site, f", sources: [{source}]")
    assert (found.certificate_header, found.verify_header) == (header, verify)


@pytest.mark.parametrize(
    ("request_", "headers"),
    [
        ("{method_header: x-m}", ("x-m", *ORIGINAL[1:])),
        ("{host_header: x-h, path_header: x-p}", (ORIGINAL[0], "x-h", "x-p")),
        ("{url_header: x-u}", (ORIGINAL[0], "x-u")),
    ],
)
def test_headers_of_the_request_that_are_given_stand_for_those_of_the_dialect(
    site: Site, request_: str, headers: tuple[str, ...]
) -> None:
    assert wiring(site, f", request: {request_}").request_headers == headers
