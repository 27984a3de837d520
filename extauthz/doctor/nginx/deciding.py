"""The location that asks extauthz: what it says about the request, and who may call it."""

import re
from collections.abc import Iterator

from extauthz.doctor.asked import reached_over_http
from extauthz.doctor.code import Code
from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding
from extauthz.doctor.nginx.parse import Directive
from extauthz.doctor.nginx.protected import is_from_client
from extauthz.doctor.nginx.view import Location, NginxView, path_of_target
from extauthz.doctor.tls_asked import tls_agrees_over_http, tls_of
from extauthz.doctor.wiring import NGINX, HttpWiring, is_below

_ESCAPED = "$ssl_client_escaped_cert"
_VERIFY = "$ssl_client_verify"
_ACCESS = re.compile("2[0-9]{2}")
"""Statuses of a question that let a request in."""


def there(view: NginxView, _wants: Expectations, _wiring: HttpWiring) -> Iterator[Finding]:
    """Expect that the location that is asked exists and asks somebody."""
    for location in view.locations:
        if location.passes and location.asks:
            decider = view.decider(location)
            if decider is None or not (decider.passes or list(_successes(decider))):
                yield location.found(
                    Code.NGINX_AUTH_LOCATION_MISSING, location.asks, at=location.effective("auth_request")[-1]
                )


def answers_itself(view: NginxView, _wants: Expectations, _wiring: HttpWiring) -> Iterator[Finding]:
    """Expect that nothing but extauthz' answer is one that lets requests in."""
    for location in view.deciding:
        for one in _successes(location):
            yield location.found(Code.NGINX_ANSWERS_ITSELF, str(one), at=one)


def internal(view: NginxView, _wants: Expectations, _wiring: HttpWiring) -> Iterator[Finding]:
    """Expect that clients cannot call it."""
    for location in view.deciding:
        if not location.directive.own("internal"):
            yield location.found(Code.NGINX_AUTH_NOT_INTERNAL)


def certificate(view: NginxView, _wants: Expectations, wiring: HttpWiring) -> Iterator[Finding]:
    """Expect that it says whose certificate it is, whatever the client sends under that name."""
    for location in view.deciding:
        value = location.header(wiring.certificate_header)
        if value is None and _passes_headers(location):
            yield location.found(Code.NGINX_CERTIFICATE_FORGEABLE, f"{wiring.certificate_header} is not set")
        elif value is not None and is_from_client(value):
            yield location.found(Code.NGINX_CERTIFICATE_FORGEABLE, f"{wiring.certificate_header} is {value}")
        elif value != _ESCAPED:
            shown = f"is {value}" if value else "is empty" if value is not None else "is not set"
            yield location.found(Code.NGINX_CERTIFICATE_NOT_PASSED, f"{wiring.certificate_header} {shown}")


def verified(view: NginxView, _wants: Expectations, wiring: HttpWiring) -> Iterator[Finding]:
    """Expect that it says whether the certificate was verified, whatever the client says about that."""
    if wiring.verify_header is None:
        return
    for location in view.deciding:
        value = location.header(wiring.verify_header)
        if not value and not (value is None and _passes_headers(location)):
            shown = "is not set" if value is None else "is empty"
            yield location.found(Code.NGINX_VERIFY_NOT_PASSED, f"{wiring.verify_header} {shown}")
        elif value != _VERIFY:
            shown = "is not set" if value is None else f"is {value!r}"
            yield location.found(Code.NGINX_VERIFY_FORGEABLE, f"{wiring.verify_header} {shown}")


def body(view: NginxView, _wants: Expectations, _wiring: HttpWiring) -> Iterator[Finding]:
    """Expect that the client's body stays where it is."""
    for location in view.deciding:
        if location.value("proxy_pass_request_body") != "off":
            yield location.found(Code.NGINX_BODY_FORWARDED, "proxy_pass_request_body is not off")
        elif location.header("content-length") != "":
            yield location.found(Code.NGINX_BODY_FORWARDED, "Content-Length is not set to an empty value")


def prefix(view: NginxView, _wants: Expectations, wiring: HttpWiring) -> Iterator[Finding]:
    """Expect that it asks under the path that extauthz answers."""
    for location in view.deciding:
        for one in location.passes:
            target = location.target(one)
            path = path_of_target(target).partition("?")[0] or location.directive.arguments[-1]
            if "$" not in target and not is_below(path, wiring.prefix):
                yield location.found(Code.NGINX_OTHER_PREFIX, f"{path}, not {wiring.prefix}", at=one)


def address(view: NginxView, wants: Expectations, _wiring: HttpWiring) -> Iterator[Finding]:
    """Expect that extauthz listens where it asks."""
    for location in view.deciding:
        for one in location.passes:
            yield from reached_over_http(wants, NGINX, view.targets(location, one))
            scheme = location.target(one).partition("://")[0]
            shown = bool(location.value("proxy_ssl_certificate"))
            spoken = tls_of(scheme, certificate=shown)
            yield from tls_agrees_over_http(wants, NGINX, spoken, f"{one.file}:{one.line}")


def _successes(location: Location) -> Iterator[Directive]:
    """Yield what ends the question with a status that is access, be it under a condition."""
    return (one for one in location.returns if one.arguments and _ACCESS.fullmatch(one.arguments[0]))


def _passes_headers(location: Location) -> bool:
    return location.value("proxy_pass_request_headers") != "off"
