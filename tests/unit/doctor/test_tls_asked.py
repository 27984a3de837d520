"""TLS of the question: each proxy that asks over HTTP, against each kind of listener."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from extauthz.doctor import tls_asked
from extauthz.doctor.code import Code
from extauthz.doctor.examine import Given
from extauthz.doctor.tls_asked import Tls
from support import doctor_caddy, doctor_nginx, doctor_traefik
from support.config_site import Site
from support.doctor import Json, codes, findings, replaced, write

URL: Final = "://127.0.0.1:9192/check"
TLS: Final = ", tls: {cert: pki/leaf.pem, key: pki/leaf.key%s}"
LISTENERS: Final = {
    "none": "",
    "any client": TLS % "",
    "own clients": TLS % ", client_ca: pki/root.pem",
}
"""The TLS of the listener, by whom it lets connect."""
PROXIES: Final = ("traefik", "traefik resource", "nginx", "nginx group", "caddy", "caddy automate")
WITH: Final = Code.CONFIG_ASKED_WITH_TLS
WITHOUT: Final = Code.CONFIG_ASKED_WITHOUT_TLS
ANONYMOUS: Final = Code.CONFIG_ASKED_WITHOUT_CERTIFICATE


def traefik(spoken: Tls, directory: Path, certificate: Json) -> Given:
    it = doctor_traefik.fine()
    ask = doctor_traefik.ask(it)
    ask["address"] = ("http" if spoken is Tls.NONE else "https") + URL
    ask["tls"] = {"ca": "ca.pem", **(certificate if spoken is Tls.MUTUAL else {})}
    return Given(traefik=[write(directory / "traefik.yaml", json.dumps(it))])


def nginx(spoken: Tls, directory: Path, *, group: bool) -> Given:
    url = ("http" if spoken is Tls.NONE else "https") + ("://extauthz/check" if group else URL)
    certificate = "proxy_ssl_certificate a.pem; proxy_ssl_certificate_key a.key;" if spoken is Tls.MUTUAL else ""
    text = replaced(doctor_nginx.FINE, f"proxy_pass http{URL};", f"proxy_pass {url}; {certificate}")
    if group:
        text = text.replace("http {", "http { upstream extauthz { server 127.0.0.1:9192; }", 1)
    return Given(nginx=write(directory / "nginx.conf", text))


def caddy(spoken: Tls, directory: Path, certificate: Json) -> Given:
    it = doctor_caddy.fine()
    tls = {} if spoken is Tls.NONE else {"tls": certificate if spoken is Tls.MUTUAL else {}}
    doctor_caddy.ask(it)["transport"] = {"protocol": "http", **tls}
    return Given(caddy=write(directory / "caddy.json", json.dumps(it)))


def given(proxy: str, spoken: Tls, directory: Path) -> Given:
    by_name: dict[str, Callable[[], Given]] = {
        "traefik": lambda: traefik(spoken, directory, {"cert": "a.pem", "key": "a.key"}),
        "traefik resource": lambda: traefik(spoken, directory, {"certSecret": "a"}),
        "nginx": lambda: nginx(spoken, directory, group=False),
        "nginx group": lambda: nginx(spoken, directory, group=True),
        "caddy": lambda: caddy(spoken, directory, {"client_certificate_file": "a", "client_certificate_key_file": "b"}),
        "caddy automate": lambda: caddy(spoken, directory, {"client_certificate_automate": "a.example"}),
    }
    return by_name[proxy]()


def sections(dialect: str, listener: str) -> dict[str, str]:
    callers = "callers: {addresses: [127.0.0.1]}"
    return {"sources": "", "listen": f"listen: {{http: {{dialect: {dialect}, {callers}{LISTENERS[listener]}}}}}"}


@pytest.mark.parametrize("proxy", PROXIES)
@pytest.mark.parametrize(
    "fit",
    [
        ("none", Tls.NONE, []),
        ("none", Tls.ANONYMOUS, [WITH]),
        ("none", Tls.MUTUAL, [WITH]),
        ("any client", Tls.NONE, [WITHOUT]),
        ("any client", Tls.ANONYMOUS, []),
        ("any client", Tls.MUTUAL, []),
        ("own clients", Tls.NONE, [WITHOUT]),
        ("own clients", Tls.ANONYMOUS, [ANONYMOUS]),
        ("own clients", Tls.MUTUAL, []),
    ],
)
def test_tls_on_one_side_alone_is_found(
    site: Site, tmp_path: Path, proxy: str, fit: tuple[str, Tls, list[Code]]
) -> None:
    listener, spoken, finds = fit
    wired = sections(proxy.partition(" ")[0], listener)
    assert codes(findings(site, given(proxy, spoken, tmp_path), wired)) == finds


@pytest.mark.parametrize("proxy", PROXIES)
def test_a_listener_for_another_proxy_is_not_compared(site: Site, tmp_path: Path, proxy: str) -> None:
    wired = sections("haproxy", "own clients")
    assert codes(findings(site, given(proxy, Tls.NONE, tmp_path), wired)) == [Code.CONFIG_HTTP_OTHER_DIALECT]


@pytest.mark.parametrize(
    ("proxy", "place"),
    [
        ("traefik", "traefik.yaml: http.middlewares.ask.forwardAuth.address asks in plaintext"),
        ("nginx", "nginx.conf:17 asks in plaintext"),
        ("caddy", "handle[0].upstreams asks in plaintext"),
    ],
)
def test_the_finding_has_the_place_in_either_file(site: Site, tmp_path: Path, proxy: str, place: str) -> None:
    (found,) = findings(site, given(proxy, Tls.NONE, tmp_path), sections(proxy, "any client"))
    assert found.detail.endswith(place)
    assert found.path == "listen.http.tls"
    assert found.line > 0


def test_another_protocol_than_http_says_nothing_about_tls(site: Site, tmp_path: Path) -> None:
    it = doctor_caddy.fine()
    doctor_caddy.ask(it)["transport"] = {"protocol": "fastcgi"}
    path = write(tmp_path / "caddy.json", json.dumps(it))
    assert codes(findings(site, Given(caddy=path), sections("caddy", "own clients"))) == []


@pytest.mark.parametrize(
    ("scheme", "expected"),
    [("https", Tls.MUTUAL), ("grpcs", Tls.MUTUAL), ("http", Tls.NONE), ("grpc", Tls.NONE), ("", Tls.UNKNOWN)],
)
def test_a_scheme_says_whether_there_is_tls(scheme: str, expected: Tls) -> None:
    assert tls_asked.tls_of(scheme, certificate=True) is expected
