"""Handlers in the order in which a request meets them, up to each upstream."""

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from extauthz.config.key_path import KeyPath
from extauthz.doctor.budget import Budget
from extauthz.doctor.finding import UnreadableError
from extauthz.doctor.located import Located
from extauthz.doctor.read_files import read_json

_SUCCESS: Final = frozenset({"2", "200"})
_DEEPEST: Final = 32
"""Routes in routes; those that have names can go in circles."""
_MOST_STEPS: Final = 20_000_000
"""Steps for all handlers. A thousand sites of twenty handlers need less than five millions."""
_STEP: Final = 200
"""What one handler costs, beside one for each that a request can have met before."""
_PROXYING: Final = "reverse_proxy"
_FILES: Final = "file_server"
_ANSWERING: Final = frozenset({"static_response", "error", "copy_response", _FILES, _PROXYING})
"""Handlers behind which nothing comes any more."""


@dataclass(frozen=True)
class Upstream:
    """A handler that serves requests, and every handler that a request has surely met before."""

    node: Located
    before: tuple[Located, ...]
    server: Located
    perhaps: tuple[Located, ...] = ()
    """All that a request can have met before, under conditions too."""

    @cached_property
    def authorizers(self) -> tuple[Located, ...]:
        """The handlers among them that ask an authorizer."""
        return tuple(one for one in self.before if asks(one))

    @cached_property
    def request_changes(self) -> tuple[Located, ...]:
        """What changes request headers, in order: ``headers`` handlers, also those that run on an answer."""
        return (*(change for one in self.before for change in changes(one)), self.node.at("headers", "request"))


def changes(handler: Located) -> Iterator[Located]:
    """Yield what a handler does to request headers, also when its answer comes."""
    if handler["handler"].text == "headers":
        yield handler["request"]
    for response in handler["handle_response"].items if asks(handler) else ():
        inner = (one for route in response["routes"].items for one in route["handle"].items)
        yield from (one["request"] for one in inner if one["handler"].text == "headers")


def asks(handler: Located) -> bool:
    """Say whether a handler asks somebody else first and goes on when the answer is good (``forward_auth``)."""
    return handler["handler"].text == _PROXYING and any(
        response["routes"].given
        and not _SUCCESS.isdisjoint(response.at("match", "status_code").texts)
        and not ends(response["routes"])
        for response in handler["handle_response"].items
    )


def ends(routes: Located) -> bool:
    """Say whether one of the handlers writes an answer, under no condition."""
    return any(
        handler["handler"].text in _ANSWERING or ends(handler["routes"])
        for route in routes.items
        if not route["match"].given
        for handler in route["handle"].items
    )


@dataclass(frozen=True)
class CaddyView:
    """One Caddy."""

    top: Located

    @cached_property
    def servers(self) -> tuple[Located, ...]:
        """Its HTTP servers."""
        return tuple(self.top.at("apps", "http", "servers").entries.values())

    @property
    def authorizers(self) -> tuple[Located, ...]:
        """Every handler that asks, once."""
        found = {one.path: one for upstream in self.upstreams for one in upstream.authorizers}
        return tuple(found.values())

    @cached_property
    def upstreams(self) -> tuple[Upstream, ...]:
        """Every handler that passes requests on to be served."""
        return tuple(one for one in self._serving if one.node["handler"].text == _PROXYING)

    @property
    def files(self) -> tuple[Upstream, ...]:
        """Every handler that serves files."""
        return tuple(one for one in self._serving if one.node["handler"].text == _FILES)

    @cached_property
    def _serving(self) -> tuple[Upstream, ...]:
        way = _Way(self._budget)
        return tuple(one for server in self.servers for one in way.serving(server["routes"].items, server))

    @cached_property
    def _budget(self) -> Budget:
        return Budget(_MOST_STEPS, self.top.file)

    @cached_property
    def error_upstreams(self) -> tuple[Upstream, ...]:
        """Every handler that passes requests on after an error, of a server or of some of its routes."""
        way = _Way(self._budget)
        return tuple(
            one
            for server in self.servers
            for routes in (server.at("errors", "routes"), *_error_routes(server["routes"]))
            for one in way.serving(routes.items, server)
            if one.node["handler"].text == _PROXYING
        )


