"""Handlers in the order in which a request meets them, up to each upstream."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from extauthz.doctor.finding import UnreadableError
from extauthz.doctor.located import Located
from extauthz.doctor.read_files import read_json

_SUCCESS: Final = frozenset({"2", "200"})
_DEEPEST: Final = 32
"""Routes in routes; those that have names can go in circles."""


@dataclass(frozen=True)
class Upstream:
    """A ``reverse_proxy`` that serves requests, and every handler that a request has surely met before."""

    node: Located
    before: tuple[Located, ...]
    server: Located

    @cached_property
    def authorizers(self) -> tuple[Located, ...]:
        """The handlers among them that ask an authorizer."""
        return tuple(one for one in self.before if asks(one))

    @cached_property
    def request_changes(self) -> tuple[Located, ...]:
        """What changes request headers, in order: ``headers`` handlers, also those that run on an answer."""
        changes = []
        for one in self.before:
            if one["handler"].text == "headers":
                changes.append(one["request"])
            for response in one["handle_response"].items if asks(one) else ():
                inner = (handler for route in response["routes"].items for handler in route["handle"].items)
                changes.extend(handler["request"] for handler in inner if handler["handler"].text == "headers")
        return (*changes, self.node.at("headers", "request"))


def asks(handler: Located) -> bool:
    """Say whether a handler asks somebody else first and goes on when the answer is good (``forward_auth``)."""
    return handler["handler"].text == "reverse_proxy" and any(
        response["routes"].given and not _SUCCESS.isdisjoint(response.at("match", "status_code").texts)
        for response in handler["handle_response"].items
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
        return tuple(
            Upstream(node, before, server)
            for server in self.servers
            for node, before in _upstreams(server["routes"].items, (), server)
        )

    @cached_property
    def error_upstreams(self) -> tuple[Upstream, ...]:
        """Every handler that passes requests on after an error, of a server or of some of its routes."""
        return tuple(
            Upstream(node, before, server)
            for server in self.servers
            for routes in (server.at("errors", "routes"), *_error_routes(server["routes"]))
            for node, before in _upstreams(routes.items, (), server)
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


def _upstreams(
    routes: Iterable[Located], before: tuple[Located, ...], server: Located, depth: int = _DEEPEST
) -> Iterator[tuple[Located, tuple[Located, ...]]]:
    for route in routes:
        met = before
        for handler in route["handle"].items:
            inner = _inner(handler, server, depth)
            if inner is not None:
                yield from _upstreams(inner, met, server, depth - 1)
                met = (*met, *_surely_met(inner, server, depth - 1))
                continue
            if handler["handler"].text == "reverse_proxy" and not asks(handler):
                yield handler, met
            met = (*met, handler)
        # What stands behind a condition need not have happened when the next route is reached.
        if not route["match"].given:
            before = met


def _surely_met(routes: Iterable[Located], server: Located, depth: int) -> Iterator[Located]:
    for route in routes:
        if not route["match"].given:
            for handler in route["handle"].items:
                inner = _inner(handler, server, depth)
                if inner is None:
                    yield handler
                else:
                    yield from _surely_met(inner, server, depth - 1)


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
