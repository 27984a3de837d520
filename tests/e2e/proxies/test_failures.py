"""When extauthz does not say yes, nobody gets through: not when it is down, silent, broken, or talking nonsense."""

from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
import pytest

from support import http_answers
from support.http_answers import Answer
from support.http_server import HttpServer
from support.https_client import TIMEOUT, HttpsClient
from support.proxies import KINDS
from support.proxies.cast import Cast
from support.proxies.example import copy
from support.proxies.proxy import Proxy
from support.proxies.site import Site
from support.upstream import NUMBER_HEADER, Upstream

UNANSWERED = {"nginx": 500, "traefik": 500, "caddy": 502, "haproxy": 503, "envoy": 503, "envoy-http": 503}
"""What each of the examples tells a client when nobody answers."""
OVER_HTTP = [kind for kind in KINDS if kind.api == "http"]
PATIENT = 2.0
"""Seconds. All but Traefik give up within one; Traefik does after 30, and that cannot be set."""


def test_a_service_that_is_down(tmp_path: Path, cast: Cast, kind: type[Proxy]) -> None:
    cast.write_crls(tmp_path / "crls")
    with Site(kind, tmp_path, cast.pki, revocation={"crls": [{"path": str(tmp_path / "crls")}]}) as site:
        alice = cast.clients["alice"]
        with site.connect(alice) as connection:
            assert site.ask_on(connection).status == 200
            site.service.close()
            outcome = site.ask_on(connection)
            assert (outcome.status, outcome.arrived) == (UNANSWERED[kind.name], None)
        again = site.ask(alice)
        assert (again.status, again.arrived) == (UNANSWERED[kind.name], None)


class Deaf:
    """A proxy whose extauthz is a server that does as a test says."""

    def __init__(self, kind: type[Proxy], directory: Path, cast: Cast, running: ExitStack) -> None:
        self.kind = kind
        self._cast = cast
        self._upstream = running.enter_context(Upstream())
        self._server = running.enter_context(HttpServer())
        self._behave(http_answers.status(403))
        here = copy(kind.name, directory, cast.pki)
        self.proxy = running.enter_context(kind(here, extauthz=self._server.address, upstream=self._upstream.port))

    def _behave(self, answer: Answer) -> None:
        for path in ("/check", "/check/"):
            self._server.behave(path, answer)

    def ask(self, answer: Answer, *, timeout: float = TIMEOUT) -> int | None:
        """Return the status that a good client gets, None for none in time; the upstream must get nothing."""
        self._behave(answer)
        before = len(self._server.requests)
        root, credentials = self._cast.pki.directory / "root.pem", self._cast.clients["alice"].credentials
        status: int | None = None
        with (
            HttpsClient(self.proxy.port, server_ca=root, credentials=credentials, timeout=timeout) as client,
            suppress(httpx.ReadTimeout),
        ):
            status = client.request("/", headers=[(NUMBER_HEADER, "1")]).status
        assert len(self._server.requests) > before
        assert self._upstream.seen == ()
        return status


@pytest.fixture(scope="module", params=OVER_HTTP, ids=lambda kind: str(kind.name))
def deaf(request: pytest.FixtureRequest, cast: Cast, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deaf]:
    with ExitStack() as running:
        yield Deaf(request.param, tmp_path_factory.mktemp("deaf"), cast, running)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(http_answers.status(500), id="an error"),
        pytest.param(http_answers.status(503), id="unavailable"),
        pytest.param(http_answers.status(404), id="another path"),
        pytest.param(http_answers.redirect("/elsewhere"), id="a redirect"),
        pytest.param(http_answers.status(304), id="not modified"),
        pytest.param(http_answers.status(407), id="a proxy's own 401"),
        pytest.param(http_answers.raw(b"200 come in\r\n\r\n"), id="no HTTP"),
        pytest.param(http_answers.raw(b"HTTP/1.1 200 OK\r\nx-client-cert-cn: al"), id="half an answer"),
        pytest.param(http_answers.raw(b"HTTP/1.1 100 Continue\r\n\r\n"), id="an answer that is none yet"),
        pytest.param(http_answers.raw(b""), id="the end of the connection"),
        pytest.param(http_answers.reset(), id="a reset"),
    ],
)
def test_an_answer_that_is_no_yes(deaf: Deaf, answer: Answer) -> None:
    status = deaf.ask(answer)
    assert status is not None
    assert status >= 300, deaf.proxy.log()[-2000:]


def test_no_answer_at_all(deaf: Deaf) -> None:
    status = deaf.ask(http_answers.silent(), timeout=PATIENT if deaf.kind.name == "traefik" else TIMEOUT)
    assert status == {"traefik": None, "nginx": 500, "caddy": 504, "haproxy": 503, "envoy-http": 503}[deaf.kind.name]


def test_only_what_was_asked_for_is_copied(deaf: Deaf) -> None:
    # A denial that names an identity: nothing of it is taken for a yes.
    assert deaf.ask(http_answers.status(403, [("x-client-cert-cn", "alice"), ("x-extauthz", "allow")])) == 403
