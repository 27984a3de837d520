"""On the HTTP listener a header is the identity, so whoever may not ask is refused before anything is read."""

import os
import ssl
from collections.abc import Sequence

import pytest

from support.http_proxy import HttpProxy, certificate_of, http_listener, logged
from support.service import RealService, eventually
from support.service_site import Site, StartService


def refused(service: RealService, site: Site, *headers: tuple[str, str]) -> bool:
    """Ask with a good certificate; say whether the caller is refused, and nothing else."""
    before = len(site.decisions())
    with HttpProxy(service.http_address) as proxy:
        answer = proxy.ask(*headers, *certificate_of(site, "alice"))
    line = logged(site, before + 1)
    assert (answer.status == 403) == (line["reason"] == "caller_not_allowed")
    if answer.status == 403:
        assert (line["sources"], line["policy"]) == ([], "")
        labels = {"decision": "deny", "reason": "caller_not_allowed", "policy": "", "api": "http"}
        assert service.metric("extauthz_checks_total", **labels)
    return answer.status == 403


@pytest.mark.parametrize(("network", "is_refused"), [("127.0.0.0/8", False), ("10.0.0.0/8", True), ("::1", True)])
def test_an_address(network: str, is_refused: bool, start: StartService, site: Site) -> None:
    service = start(listen=http_listener(callers={"addresses": [network]}))
    assert refused(service, site) is is_refused


def test_a_secret(start: StartService, site: Site) -> None:
    (site.folder / "secret.txt").write_text("0123456789abcdef\n")
    service = start(listen=http_listener(callers={"secret": {"file": "secret.txt"}}))
    assert refused(service, site)
    assert refused(service, site, ("x-extauthz-secret", "0123456789abcdeX"))
    assert not refused(service, site, ("x-extauthz-secret", "0123456789abcdef"))


def test_a_new_secret_counts_as_soon_as_its_file_changes(start: StartService, site: Site) -> None:
    secret = site.folder / "secret.txt"
    secret.write_text("0123456789abcdef\n")
    service = start(listen=http_listener(callers={"secret": {"file": "secret.txt"}}))
    secret.write_text("fedcba9876543210\n")
    new = ("x-extauthz-secret", "fedcba9876543210")
    eventually(lambda: True if not refused(service, site, new) else None, "the new secret being asked for")
    assert refused(service, site, ("x-extauthz-secret", "0123456789abcdef"))


@pytest.mark.parametrize(("offset", "is_refused"), [(0, False), (1, True)])
def test_a_user_on_a_unix_socket(offset: int, is_refused: bool, start: StartService, site: Site) -> None:
    callers = {"unix_users": [os.getuid() + offset]}
    service = start(listen=http_listener(address=f"unix:{site.folder}/http.sock", callers=callers))
    assert refused(service, site) is is_refused
    assert (site.folder / "http.sock").stat().st_mode & 0o777 == 0o660


@pytest.mark.parametrize(
    ("names", "status"), [(["dns:gateway.example"], 200), (["dns:other.example"], 403)], ids=["named", "not named"]
)
def test_a_certificate_of_its_own(names: Sequence[str], status: int, start: StartService, site: Site) -> None:
    pki = site.pki.directory
    gateway = site.pki.client("gateway", dns=["gateway.example"])
    tls = {"cert": str(pki / "server.pem"), "key": str(pki / "server.key"), "client_ca": str(pki / "root.pem")}
    service = start(listen=http_listener(callers={"clients": list(names)}, tls=tls))
    context = ssl.create_default_context(cafile=pki / "root.pem")
    context.load_cert_chain(gateway.credentials.certificate, gateway.credentials.key)
    with HttpProxy(service.http_address, context) as proxy:
        assert proxy.ask(*certificate_of(site, "alice")).status == status


def test_whoever_has_no_certificate_of_its_own_gets_no_connection(start: StartService, site: Site) -> None:
    pki = site.pki.directory
    tls = {"cert": str(pki / "server.pem"), "key": str(pki / "server.key"), "client_ca": str(pki / "root.pem")}
    service = start(listen=http_listener(callers={"clients": ["dns:gateway.example"]}, tls=tls))
    context = ssl.create_default_context(cafile=pki / "root.pem")
    with (
        HttpProxy(service.http_address, context) as proxy,
        pytest.raises((ssl.SSLError, ConnectionError, AssertionError)),
    ):
        proxy.ask(*certificate_of(site, "alice"))
    assert site.decisions() == []


def test_a_listener_that_does_not_say_who_may_ask_does_not_start(start: StartService, site: Site) -> None:
    listen = http_listener()
    del listen["http"]["unsafe_any_caller"]
    service = start(wait=False, listen=listen)
    assert service.wait() == 2
    assert any("needs to know who may ask: for a proxy on this machine" in line for line in service.stderr())


def test_a_listener_that_names_everybody_without_calling_it_so_does_not_start(start: StartService) -> None:
    listen = http_listener()
    del listen["http"]["unsafe_any_caller"]
    listen["http"]["callers"] = {"addresses": ["0.0.0.0/0", "::/0"]}
    service = start(wait=False, listen=listen)
    assert service.wait() == 2
    assert any("keeps nobody out" in line and "unsafe_any_caller" in line for line in service.stderr())
