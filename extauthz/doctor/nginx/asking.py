"""Locations that serve requests without asking, in servers that ask elsewhere or want certificates."""

from collections.abc import Iterator
from typing import Final

from extauthz.doctor.code import Code
from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding
from extauthz.doctor.nginx.protected import needs_to_ask
from extauthz.doctor.nginx.upstreams import protected_upstreams, upstreams
from extauthz.doctor.nginx.view import Location, NginxView
from extauthz.doctor.wiring import HttpWiring

_FOR_AUTHORITIES: Final = "/.well-known/acme-challenge"
"""What a CA looks at before it gives the server a certificate."""


def auth_request(view: NginxView, _wants: Expectations, _wiring: HttpWiring) -> Iterator[Finding]:
    """Expect that every way to an upstream asks first, in servers that want certificates or ask elsewhere.

    A server that wants certificates, asks nobody and leads elsewhere may be there for another authorizer.
    """
    if not any(one.asks for one in view.locations):
        yield Finding(code=Code.NGINX_AUTH_REQUEST_MISSING, file=view.whole.file, detail="there is none in the file")
        return
    told: set[int] = set()
    for location in _open(view):
        serves = location.passes or location.programs
        if not (serves and needs_to_ask(view, location)):
            continue
        if _leads_to_what_is_asked_about(view, location):
            yield location.found(Code.NGINX_AUTH_REQUEST_MISSING)
        elif id(location.server) not in told:
            told.add(id(location.server))
            yield location.around.found(Code.NGINX_SERVER_DOES_NOT_ASK)


def files(view: NginxView, _wants: Expectations, _wiring: HttpWiring) -> Iterator[Finding]:
    """Expect that no location of a server that asks serves files to everybody, but what is for everybody."""
    for location in _open(view):
        serves = not (location.passes or location.programs or location.returns)
        files = [*location.directive.own("alias"), *location.effective("root")]
        excepted = location.value("auth_request") == "off" and needs_to_ask(view, location)
        if serves and files and excepted and not location.directive.arguments[-1].startswith(_FOR_AUTHORITIES):
            yield location.found(Code.NGINX_FILES_OPEN, str(files[0]))


def _open(view: NginxView) -> Iterator[Location]:
    """Yield the locations that clients reach and that ask nobody."""
    deciding = {one.blocks for one in view.deciding}
    for location in view.locations:
        if not location.asks and location.blocks not in deciding and not location.directive.own("internal"):
            yield location


def _leads_to_what_is_asked_about(view: NginxView, location: Location) -> bool:
    """Say whether its server asks elsewhere, or it leads to where others ask, as a variable or program may."""
    if any(one.asks and one.server is location.server for one in view.locations):
        return True
    known = set(upstreams(view, location))
    return not known or not protected_upstreams(view).isdisjoint(known)
