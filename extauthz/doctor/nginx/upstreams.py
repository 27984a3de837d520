"""Where locations lead, and second ways to there."""

from collections.abc import Iterator
from typing import Final

from extauthz.doctor.code import Code
from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding
from extauthz.doctor.nginx.parse import Directive
from extauthz.doctor.nginx.protected import needs_to_ask
from extauthz.doctor.nginx.view import Location, NginxView
from extauthz.doctor.wiring import HttpWiring

_HTTP: Final = "http"
_STREAM: Final = "stream"


def protected_upstreams(view: NginxView) -> set[str]:
    """Return the upstreams to which requests go after they were decided."""
    return {key for location in view.protected for key in upstreams(view, location)}


def upstreams(view: NginxView, location: Location) -> Iterator[str]:
    """Yield the addresses, and the sockets, that a location passes requests on to; nothing for variables."""
    for one in location.passes:
        yield from _addresses(view.whole, _HTTP, one)


def open_beside(view: NginxView, _wants: Expectations, _wiring: HttpWiring) -> Iterator[Finding]:
    """Expect that nothing else leads to an upstream of a location that asks, over HTTP or as a plain connection.

    Locations that have to ask for another reason are an error of their own.
    """
    protected = protected_upstreams(view)
    for location in view.locations:
        told = location.asks or needs_to_ask(view, location) or _lets_nobody_in(location)
        if not told and not location.directive.own("internal") and not protected.isdisjoint(upstreams(view, location)):
            yield location.found(Code.NGINX_OPEN_BESIDE, str(location.passes[0]), at=location.passes[0])
    for server in (one for stream in view.whole.own(_STREAM) for one in stream.own("server")):
        for passing in server.own("proxy_pass"):
            if not protected.isdisjoint(_addresses(view.whole, _STREAM, passing)):
                path = f"{_STREAM} > {server} > proxy_pass"
                detail = str(passing)
                code = Code.NGINX_OPEN_BESIDE
                yield Finding(code=code, file=passing.file, line=passing.line, path=path, detail=detail)


def led_inside(view: NginxView, _wants: Expectations, _wiring: HttpWiring) -> Iterator[Finding]:
    """Expect that nothing that does not ask leads on to an internal location that does not ask either."""
    protected = protected_upstreams(view)
    deciding = {one.blocks for one in view.deciding}
    sources = [one for one in view.locations if not one.asks and one.blocks not in deciding]
    servers = {id(one.server): one.around for one in view.locations}.values()
    seen: set[Directive] = set()
    for source in (*sources, *servers):
        for leading, uri in _leading(source):
            target = view.location_of(source, uri)
            if leading in seen or target is None or not target.directive.own("internal") or target.asks:
                continue
            seen.add(leading)
            if target.blocks not in deciding and not protected.isdisjoint(upstreams(view, target)):
                detail = f"{leading}; {target.directive} does not ask"
                yield source.found(Code.NGINX_AUTH_REQUEST_MISSING, detail, at=leading)


def _leading(source: Location) -> Iterator[tuple[Directive, str]]:
    """Yield what hands requests on to another location, with the URI as it is written."""
    for one in source.rewrites:
        if len(one.arguments) > 1 and "break" not in one.arguments:
            yield one, one.arguments[1]
    for one in source.directive.own("try_files"):
        yield one, one.arguments[-1] if one.arguments else ""


def _lets_nobody_in(location: Location) -> bool:
    """Say whether nginx itself turns away every address that it does not name."""
    return any(one.arguments == ("all",) for one in location.effective("deny"))


def _addresses(whole: Directive, section: str, passing: Directive) -> Iterator[str]:
    for target in passing.arguments[:1]:
        scheme, separator, rest = target.partition("://")
        authority = rest if separator else scheme
        authority = authority if authority.startswith("unix:") else authority.partition("/")[0]
        if "$" in authority:
            continue
        default = {"https": ":443", "grpcs": ":443"}.get(scheme, ":80") if separator else ""
        group = next((one for one in _groups(whole, section) if one.arguments == (authority,)), None)
        if group is None:
            yield _complete(authority, default)
        else:
            yield from (_complete(one.arguments[0], ":80") for one in group.own("server") if one.arguments)


def _groups(whole: Directive, section: str) -> Iterator[Directive]:
    return (one for block in whole.own(section) for one in block.own("upstream"))


def _complete(authority: str, port: str) -> str:
    """Return host and port; of a socket the path, without what may stand behind it."""
    if authority.startswith("unix:"):
        return ":".join(authority.split(":")[:2])
    return authority if authority.rpartition(":")[2].isdigit() else authority + port
