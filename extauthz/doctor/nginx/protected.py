"""Locations that lead to an upstream: what they let a client say about itself."""

import re
from collections.abc import Iterator

from extauthz.doctor.code import Code
from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding
from extauthz.doctor.nginx.view import Location, NginxView
from extauthz.doctor.wiring import HttpWiring

_ASKING = frozenset({"on", "optional", "optional_no_ca"})
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_FROM_CLIENT = ("http_", "arg_", "cookie_")
"""How the variables begin that repeat what a client wrote into headers and the query."""


def needs_to_ask(view: NginxView, location: Location) -> bool:
    """Say whether a location is in a server that wants certificates, or asks elsewhere."""
    return location.value("ssl_verify_client") in _ASKING or any(
        one.asks and one.server is location.server for one in view.locations
    )


def satisfy(view: NginxView, _wants: Expectations, _wiring: HttpWiring) -> Iterator[Finding]:
    """Expect that no other kind of access stands in for the decision."""
    for location in view.protected:
        if location.value("satisfy") == "any":
            yield location.found(Code.NGINX_SATISFY_ANY, at=location.effective("satisfy")[-1])


def identity_headers(view: NginxView, wants: Expectations, _wiring: HttpWiring) -> Iterator[Finding]:
    """Expect that every identity header is set from the answer, or to nothing."""
    for location in view.protected:
        answers = _answers(location)
        forgeable = [name for name in wants.identity_headers if not _is_ours(location.header(name), name, answers)]
        if forgeable:
            yield location.found(Code.NGINX_IDENTITY_FORGEABLE, ", ".join(forgeable))


def certificate_cleared(view: NginxView, _wants: Expectations, wiring: HttpWiring) -> Iterator[Finding]:
    """Expect that what a client sends under the name of the certificate header does not reach the upstream."""
    for location in view.protected:
        value = location.header(wiring.certificate_header)
        if value is None or is_from_client(value):
            yield location.found(Code.NGINX_CERTIFICATE_REACHES_UPSTREAM, wiring.certificate_header)


def underscores(view: NginxView, _wants: Expectations, _wiring: HttpWiring) -> Iterator[Finding]:
    """Expect that names with ``_`` are dropped, as many upstreams take them for the same with ``-``."""
    seen = set()
    for location in view.protected:
        for setting, unsafe in (("underscores_in_headers", "on"), ("ignore_invalid_headers", "off")):
            if location.value(setting) == unsafe:
                directive = location.effective(setting)[-1]
                if directive not in seen:
                    seen.add(directive)
                    yield location.found(Code.NGINX_UNDERSCORES, f"{setting} {unsafe}", at=directive)


def client_certificate(view: NginxView, wants: Expectations, wiring: HttpWiring) -> Iterator[Finding]:
    """Expect that the server asks clients for a certificate, and somebody verifies it."""
    servers = {id(one.server): one for one in view.protected}
    for location in servers.values():
        server = location.around
        value = server.value("ssl_verify_client")
        if value not in _ASKING:
            yield server.found(Code.NGINX_CERTIFICATE_NOT_REQUESTED, f"ssl_verify_client {value}" if value else "")
        elif value == "optional_no_ca" and wiring.verify_header is None and not wants.verifies_chains:
            yield server.found(Code.NGINX_UNTRUSTED_ACCEPTED, f"trust.chain is {wants.config.trust.chain}")


def variables(value: str) -> list[str]:
    """Return the names of the variables in a value."""
    return [braced or plain for braced, plain in _VARIABLE.findall(value)]


def is_from_client(value: str) -> bool:
    """Say whether a value repeats what the client sent in some header or the query."""
    return any(name.startswith(_FROM_CLIENT) for name in variables(value))


def _answers(location: Location) -> dict[str, str]:
    """Return which variable holds what of the answer, as ``auth_request_set`` says."""
    return {
        one.arguments[0].removeprefix("$"): one.arguments[1]
        for one in location.effective("auth_request_set")
        if len(one.arguments) == 2  # noqa: PLR2004  (variable and value)
    }


def _is_ours(value: str | None, header: str, answers: dict[str, str]) -> bool:
    if value is None:
        return False
    if not value:
        return True  # an empty value removes the header
    named = variables(value)
    upstream = "$upstream_http_" + header.replace("-", "_")
    return len(named) == 1 and answers.get(named[0]) == upstream
