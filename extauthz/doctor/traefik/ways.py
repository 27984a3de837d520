"""Ways to a service for requests that extauthz did not let through: other routers, pages for denials.

Seen with Traefik 3.7: for a denial that a middleware ``errors`` before ``forwardAuth`` is about, its service gets a
request of its own, with the headers of the client's. The client sees the denial's status and the service's answer.
"""

from collections.abc import Iterator
from typing import Final

from extauthz.doctor.asked import url_parts
from extauthz.doctor.code import Code
from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding
from extauthz.doctor.located import Located
from extauthz.doctor.traefik.rules import needs_to_ask
from extauthz.doctor.traefik.view import FORWARD_AUTH, Router, Service, Step, TraefikView
from extauthz.doctor.wiring import HttpWiring

_ERRORS: Final = "errors"
_REDIRECTING: Final = frozenset({"redirectscheme"})
_REDIRECTING_ALL: Final = ("^http", ".*")
"""How an expression begins, and what is in it, that redirects whatever comes."""
_NOTHING: Final = Located(None, "")


def open_beside(view: TraefikView, _wants: Expectations, _wiring: HttpWiring) -> Iterator[Finding]:
    """Expect that no other router leads to a protected service; those whose clients have certificates are an error."""
    protected = {key for router, _, _ in view.asking for one in router.services for key in _keys(view, one)}
    for router in view.routers:
        steps = view.steps(router)
        asks = any(step.kind.lower() == FORWARD_AUTH.lower() for step in steps)
        redirects = any(map(_redirects, steps)) or view.is_redirected(router)
        told = asks or redirects or needs_to_ask(view, router) or not _is_whole(view, router)
        for service in router.services if not told else ():
            if not protected.isdisjoint(_keys(view, service)):
                yield service.node.found(Code.TRAEFIK_OPEN_BESIDE, service.name)
    for service in view.tcp_services_in_use:
        if not protected.isdisjoint(_tcp_keys(view, service)):
            yield service.node.found(Code.TRAEFIK_OPEN_BESIDE, f"{service.name} over TCP")


def errors(view: TraefikView, _wants: Expectations, _wiring: HttpWiring) -> Iterator[Finding]:
    """Expect that no page for a denial comes from the service that is protected."""
    for router, steps, asked in view.asking:
        protected = {key for one in router.services for key in _keys(view, one)}
        for step in steps[:asked]:
            page = Service(step.config["service"], router.namespace)
            if step.kind.lower() == _ERRORS and not protected.isdisjoint(_keys(view, page)):
                yield page.node.found(Code.TRAEFIK_ERRORS_OPEN, page.name)


def _is_whole(view: TraefikView, router: Router) -> bool:
    """Say whether all that is before its service is in the files."""
    return view.knows_all(router) and not router.node["parentRefs"].given


def _redirects(step: Step) -> bool:
    expression = step.config["regex"].text
    begin, inside = _REDIRECTING_ALL
    by_expression = step.kind.lower() == "redirectregex" and expression.startswith(begin) and inside in expression
    return step.kind.lower() in _REDIRECTING or by_expression


def _keys(view: TraefikView, service: Service) -> set[str]:
    """Return what a service is known by: its name, and the addresses that it or the services in it have."""
    found: set[str] = set()
    seen: set[str] = set()
    left = [service]
    while left:
        one = left.pop()
        if one.in_cluster:
            found.add(one.in_cluster)
        elif one.name and one.name not in seen:
            seen.add(one.name)
            definition = view.services.get(one.name, _NOTHING)
            servers = definition.at("loadBalancer", "servers").items
            found.add(one.name)
            found.update(url_parts(server["url"].text).authority for server in servers)
            left.extend(map(Service, _inner(definition)))
    return found


def _inner(definition: Located) -> Iterator[Located]:
    """Yield the names of the services that one is made of."""
    for kind, several in (("weighted", "services"), ("mirroring", "mirrors")):
        yield from (one["name"] for one in definition.at(kind, several).items)
    yield definition.at("mirroring", "service")
    yield definition.at("failover", "service")
    yield definition.at("failover", "fallback")


def _tcp_keys(view: TraefikView, service: Service) -> Iterator[str]:
    if service.in_cluster:
        yield service.in_cluster
    for server in view.tcp_services.get(service.name, _NOTHING).at("loadBalancer", "servers").items:
        yield server["address"].text
