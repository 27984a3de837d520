"""Whoever holds places at the HTTP listener without a right to them keeps nobody out who has one."""

import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from extauthz.transport.cause import Cause
from extauthz.transport.http1.limits import STRANGER_SECONDS
from support.edge_pki import EdgePki
from support.h2_peer import Peer
from support.http_proxy import HttpProxy, certificate_of, http_listener
from support.service import RealService, eventually
from support.service_site import Site
from support.strangers import HALF_A_CLIENT_HELLO, PLACES, STRANGERS, Strangers, keeps_its_word, with_few_files

SECRET = ("x-extauthz-secret", "0123456789abcdef")
HALF_A_HEAD = b"GET /check HTTP/1.1\r\nx: "
HALF_A_BODY = b"POST /check HTTP/1.1\r\ncontent-length: 100000\r\n\r\n"
OTHER_ENDS = (Cause.HANDSHAKE, Cause.SLOW_REQUEST, Cause.IDLE, Cause.PROTOCOL_ERROR)
"""Of strangers whom nobody has sent away: their time is up, or what they say little by little is no request."""


@contextmanager
def service_with(site: Site, **settings: object) -> Iterator[RealService]:
    (site.folder / "secret.txt").write_text(SECRET[1])
    site.write(listen=http_listener(**settings))
    with with_few_files(RealService(site.path), listeners=2) as service:
        yield service


def tls(pki: EdgePki, *, client_ca: bool) -> dict[str, str]:
    files = {"cert": str(pki.server.certificate), "key": str(pki.server.key)}
    return {**files, "client_ca": str(pki.directory / "root.pem")} if client_ca else files


def client(pki: EdgePki, name: str | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=pki.directory / "root.pem")
    if name is not None:
        shown = pki.client(name, dns=[f"{name}.example"]).credentials
        context.load_cert_chain(shown.certificate, shown.key)
    return context


def nothing_else_happened(service: RealService) -> None:
    """See to it that strangers had no more than their part, and that each of those sent away was counted as one."""
    assert (service.metric("extauthz_transport_connections") or 0) <= STRANGERS + 2
    # On a slow machine the time of some is up before they would have to go.
    gone = {cause: service.metric("extauthz_transport_closed_total", cause=cause) or 0 for cause in Cause}
    assert gone[Cause.STRANGER] > 0
    assert sum(gone[cause] for cause in (Cause.STRANGER, *OTHER_ENDS)) >= 2 * PLACES - STRANGERS
    assert {cause for cause in gone if gone[cause]} <= {Cause.STRANGER, *OTHER_ENDS}
    assert gone[Cause.HANDSHAKE] or not service.events("a TLS handshake failed"), "to make way is no failure"
    assert [line for line in service.stderr() if "Traceback" in line] == []


@pytest.mark.parametrize("said", [b"", HALF_A_HEAD, HALF_A_BODY], ids=["silent", "half a head", "trickling body"])
def test_a_proxy_that_knows_the_secret_is_answered(said: bytes, site: Site) -> None:
    headers = SECRET, *certificate_of(site, "alice")
    with (
        service_with(site, callers={"secret": {"file": "secret.txt"}}) as service,
        HttpProxy(service.http_address) as before,
        Strangers(service.http_address, said) as strangers,
    ):
        assert before.ask(*headers).status == 200

        def ask() -> bool:
            with HttpProxy(service.http_address) as anew:
                return (before.ask(*headers).status, anew.ask(*headers).status) == (200, 200)

        keeps_its_word(strangers, ask)
        nothing_else_happened(service)


def test_over_tls_a_certificate_alone_makes_nobody_known_where_a_secret_is_asked_for_too(site: Site) -> None:
    callers = {"clients": ["dns:gateway.example"], "secret": {"file": "secret.txt"}}
    context = client(site.pki, "gateway")
    with (
        service_with(site, callers=callers, tls=tls(site.pki, client_ca=True)) as service,
        Strangers(service.http_address, b"", context) as strangers,
    ):

        def ask() -> bool:
            with HttpProxy(service.http_address, context) as anew:
                return anew.ask(SECRET, *certificate_of(site, "alice")).status == 200

        keeps_its_word(strangers, ask, rounds=2)
        nothing_else_happened(service)


