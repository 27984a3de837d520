"""A service with something in every part of its status page, in front of which a browser is put."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from extauthz.wire.proto.envoy.service.auth.v3.external_auth_pb2 import CheckRequest
from support import http_answers
from support.edge_pki import EdgePki, now
from support.http_server import HttpServer
from support.pki import DAY, HOUR, SECOND, Leaf
from support.questions import question
from support.service import RealService, eventually
from support.service_site import Site
from support.workers import ask_anew

ALLOWED = 24
MARKUP = "<img src=x onerror=alert(1)>"
"""A common name that a page must show and not become."""


@contextmanager
def showcase(folder: Path) -> Iterator[RealService]:
    """Run a service of two workers that has allowed and denied, reloaded, and lost a server of CRLs."""
    pki = EdgePki(folder / "pki")
    other = pki.authority("Partner CA", not_after=now() + 1000 * DAY)
    pki.write("partner.pem", other.pem)
    alice, mallory = pki.issue("alice"), pki.issue("mallory")
    pki.write("issuing.crl", pki.crl(mallory, *range(1000, 2200), number=417))
    at = now()
    partner_crl = other.crl([], number=3, this_update=at - HOUR, next_update=at + HOUR)
    with ExitStack() as running:
        server = running.enter_context(HttpServer())
        server.serve("/partner.crl", partner_crl)
        site = Site(folder, pki, "native")
        sections = _sections(pki, server)
        site.write(**sections)
        service = running.enter_context(RealService(site.path))
        server.behave("/partner.crl", http_answers.status(503))
        site.write(**{**sections, "log": {"level": "info"}})
        assert service.reload().status == 200
        for asked in _questions(pki, alice, mallory):
            ask_anew(service, asked)
        label = server.url("/partner.crl")
        eventually(
            lambda: service.metric("extauthz_crl_last_attempt_successful", crl=label) == 0.0 or None, "a failed fetch"
        )
        yield service


def _sections(pki: EdgePki, server: HttpServer) -> dict[str, object]:
    return {
        "workers": 2,
        "listen": {
            "grpc": {"address": "127.0.0.1:0"},
            "http": {"address": "127.0.0.1:0", "dialect": "nginx", "callers": {"addresses": ["127.0.0.1/32"]}},
            "admin": {"address": "127.0.0.1:0", "status": {"identities": True}},
        },
        "sources": [{"type": "envoy_peer"}],
        "trust": {
            "anchors": [str(pki.directory / "root.pem"), str(pki.directory / "partner.pem")],
            "intermediates": [str(pki.directory / "issuing.pem")],
        },
        "revocation": {
            "crls": [
                {"path": str(pki.directory / "issuing.crl")},
                {"url": server.url("/partner.crl"), "refresh": "10s", "required": False},
            ]
        },
        "policies": [
            {"name": "orders", "when": {"paths": ["/orders/**"]}, "require": {"san": {"dns": ["orders.example"]}}},
            {"name": "internal", "when": {"hosts": ["*.internal.example"]}, "require": {}},
            {"name": "everybody", "when": {}, "require": {}},
        ],
    }


def _questions(pki: EdgePki, alice: Leaf, mallory: Leaf) -> Iterator[CheckRequest]:
    stranger = EdgePki(pki.directory / "elsewhere").issue("stranger")
    expired = pki.issue("late", not_before=now() - 3 * DAY, not_after=now() - SECOND)
    for _ in range(ALLOWED):
        yield question(alice)
    yield question(mallory)
    yield question(alice, path="/orders/7")
    yield question(None)
    yield question(stranger)
    yield question(expired, host="app.internal.example")
    yield question(alice, path="/orders/../admin")
    yield question(EdgePki(pki.directory / "markup").issue(MARKUP), host="api.internal.example")
