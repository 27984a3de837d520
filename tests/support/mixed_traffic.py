"""What a service meets in a day, in a loop: many allows, denials for many reasons, over both listeners."""

import itertools
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from types import TracebackType
from typing import Final, Self

from extauthz import cert_thumbprint_s256
from extauthz.wire.proto.envoy.service.auth.v3.external_auth_pb2 import CheckRequest
from support.edge_pki import EdgePki, now
from support.http_proxy import HttpProxy, nginx_headers
from support.pki import DAY, HOUR, Leaf
from support.questions import question
from support.service import PATIENCE, RealService

PAUSE: Final = 0.01
"""Seconds between two questions to a pod: enough to see rates, and the machine is others' too."""
SELDOM: Final = 50
"""Questions between two things that happen now and then: a connection that speaks no HTTP/2, a reload."""
_JWT: Final = "envoy.filters.http.jwt_authn"


class MixedTraffic:
    """Asks the services in a thread of its own, from entering to leaving."""

    def __init__(self, pods: Sequence[RealService], pki: EdgePki, alice: Leaf, revoked: Leaf) -> None:
        self._pods = pods
        self._questions = questions(pki, alice, revoked)
        self._headers = [nginx_headers(leaf.pem) for leaf in (alice, alice, revoked)] + [[]]
        self._tls = ssl.create_default_context(cafile=str(pki.directory / "root.pem"))
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._error: BaseException | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            self._ask_on()
        except BaseException as error:  # noqa: BLE001  (raised again where somebody sees it)
            self._error = error

    def _ask_on(self) -> None:
        with ExitStack() as open_connections:
            proxies = [open_connections.enter_context(HttpProxy(pod.http_address, self._tls)) for pod in self._pods]
            over_http = itertools.cycle(self._headers)
            for number, asked in enumerate(itertools.cycle(self._questions)):
                if self._stop.wait(PAUSE):
                    return
                pod = self._pods[number % len(self._pods)]
                pod.check(asked)
                proxies[number % len(proxies)].ask(*next(over_http))
                if number % SELDOM == 0:
                    _speak_nonsense(pod)
                    pod.reload()


def questions(pki: EdgePki, alice: Leaf, revoked: Leaf) -> list[CheckRequest]:
    """Return what is asked, half of it allowed."""
    bob = pki.issue("bob", organizational_unit="Sales")
    soon = pki.issue("soon", not_after=now() + 3 * DAY)
    expired = pki.issue("expired", not_before=now() - DAY, not_after=now() - HOUR)
    stranger = pki.issue("stranger", by=pki.authority("Stranger"))
    malformed = question()
    malformed.attributes.source.certificate = "%ZZ"
    denied = [
        question(revoked),
        question(bob, path="/ops/restart"),
        question(expired),
        question(stranger),
        question(),
        question(alice, path="/a/../b"),
        question(alice, path="/tokens"),
        _with_token(question(alice, path="/tokens"), bob),
        malformed,
    ]
    allowed = [
        *[question(alice)] * 4,
        question(soon),
        question(alice, path="/ops/restart"),
        question(path="/public"),
        _with_token(question(alice, path="/tokens"), alice),
        question(bob),
    ]
    return list(_alternating(allowed, denied))


def _alternating(allowed: Sequence[CheckRequest], denied: Sequence[CheckRequest]) -> Iterator[CheckRequest]:
    for pair in zip(allowed, denied, strict=True):
        yield from pair


def _with_token(asked: CheckRequest, owner: Leaf) -> CheckRequest:
    payload = {"payload": {"cnf": {"x5t#S256": cert_thumbprint_s256(owner.der)}}}
    asked.attributes.metadata_context.filter_metadata[_JWT].update(payload)
    return asked


def _speak_nonsense(pod: RealService) -> None:
    host, _, port = pod.grpc_address.rpartition(":")
    with suppress(OSError), socket.create_connection((host, int(port)), PATIENCE) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
        while connection.recv(4096):
            pass
