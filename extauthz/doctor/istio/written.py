"""Identity headers that a route writes: what an AuthorizationPolicy asks comes before that."""

from collections.abc import Iterator

from extauthz.doctor.code import Code
from extauthz.doctor.envoy.written import is_foreign
from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding
from extauthz.doctor.istio.view import IstioView
from extauthz.doctor.located import Located


def identity_overwritten(view: IstioView, wants: Expectations) -> Iterator[Finding]:
    """Expect that no route writes something of the request into an identity header."""
    for name, value in (pair for route in view.routes for pair in _written(route)):
        if name.lower() in wants.identity_headers and is_foreign(value.text, wants.identity_headers):
            yield value.found(Code.ISTIO_IDENTITY_OVERWRITTEN, f"{name}: {value.text}")


def _written(route: Located) -> Iterator[tuple[str, Located]]:
    """Yield names with values, of a VirtualService and of routes of the Gateway API."""
    for rule in route.at("spec", "http").items:
        for part in (rule, *rule["route"].items):
            for kind in ("set", "add"):
                yield from part.at("headers", "request", kind).entries.items()
    for rule in route.at("spec", "rules").items:
        for part in (rule, *rule["backendRefs"].items):
            for one in part["filters"].items:
                for kind in ("set", "add"):
                    headers = one.at("requestHeaderModifier", kind).items
                    yield from ((header["name"].text, header["value"]) for header in headers)
