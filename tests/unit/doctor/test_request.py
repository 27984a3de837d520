from base64 import b64encode
from urllib.parse import quote

import pytest

from extauthz.doctor.code import Code
from extauthz.doctor.examine import Given
from extauthz.model.request import AuthRequest
from support.config_site import Site, shared_pki
from support.doctor import codes, findings

XFCC = "x-forwarded-client-cert"
LEAF = shared_pki().leaf
PEM = quote(LEAF.pem.decode(), safe="")
BASE64 = b64encode(LEAF.der).decode()
PEER_ONLY = {"sources": "sources: [{type: envoy_peer}]"}


def captured(**headers: str) -> Given:
    lines = {name.replace("_", "-"): (value,) for name, value in headers.items()}
    return Given(request=AuthRequest(headers=lines), request_file="r.json")


@pytest.mark.parametrize(
    "request_",
    [AuthRequest(source_certificate=PEM), AuthRequest(headers={XFCC: (f'Cert="{PEM}"',)})],
    ids=["attribute", "header"],
)
def test_nothing_is_found_when_a_source_has_the_certificate(site: Site, request_: AuthRequest) -> None:
    assert findings(site, Given(request=request_, request_file="r.json")) == []


def test_a_request_without_any_certificate_is_found(site: Site) -> None:
    (found,) = findings(site, captured(accept="*/*"))
    assert (found.code, found.file) == (Code.REQUEST_NO_CERTIFICATE, "r.json")


def test_a_certificate_that_is_refused_is_found_with_its_reason(site: Site) -> None:
    (found,) = findings(site, captured(x_forwarded_client_cert="Subject=x"))
    assert found.code == Code.REQUEST_CERTIFICATE_REFUSED
    assert found.detail.startswith("certificate_not_forwarded: xfcc: ")


@pytest.mark.parametrize(
    ("name", "value", "source"),
    [
        (XFCC, f'Hash=00;Cert="{PEM}"', "{type: xfcc}"),
        ("x-ssl-client-cert", PEM, "{type: nginx, header: x-ssl-client-cert}"),
        ("x-cert", LEAF.pem.decode().splitlines()[0], "{type: nginx, header: x-cert}"),
        ("x-amzn-mtls-clientcert", PEM, "{type: aws_alb, mode: passthrough}"),
        ("x-amzn-mtls-clientcert-leaf", PEM, "{type: aws_alb, mode: verify}"),
        ("x-amzn-mtls-clientcert-other", PEM, "{type: nginx, header: x-amzn-mtls-clientcert-other}"),
        ("client-cert", f":{BASE64}:", "{type: rfc9440}"),
        ("x-client-certificate", BASE64, "{type: base64_der, header: x-client-certificate, form: single}"),
        (
            "x-forwarded-tls-client-cert",
            f"{BASE64},{BASE64}",
            "{type: base64_der, header: x-forwarded-tls-client-cert, form: comma_list}",
        ),
    ],
)
def test_a_header_that_looks_like_a_certificate_is_named_with_the_source_that_reads_it(
    site: Site, name: str, value: str, source: str
) -> None:
    found = findings(site, Given(request=AuthRequest(headers={name: (value,)}), request_file="r.json"), PEER_ONLY)
    assert [(one.code, one.path, one.detail) for one in found] == [
        (Code.REQUEST_NO_CERTIFICATE, "", ""),
        (Code.REQUEST_OTHER_HEADER, f"headers.{name}", source),
    ]
    if source.startswith("{"):
        site.build(sources=f"sources: [{source}]")  # raises for what is no source


@pytest.mark.parametrize(
    "value",
    [
        "By=spiffe://a;URI=spiffe://b",
        b64encode(b"0\x03abc").decode(),
        b64encode(bytes(200)).decode(),
        "Bearer " + BASE64,
        ":not base64:",
        "",
    ],
)
def test_what_looks_like_none_is_not_named(site: Site, value: str) -> None:
    found = findings(site, captured(x_other=value))
    assert codes(found) == [Code.REQUEST_NO_CERTIFICATE]


def test_the_attribute_is_named_where_it_is_not_read(site: Site) -> None:
    given = Given(request=AuthRequest(source_certificate=PEM), request_file="r.json")
    found = findings(site, given, {"sources": "sources: [{type: xfcc}]"})
    assert [(one.code, one.path, one.detail) for one in found] == [
        (Code.REQUEST_NO_CERTIFICATE, "", ""),
        (Code.REQUEST_OTHER_HEADER, "source_certificate", "{type: envoy_peer}"),
    ]


def test_the_sources_of_the_http_listener_count_too(site: Site) -> None:
    listen = "listen: {http: {dialect: nginx, callers: {addresses: [127.0.0.1]}}}"
    given = captured(x_ssl_client_cert=PEM, x_ssl_client_verify="SUCCESS")
    assert findings(site, given, {"listen": listen}) == []
