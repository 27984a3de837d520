"""Ways to the application for requests that extauthz did not let through: errors, denials, other sites.

Seen with Caddy 2.11: when ``forward_auth`` gets no answer, that is an error of 502, and ``handle_errors`` serves the
request. A ``handle_response`` for a denial that writes no answer lets the request go on to what comes behind.
"""

from collections.abc import Iterator
from typing import Final

from extauthz.doctor.caddy.rules import needs_to_ask
from extauthz.doctor.caddy.view import CaddyView, Upstream, asks, dials, ends
from extauthz.doctor.code import Code
from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding
from extauthz.doctor.located import Located
from extauthz.doctor.wiring import HttpWiring

_SUCCESS: Final = "2"
_INTERCEPT: Final = "intercept"


def errors(view: CaddyView, _wants: Expectations, _wiring: HttpWiring) -> Iterator[Finding]:
    """Expect that ``handle_errors`` does not lead to the application without asking."""
    application = _protected(view)
    for upstream in view.error_upstreams:
        if not upstream.authorizers and not application.isdisjoint(dials(upstream.node)):
            yield upstream.node.found(Code.CADDY_ERRORS_OPEN, _shown(upstream.node))


def denials(view: CaddyView, _wants: Expectations, _wiring: HttpWiring) -> Iterator[Finding]:
    """Expect that an answer other than 2xx ends the request, whatever is done with it."""
    application = _protected(view)
    for authorizer in view.authorizers:
        for response in authorizer["handle_response"].items:
            if not (response["routes"].given and _may_deny(response)):
                continue
            served = list(_serving(response["routes"], application))
            if served:
                yield served[0].found(Code.CADDY_DENIAL_SERVED, _shown(served[0]))
            elif not ends(response["routes"]):
                yield response["routes"].found(Code.CADDY_DENIAL_SERVED, "it writes no answer")
    for intercepting in _intercepting(view):
        for response in intercepting["handle_response"].items:
            for node in _serving(response["routes"], application) if _may_deny(response) else ():
                yield node.found(Code.CADDY_DENIAL_SERVED, f"{_shown(node)} by intercept")


def open_beside(view: CaddyView, _wants: Expectations, _wiring: HttpWiring) -> Iterator[Finding]:
    """Expect that no other site leads to an upstream that is protected; servers that have to ask are an error."""
    application = _protected(view)
    for upstream in view.upstreams:
        told = upstream.authorizers or needs_to_ask(view, upstream)
        if not told and not application.isdisjoint(dials(upstream.node)):
            yield upstream.node.found(Code.CADDY_OPEN_BESIDE, _shown(upstream.node))


def _protected(view: CaddyView) -> set[str]:
    return {dial for one in view.upstreams if one.authorizers for dial in dials(one.node)}


def _intercepting(view: CaddyView) -> Iterator[Located]:
    asking: list[Upstream] = [one for one in view.upstreams if one.authorizers]
    found = {one.path: one for upstream in asking for one in upstream.before if one["handler"].text == _INTERCEPT}
    yield from found.values()


def _may_deny(response: Located) -> bool:
    codes = response.at("match", "status_code").texts
    return not codes or any(not code.startswith(_SUCCESS) for code in codes)


def _serving(routes: Located, application: set[str]) -> Iterator[Located]:
    """Yield what passes requests on to the application and asks nobody."""
    for route in routes.items:
        for handler in route["handle"].items:
            yield from _serving(handler["routes"], application)
            serves = handler["handler"].text == "reverse_proxy" and not asks(handler)
            if serves and not application.isdisjoint(dials(handler)):
                yield handler


def _shown(node: Located) -> str:
    return ", ".join(dials(node))
