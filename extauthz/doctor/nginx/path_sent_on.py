"""The path that the application gets, which must be the one that was decided on."""

from collections.abc import Iterator
from typing import Final

from extauthz.doctor.code import Code
from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding
from extauthz.doctor.nginx.parse import Directive
from extauthz.doctor.nginx.view import Location, NginxView, path_of_target
from extauthz.doctor.wiring import HttpWiring

_ANSWERING: Final = frozenset({"redirect", "permanent"})
_ELSEWHERE: Final = ("http://", "https://", "$scheme")
"""How a replacement begins that nginx sends to the client instead of going on with it."""
_REWRITE_ARGUMENTS: Final = 2


def path_sent_on(view: NginxView, _wants: Expectations, _wiring: HttpWiring) -> Iterator[Finding]:
    """Expect that neither ``proxy_pass`` nor ``rewrite`` makes another path of the client's."""
    for location in view.protected:
        for one in location.passes:
            if one.name == "proxy_pass" and _puts_another(one, location):
                yield location.found(Code.NGINX_PATH_CHANGED, str(one), at=one)
    seen: set[Directive] = set()
    deciding = {one.blocks for one in view.deciding}
    for protected in view.protected:
        # A rewrite elsewhere in the server can lead here; what is decided stays $request_uri.
        for location in (protected.around, *(one for one in view.locations if one.server is protected.server)):
            for one in location.rewrites if location.blocks not in deciding else ():
                if one not in seen and _goes_on(one):
                    seen.add(one)
                    yield location.found(Code.NGINX_PATH_CHANGED, str(one), at=one)


def _puts_another(passing: Directive, location: Location) -> bool:
    path = path_of_target(location.target(passing))
    # With variables nginx sends what they hold; without them it puts the path in the place of the location's own.
    return path != "" and "$" not in path and path != location.directive.arguments[-1]


def _goes_on(rewrite: Directive) -> bool:
    return (
        len(rewrite.arguments) >= _REWRITE_ARGUMENTS
        and not rewrite.arguments[1].startswith(_ELSEWHERE)
        and _ANSWERING.isdisjoint(rewrite.arguments[2:])
    )
