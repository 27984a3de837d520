"""What operators ask over HTTP: ``/status``, ``/metrics``, ``/healthz``, ``/readyz`` and ``POST /-/reload``, over ASGI.

Whoever reaches the address may ask; it is loopback unless configured otherwise.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection, Iterable, MutableMapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Protocol

import structlog
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from extauthz.observe.metrics import ReloadResult
from extauthz.service.probe_report import outlined_fields, outlined_problems, placed_fields, report_fields
from extauthz.service.readiness import Readiness
from extauthz.service.reload import Reloader, Trigger
from extauthz.service.status.html_page import html_bytes
from extauthz.service.status.json_form import json_bytes
from extauthz.service.status.model import Status
from extauthz.service.status.own_name import is_network, is_own_name
from extauthz.service.status.pages import StatusPages
from extauthz.service.status.style import CONTENT_SECURITY_POLICY

# Any: the ASGI specification gives these mappings no narrower type.
Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = Iterable[tuple[bytes, bytes]]

_READ = ("GET", "HEAD")
_BROWSER_HEADERS = (b"origin", b"sec-fetch-site")
"""Browsers send them with whatever a page posts. A page from anywhere can make an operator's browser post to a loopback
address, and no page has business here."""


_CLOSE = (b"connection", b"close")
_PAGE_HEADERS = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode("ascii")),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_AS_HTML = frozenset({b"", b"format=html"})
_AS_JSON = b"format=json"
_JSON = "application/json"
_OTHER_NAME = "ask for the address itself, for localhost, or for a name in listen.admin.status.hosts"


@dataclass(frozen=True, slots=True)
class Reply:
    """What to answer."""

    status: HTTPStatus
    content_type: str
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()


class Board(Protocol):
    """What the status page is made of."""

    async def status(self) -> Status:
        """Return everything as it is now."""
        ...

    def own_names(self) -> Collection[str]:
        """Return the names, in lower case, under which the page may be asked for beside its address."""
        ...


class AdminApp:
    """The application. Every answer may be cached by nobody."""

    def __init__(
        self,
        registry: CollectorRegistry,
        readiness: Readiness,
        reloader: Reloader,
        board: Board,
        crl_problems: Callable[[], list[dict[str, object]]] = list,
    ) -> None:
        self._registry = registry
        self._readiness = readiness
        self._reloader = reloader
        self._board = board
        self._pages = StatusPages(board.status)
        self._crl_problems = crl_problems
        self._log = structlog.get_logger("extauthz.service")
        self._routes: dict[str, tuple[tuple[str, ...], Callable[[Scope], Awaitable[Reply]]]] = {
            "/status": (_READ, self._status),
            "/metrics": (_READ, self._metrics),
            "/healthz": (_READ, self._healthz),
            "/readyz": (_READ, self._readyz),
            "/-/reload": (("POST",), self._reload),
        }

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            reply = await self._answer(scope)
        except Exception:  # noqa: BLE001  (the outermost handler of this transport)
            self._log.exception("an admin request failed", path=scope["path"])
            reply = _text(HTTPStatus.INTERNAL_SERVER_ERROR, "internal error")
        headers = (
            (b"content-type", reply.content_type.encode("ascii")),
            (b"content-length", str(len(reply.body)).encode("ascii")),
            (b"cache-control", b"no-store"),
            (b"x-content-type-options", b"nosniff"),
            *reply.headers,
            *((_CLOSE,) if _has_body(scope["headers"]) else ()),
        )
        await send({"type": "http.response.start", "status": int(reply.status), "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else reply.body})

    async def _answer(self, scope: Scope) -> Reply:
        route = self._routes.get(scope["path"])
        if route is None:
            return _text(HTTPStatus.NOT_FOUND, f"not found; there are {', '.join(self._routes)}")
        methods, handler = route
        if scope["method"] not in methods:
            allow = ", ".join(methods)
            return _text(HTTPStatus.METHOD_NOT_ALLOWED, f"use {allow}", (b"allow", allow.encode("ascii")))
        return await handler(scope)

    def _is_asked_by_own_name(self, scope: Scope) -> bool:
        if not is_network(scope.get("server")):
            return True
        names = self._board.own_names()
        return all(is_own_name(value, names) for name, value in scope["headers"] if name == b"host")

    async def _status(self, scope: Scope) -> Reply:
        if not self._is_asked_by_own_name(scope):
            return _text(HTTPStatus.MISDIRECTED_REQUEST, _OTHER_NAME)
        form = scope["query_string"]
        if form in _AS_HTML:
            content_type, write = "text/html; charset=utf-8", html_bytes
        elif form == _AS_JSON:
            content_type, write = _JSON, json_bytes
        else:
            return _text(HTTPStatus.BAD_REQUEST, "there is format=html and format=json, and nothing else to ask for")
        return Reply(HTTPStatus.OK, content_type, await self._pages.page(write), _PAGE_HEADERS)

    async def _metrics(self, scope: Scope) -> Reply:
        accept = ",".join(value.decode("latin-1") for name, value in scope["headers"] if name == b"accept")
        try:
            encode, content_type = choose_encoder(accept)
        except (TypeError, ValueError):  # what the library's parser makes of a version that is none
            encode, content_type = choose_encoder("")
        # In a thread: thousands of series take tens of milliseconds, which no check should wait for.
        body = await asyncio.to_thread(encode, self._registry)
        return Reply(HTTPStatus.OK, content_type, body)

    async def _healthz(self, _scope: Scope) -> Reply:
        return _text(HTTPStatus.OK, "alive")

    async def _readyz(self, scope: Scope) -> Reply:
        ready = self._readiness.ready
        last = self._reloader.last
        problems = self._crl_problems()
        is_own = self._is_asked_by_own_name(scope)
        report = placed_fields if is_own else outlined_fields
        facts = {
            "ready": ready,
            "reasons": [] if ready else [self._readiness.phase.value],
            "waiting_for_crls": self._readiness.waiting,
            "crl_problems": problems if is_own else outlined_problems(problems),
            "last_reload": None if last is None else report(last),
        }
        return _json(HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE, facts)

    async def _reload(self, scope: Scope) -> Reply:
        if any(name in _BROWSER_HEADERS for name, _ in scope["headers"]):
            return _text(HTTPStatus.FORBIDDEN, "not for browsers")
        report = await self._reloader.reload(Trigger.ADMIN)
        done = report.result is ReloadResult.SUCCESS
        return _json(HTTPStatus.OK if done else HTTPStatus.UNPROCESSABLE_ENTITY, report_fields(report))


def _has_body(headers: Headers) -> bool:
    """Say whether a body follows, which nobody reads: the connection ends with the answer, however long the body is."""
    return any(name == b"transfer-encoding" or (name == b"content-length" and value != b"0") for name, value in headers)


def _text(status: HTTPStatus, text: str, *headers: tuple[bytes, bytes]) -> Reply:
    return Reply(status, "text/plain; charset=utf-8", text.encode() + b"\n", headers)


def _json(status: HTTPStatus, fields: dict[str, object]) -> Reply:
    return Reply(status, _JSON, json.dumps(fields).encode() + b"\n")
