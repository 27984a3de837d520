"""What the rules look at: locations with what they inherit, and which of them ask extauthz."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from extauthz.doctor.asked import Asked, asked_at, asked_by_url
from extauthz.doctor.code import Code
from extauthz.doctor.finding import Finding
from extauthz.doctor.nginx.parse import Directive

PASSES: Final = ("proxy_pass", "grpc_pass", "fastcgi_pass", "uwsgi_pass", "scgi_pass")
PROGRAMS: Final = ("memcached_pass", "js_content", "perl", "content_by_lua_block", "content_by_lua_file")
"""What serves requests without passing on their headers."""
_TARGET: Final = re.compile(r"[a-z]+://(?:unix:[^:]*:?|[^/?$]*)(?P<path>.*)", re.DOTALL)
_TRANSPARENT: Final = frozenset({"if", "limit_except"})
"""Blocks in a location that can pass requests on by themselves, and inherit all else from it."""


@dataclass(frozen=True)
class Location:
    """One location, or a server for what holds in none; the blocks around it are outermost first, itself last."""

    blocks: tuple[Directive, ...]

    @property
    def directive(self) -> Directive:
        """The block itself."""
        return self.blocks[-1]

    @property
    def server(self) -> Directive:
        """The server it is in."""
        return next(one for one in self.blocks if one.name == "server")

    @property
    def path(self) -> tuple[str, ...]:
        """The blocks around and itself, for a finding."""
        return tuple(str(one) for one in self.blocks if one.name)

    def effective(self, name: str) -> list[Directive]:
        """Return the directives of a name that hold here: nginx takes all of them from the innermost block with any."""
        for block in reversed(self.blocks):
            own = block.own(name)
            if own:
                return own
        return []

    def value(self, name: str) -> str:
        """Return the first argument of the directive that holds here; empty when there is none."""
        found = self.effective(name)
        return found[-1].arguments[0] if found and found[-1].arguments else ""

    @cached_property
    def passes(self) -> tuple[Directive, ...]:
        """The directives that send requests of this location on."""
        return tuple(one for name in PASSES for one in self._inside(name))

    @property
    def programs(self) -> tuple[Directive, ...]:
        """The directives that serve its requests from elsewhere, or by a program."""
        return tuple(one for name in PROGRAMS for one in self._inside(name))

    def target(self, passing: Directive) -> str:
        """Return where a directive of it leads; for a variable that is set here (ingress-nginx does that) its value."""
        target = passing.arguments[0] if passing.arguments else ""
        values = [one.arguments[-1] for one in self.directive.own("set") if one.arguments[:-1] == (target,)]
        return values[0] if len(values) == 1 and "$" not in values[0] else target

    @property
    def rewrites(self) -> tuple[Directive, ...]:
        """The directives that change the path of its requests."""
        return self._inside("rewrite")

    @property
    def returns(self) -> tuple[Directive, ...]:
        """The directives that end its requests at once."""
        return self._inside("return")

    @property
    def around(self) -> "Location":
        """The server that it is in, as what holds in no location."""
        return Location(self.blocks[: self.blocks.index(self.server) + 1])

    def header(self, name: str) -> str | None:
        """Return what a request header is set to on the way on; None when the client's own goes through.

        nginx sends a header once for each directive that sets it: several values stand behind each other here.
        """
        values = dict.fromkeys(
            one.arguments[1]
            for kind in sorted({one.name.removesuffix("_pass") for one in self.passes}) or ["proxy"]
            for setting, written in [_setter(kind, name)]
            for one in self.effective(setting)
            if len(one.arguments) >= 2 and one.arguments[0].lower() == written.lower()  # noqa: PLR2004  (name, value)
        )
        return ", ".join(filter(None, values)) if values else None

    def _inside(self, name: str) -> tuple[Directive, ...]:
        inside = [self.directive, *(one for one in self.directive.block or () if one.name in _TRANSPARENT)]
        return tuple(one for block in inside for one in block.own(name))

    @property
    def asks(self) -> str:
        """The URI of the location that decides; empty when none does."""
        uri = self.value("auth_request")
        return "" if uri == "off" else uri

    def found(self, code: Code, detail: str = "", at: Directive | None = None) -> Finding:
        """Return a finding about this location, or at one of its directives."""
        where = at or self.directive
        names = self.path if at is None or at is self.directive else (*self.path, at.name)
        return Finding(code=code, file=where.file, line=where.line, path=" > ".join(names), detail=detail)


def _setter(kind: str, header: str) -> tuple[str, str]:
    """Return the directive with which a request header is set, and what the header is called there."""
    if kind in {"proxy", "grpc"}:
        return f"{kind}_set_header", header
    return f"{kind}_param", "HTTP_" + header.upper().replace("-", "_")


@dataclass(frozen=True)
class NginxView:
    """One nginx."""

    whole: Directive

    @cached_property
    def files(self) -> tuple[str, ...]:
        """The files that hold any of it, the first one first."""
        return tuple(dict.fromkeys([self.whole.file, *_files(self.whole)]))

    @cached_property
    def locations(self) -> tuple[Location, ...]:
        """Every location of every server, those inside others too."""
        return tuple(_locations((self.whole,)))

    @cached_property
    def protected(self) -> tuple[Location, ...]:
        """The locations that ask before they pass requests on."""
        deciding = {one.blocks for one in self.deciding}
        return tuple(one for one in self.locations if one.passes and one.asks and one.blocks not in deciding)

    @cached_property
    def deciding(self) -> tuple[Location, ...]:
        """The locations that others ask."""
        found = (self.decider(one) for one in self.locations if one.asks)
        return tuple({one.blocks: one for one in found if one is not None}.values())

    @cached_property
    def servers(self) -> tuple[Directive, ...]:
        """The servers that have locations."""
        return tuple({id(one.server): one.server for one in self.locations}.values())

    @cached_property
    def _upstreams(self) -> dict[str, Directive]:
        blocks = [one for http in self.whole.own("http") for one in http.own("upstream")]
        return {one.arguments[0]: one for one in blocks if one.arguments}

    def targets(self, location: Location, passing: Directive) -> Iterator[Asked]:
        """Yield where a directive sends requests, by plain host and port; a group of servers has several."""
        url = location.target(passing)
        group = self._upstreams.get(url.partition("://")[2].partition("/")[0])
        if group is None:
            yield from asked_by_url(url, f"{passing.file}:{passing.line}")
            return
        for one in group.own("server"):
            for authority in one.arguments[:1]:
                yield from asked_at(authority, f"{one.file}:{one.line}")

    def decider(self, location: Location) -> Location | None:
        """Return the location that decides for another; None when its server has none for that URI."""
        found = self.location_of(location, location.asks)
        # The location of everything is no place that anyone made for this.
        return None if found is None or found.directive.arguments[-1] == "/" else found

    def location_of(self, location: Location, uri: str) -> Location | None:
        """Return where a URI, or a name with ``@``, leads within the server; None when it has no place for it."""
        path = uri.partition("?")[0]
        inside = [one for one in self.locations if one.server is location.server]
        exact = [one for one in inside if one.directive.arguments in {("=", path), (path,) if uri[:1] == "@" else ()}]
        if exact:
            return exact[0]
        prefixes = [one for one in inside if _is_prefix(one.directive.arguments, path)]
        return max(prefixes, key=lambda one: len(one.directive.arguments[-1]), default=None)


def path_of_target(target: str) -> str:
    """Return what stands behind host and port, or behind the socket; empty when nothing does."""
    found = _TARGET.fullmatch(target)
    return "" if found is None else found["path"]


def _is_prefix(arguments: tuple[str, ...], uri: str) -> bool:
    plain = len(arguments) == 1 or arguments[0] == "^~"
    return plain and arguments[-1] != "" and uri.startswith(arguments[-1])


def _files(block: Directive) -> Iterator[str]:
    for one in block.block or ():
        yield one.file
        yield from _files(one)


def _locations(blocks: tuple[Directive, ...]) -> Iterator[Location]:
    for one in blocks[-1].block or ():
        if one.name == "location":
            yield Location((*blocks, one))
        if one.name in {"http", "server", "location"}:
            yield from _locations((*blocks, one))