def dials(proxying: Located) -> tuple[str, ...]:
    """Return the addresses that a handler passes requests on to; those with placeholders may be any."""
    return tuple(one["dial"].text for one in proxying["upstreams"].items if "{" not in one["dial"].text)


def entry(headers: Located, name: str) -> Located | None:
    """Return what stands for a header, whose name Caddy reads in any letter case."""
    return next((node for key, node in headers.entries.items() if key.lower() == name), None)


def read_caddy(path: Path) -> CaddyView:
    """Read a JSON configuration. Raises UnreadableError, also for a Caddyfile, with what to do."""
    try:
        top = read_json(path)
    except UnreadableError as error:
        raise UnreadableError(f"{error} (make JSON of a Caddyfile with: caddy adapt --config {path})") from None
    view = CaddyView(top)
    if not view.servers:
        raise UnreadableError(f"{path} has nothing to examine: no HTTP server is in it")
    return view


@dataclass(frozen=True, slots=True)
class _Met:
    """What a request has met on its way."""

    surely: tuple[Located, ...] = ()
    perhaps: tuple[Located, ...] = ()

    def and_(self, *more: Located) -> "_Met":
        return _Met((*self.surely, *more), (*self.perhaps, *more))


@dataclass(frozen=True, slots=True)
class _Way:
    """Goes the ways of requests, through routes in routes and such that have names."""

    budget: Budget

    def serving(self, routes: Iterable[Located], server: Located) -> Iterator[Upstream]:
        for node, met in self._through(routes, _Met(), server, _DEEPEST):
            if node["handler"].text in {_PROXYING, _FILES} and not asks(node):
                yield Upstream(node, met.surely, server, met.perhaps)

    def _through(
        self, routes: Iterable[Located], met: _Met, server: Located, depth: int
    ) -> Generator[tuple[Located, _Met], None, _Met]:
        """Yield each handler with what has been met before it, and return what has been met at the end."""
        grouped: dict[str, tuple[KeyPath, ...]] = {}
        for route in routes:
            # Of the routes of one group, a request goes through one alone.
            others = grouped.get(route["group"].text, ())
            inside = start = _Met(met.surely, tuple(one for one in met.perhaps if one.path not in others))
            for handler in route["handle"].items:
                self.budget.spend(_STEP + len(inside.perhaps))
                inner = _inner(handler, server, depth)
                if inner is None:
                    yield handler, inside
                    inside = inside.and_(handler)
                else:
                    inside = yield from self._through(inner, inside, server, depth - 1)
            added = inside.perhaps[len(start.perhaps) :]
            if route["group"].text:
                grouped[route["group"].text] = (*others, *(one.path for one in added))
            # What stands behind a condition need not have happened when the next route is reached.
            surely = met.surely if route["match"].given else inside.surely
            met = _Met(surely, met.perhaps if route["terminal"].is_true else (*met.perhaps, *added))
        return met


def _inner(handler: Located, server: Located, depth: int) -> list[Located] | None:
    """Return the routes that a handler goes through, be they its own or named ones; None where it has none."""
    match handler["handler"].text:
        case "subroute":
            return handler["routes"].items if depth else []
        case "invoke":
            named = server["named_routes"].entries.get(handler["name"].text)
            return [named] if depth and named is not None else []
    return None


def _error_routes(routes: Located) -> Iterator[Located]:
    for handler in (one for route in routes.items for one in route["handle"].items):
        if handler["errors"].given:
            yield handler.at("errors", "routes")
        yield from _error_routes(handler["routes"])
