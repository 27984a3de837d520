"""A reload changes what the HTTP listener answers, never where it listens, and never leaves it with what is old."""

import ssl

import pytest

from support import pki
from support.http_proxy import HttpProxy, certificate_of, http_listener, logged, nginx_headers
from support.mesh import GATEWAY, Mesh, ask
from support.questions import reason
from support.service_site import Site, StartService
from support.workers import replace_workers

SECRET = ("x-extauthz-secret", "0123456789abcdef")


def test_policies_dialect_prefix_and_callers_follow(start: StartService, site: Site) -> None:
    service = start(listen=http_listener())
    certificate = certificate_of(site, "alice")

    def status(*headers: tuple[str, str], target: str = "/check") -> int:
        with HttpProxy(service.http_address) as proxy:
            return proxy.ask(*certificate, *headers, target=target).status

    assert status() == 200
    site.write(listen=http_listener(prefix="/authz", request={"path_header": "x-path"}))
    assert service.reload().status == 200
    assert status() == 404
    assert status(target="/authz") == 403
    assert status(("x-path", "/p"), target="/authz") == 200
    site.write(listen=http_listener(callers={"addresses": ["10.0.0.0/8"]}))
    assert service.reload().status == 200
    assert status() == 403
    assert logged(site, 4)["reason"] == "caller_not_allowed"


def test_a_listener_that_is_taken_away_denies_until_the_restart(start: StartService, site: Site) -> None:
    service = start(listen=http_listener())
    site.write(listen={"grpc": {"address": "127.0.0.1:0"}, "admin": {"address": "127.0.0.1:0"}})
    assert service.reload().status == 200
    with HttpProxy(service.http_address) as proxy:
        assert proxy.ask(*certificate_of(site, "alice")).status == 403
    assert service.event("this setting changes only with a restart")["setting"] == "listen.http"


def test_callers_that_are_meant_for_another_address_wait_for_it(start: StartService, site: Site) -> None:
    service = start(listen=http_listener(callers={"addresses": ["10.9.9.9"]}))
    certificate = certificate_of(site, "alice")
    with HttpProxy(service.http_address) as proxy:
        assert proxy.ask(*certificate).status == 403
    site.write(listen=http_listener(address=f"unix:{site.folder}/http.sock"))  # sound there, and only there
    assert service.reload().status == 200
    assert service.event("who may call stays as it was until a restart")["setting"] == "listen.http.callers"
    with HttpProxy(service.http_address) as proxy:
        assert proxy.ask(*certificate).status == 403
    site.write(listen={"grpc": {"address": "127.0.0.1:0"}, "admin": {"address": "127.0.0.1:0"}})
    assert service.reload().status == 200
    site.write(listen=http_listener(address=f"unix:{site.folder}/http.sock"))
    assert service.reload().status == 200
    with HttpProxy(service.http_address) as proxy:
        assert proxy.ask(*certificate).status == 403, "also on a detour"
    assert logged(site, 3)["reason"] == "caller_not_allowed"


def test_a_worker_that_starts_later_knows_who_may_ask_at_each_listener(start: StartService, site: Site) -> None:
    """One configuration is the last that suits the one listener, another the last that suits the other."""
    mesh = Mesh(site)
    (site.folder / "secret.txt").write_text(SECRET[1])
    by_secret = {"secret": {"file": "secret.txt"}}

    def listen(client_ca: str | None, **http: object) -> dict[str, object]:
        tls = mesh.listen(client_ca=client_ca, **({"allowed_clients": [f"uri:{GATEWAY}"]} if client_ca else {}))
        return {**tls, "http": http_listener(**http)["http"]}

    def answered(*headers: tuple[str, str]) -> int:
        with HttpProxy(service.http_address) as proxy:
            return proxy.ask(*headers, *certificate_of(site, "alice")).status

    service = start(workers=2, listen=listen("mesh-ca.pem", callers={"addresses": ["127.0.0.1"]}))
    assert answered() == 200
    site.write(listen=listen(None, callers=by_secret))
    assert service.reload().status == 200
    site.write(listen=listen(None, address=f"unix:{site.folder}/http.sock"))
    assert service.reload().status == 200
    for _ in range(2):
        assert (answered(), answered(SECRET)) == (403, 200)
        assert reason(ask(service, mesh, mesh.other, site.pki)) == "caller_not_allowed"
        assert reason(ask(service, mesh, mesh.gateway, site.pki)) == "allowed"
        replace_workers(service, *service.workers)


def test_a_client_ca_that_is_meant_for_another_address_waits_for_it(start: StartService, site: Site) -> None:
    mesh = Mesh(site)
    tls = {"cert": "mesh.pem", "key": "mesh.key", "client_ca": "mesh-ca.pem"}
    callers = {"clients": [f"uri:{GATEWAY}"]}
    service = start(listen=http_listener(callers=callers, tls=tls))
    certificate = certificate_of(site, "alice")
    assert mesh.stranger.issuer is not None
    mesh.write("other-ca.pem", mesh.stranger.issuer.pem)
    elsewhere = {**tls, "client_ca": "other-ca.pem"}
    site.write(listen=http_listener(address="127.0.0.2:0", callers=callers, tls=elsewhere))
    assert service.reload().status == 200
    with HttpProxy(service.http_address, mesh.context(mesh.gateway)) as proxy:
        assert proxy.ask(*certificate).status == 200
    with (
        HttpProxy(service.http_address, mesh.context(mesh.stranger)) as proxy,
        pytest.raises((ssl.SSLError, ConnectionError, AssertionError)),
    ):
        proxy.ask(*certificate)


def test_a_caller_is_not_believed_for_what_only_another_proxy_writes(start: StartService, site: Site) -> None:
    service = start(listen=http_listener(callers={"addresses": ["127.0.0.1"]}))
    forged = ("x-ssl-client-cert", pki.base64_text(site.pki.issue("alice").der))
    unix = f"unix:{site.folder}/http.sock"
    site.write(listen=http_listener(address=unix, dialect="haproxy", callers={"unix_users": [0]}))
    assert service.reload().status == 200
    with HttpProxy(service.http_address) as proxy:
        assert proxy.ask(forged).status == 403
    site.write(listen=http_listener(address=unix, callers={"unix_users": [0]}))
    assert service.reload().status == 200
    with HttpProxy(service.http_address) as proxy:
        assert proxy.ask(*certificate_of(site, "alice")).status == 200, "the same proxy is still believed"


def test_a_bad_reload_changes_nothing(start: StartService, site: Site) -> None:
    service = start(listen=http_listener())
    site.write(listen=http_listener(dialect="apache"))
    assert service.reload().status == 422
    with HttpProxy(service.http_address) as proxy:
        assert proxy.ask(*certificate_of(site, "alice")).status == 200


def test_a_revocation_counts_on_a_connection_that_is_open(start: StartService, site: Site) -> None:
    leaf = site.pki.issue("alice")
    crl = site.folder / "issuing.crl"
    crl.write_bytes(site.pki.crl())
    service = start(listen=http_listener(), revocation={"crls": [{"path": str(crl)}]})
    with HttpProxy(service.http_address) as proxy:
        assert proxy.ask(*nginx_headers(leaf.pem)).status == 200
        crl.write_bytes(site.pki.crl(leaf, number=2))
        assert service.reload().status == 200
        assert proxy.ask(*nginx_headers(leaf.pem)).status == 403
    assert logged(site, 2)["reason"] == "revoked"