@pytest.mark.parametrize("said", [b"", HALF_A_CLIENT_HELLO], ids=["no ClientHello", "half a ClientHello"])
@pytest.mark.parametrize("proof", ["secret", "certificate"])
def test_over_tls_a_proxy_is_answered_whoever_never_ends_a_handshake(said: bytes, proof: str, site: Site) -> None:
    by_certificate = proof == "certificate"
    callers = {"clients": ["dns:gateway.example"]} if by_certificate else {"secret": {"file": "secret.txt"}}
    context = client(site.pki, "gateway" if by_certificate else None)
    headers = SECRET, *certificate_of(site, "alice")
    with (
        service_with(site, callers=callers, tls=tls(site.pki, client_ca=by_certificate)) as service,
        HttpProxy(service.http_address, context) as before,
        Strangers(service.http_address, said) as strangers,
    ):
        # A certificate is enough, also of a proxy that has had nothing to ask yet; a secret has to be told.
        assert by_certificate or before.ask(*headers).status == 200

        def ask() -> bool:
            with HttpProxy(service.http_address, context) as anew:
                return anew.ask(*headers).status == 200

        keeps_its_word(strangers, ask)
        assert before.ask(*headers).status == 200
        nothing_else_happened(service)


def test_over_tls_a_proxy_is_answered_whoever_says_nothing_after_the_handshake(site: Site) -> None:
    context = client(site.pki)
    headers = SECRET, *certificate_of(site, "alice")
    with (
        service_with(site, callers={"secret": {"file": "secret.txt"}}, tls=tls(site.pki, client_ca=False)) as service,
        Strangers(service.http_address, b"", context) as strangers,
    ):

        def ask() -> bool:
            with HttpProxy(service.http_address, context) as anew:
                return anew.ask(*headers).status == 200

        keeps_its_word(strangers, ask, rounds=4)
        nothing_else_happened(service)


def test_whoever_takes_all_places_at_one_listener_takes_none_at_the_other(site: Site) -> None:
    """At the gRPC listener without mutual TLS anybody may ask, and so is a stranger no more."""
    headers = SECRET, *certificate_of(site, "alice")
    peer = Peer()
    asks = peer.hello + peer.request(b"")[1]
    with (
        service_with(site, callers={"secret": {"file": "secret.txt"}}) as service,
        Strangers(service.grpc_address, asks) as askers,
        Strangers(service.http_address, b"") as silent,
    ):
        askers.come(3 * PLACES)
        eventually(
            lambda: service.metric("extauthz_transport_closed_total", cause=Cause.TOO_MANY_CONNECTIONS),
            "the gRPC listener being full",
        )
        silent.come(2 * PLACES)
        for _ in range(3):
            with HttpProxy(service.http_address) as proxy:
                assert proxy.ask(*headers).status == 200
        assert service.get("/healthz").status == 200
        assert not service.events("a connection could not be accepted"), "there are files left for everybody"


def test_strangers_are_ended_soon_whatever_they_say_by_and_by(site: Site) -> None:
    with (
        service_with(site, callers={"secret": {"file": "secret.txt"}}) as service,
        Strangers(service.http_address, b"") as silent,
        Strangers(service.http_address, HALF_A_HEAD) as heads,
        Strangers(service.http_address, HALF_A_BODY) as bodies,
    ):
        begun = time.monotonic()
        for strangers in (silent, heads, bodies):
            strangers.come(3)

        def all_gone() -> bool | None:
            heads.trickle(b"x")
            bodies.trickle(b"x")
            return None if service.metric("extauthz_transport_connections") else True

        eventually(all_gone, "the end of the strangers, long before a body's or an idle connection's time is up")
        assert time.monotonic() - begun > STRANGER_SECONDS - 1
        assert len(silent.gone()) == 3
        assert service.metric("extauthz_transport_closed_total", cause=Cause.IDLE) == 3
        assert service.metric("extauthz_transport_closed_total", cause=Cause.SLOW_REQUEST) == 6
