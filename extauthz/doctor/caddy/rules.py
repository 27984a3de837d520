"""What is asked before a request is served, and what a client can say about itself."""

from collections.abc import Iterator
from typing import Final

from extauthz.doctor.caddy.view import CaddyView, Upstream, entry
from extauthz.doctor.code import Code
from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding
from extauthz.doctor.located import Located
from extauthz.doctor.wiring import HttpWiring

_CERTIFICATE: Final = "{http.request.tls.client.certificate_der_base64}"
_PEM: Final = "{http.request.tls.client.certificate_pem}"
_FROM_CLIENT: Final = "{http.request.header."
_FROM_ANSWER: Final = "{http.reverse_proxy.header."
_NOT_VERIFYING: Final = frozenset({"request", "require"})


def forward_auth(view: CaddyView, _wants: Expectations, _wiring: HttpWiring) -> Iterator[Finding]:
    """Expect that every way to an upstream asks first, in servers that want certificates or ask elsewhere."""
    if not any(one.authorizers for one in view.upstreams):
        yield view.top.found(Code.CADDY_FORWARD_AUTH_MISSING, "no route has it")
        return
    for upstream in view.upstreams:
        if not upstream.authorizers and needs_to_ask(view, upstream):
            yield upstream.node.found(Code.CADDY_FORWARD_AUTH_MISSING)


def needs_to_ask(view: CaddyView, upstream: Upstream) -> bool:
    """Say whether it is in a server that wants certificates, or asks elsewhere."""
    asking = (one.server.path for one in view.upstreams if one.authorizers)
    return upstream.server.path in asking or bool(list(_client_authentication(upstream.server)))


def certificate(view: CaddyView, _wants: Expectations, wiring: HttpWiring) -> Iterator[Finding]:
    """Expect that the question says whose certificate it is, whatever the client sends under that name."""
    for authorizer in view.authorizers:
        settings = authorizer.at("headers", "request", "set")
        node = entry(settings, wiring.certificate_header)
        if node is None:
            yield settings.found(Code.CADDY_CERTIFICATE_FORGEABLE, f"{wiring.certificate_header} is not set")
            continue
        value = ", ".join(node.texts)
        if _FROM_CLIENT in value:
            yield node.found(Code.CADDY_CERTIFICATE_FORGEABLE, value)
        elif value != _CERTIFICATE:
            why = "line breaks in it end every request with 502" if _PEM in value else ""
            yield node.found(Code.CADDY_CERTIFICATE_NOT_PASSED, f"{value}; {why}" if why else value)


def identity_headers(view: CaddyView, wants: Expectations, _wiring: HttpWiring) -> Iterator[Finding]:
    """Expect that every identity header is removed from the request, and set from the answer."""
    for upstream in view.upstreams:
        if not upstream.authorizers:
            continue
        forgeable = [name for name in wants.identity_headers if not is_removed(upstream, name)]
        if forgeable:
            yield upstream.node.found(Code.CADDY_IDENTITY_FORGEABLE, ", ".join(forgeable))
        lost = [one for one in wants.identity_headers if one not in forgeable and not _is_copied(upstream, one)]
        if lost:
            yield upstream.node.found(Code.CADDY_IDENTITY_NOT_COPIED, ", ".join(lost))


def client_certificate(view: CaddyView, wants: Expectations, _wiring: HttpWiring) -> Iterator[Finding]:
    """Expect that clients are asked for a certificate, and somebody verifies it."""
    servers = {one.server.path: one.server for one in view.upstreams if one.authorizers}
    for server in servers.values():
        found = list(_client_authentication(server))
        if not found:
            yield server["tls_connection_policies"].found(Code.CADDY_CERTIFICATE_NOT_REQUESTED)
        for node in found:
            mode = node["mode"]
            if mode.text in _NOT_VERIFYING and not wants.verifies_chains:
                yield mode.found(
                    Code.CADDY_UNTRUSTED_ACCEPTED, f"{mode.text}; trust.chain is {wants.config.trust.chain}"
                )


def _client_authentication(server: Located) -> Iterator[Located]:
    for policy in server["tls_connection_policies"].items:
        if policy["client_authentication"].entries:
            yield policy["client_authentication"]


def is_removed(upstream: Upstream, name: str) -> bool:
    """Say whether what a client writes into a header is removed or replaced somewhere."""
    return any(removes(change, name) for change in upstream.request_changes)


def removes(change: Located, name: str) -> bool:
    """Say whether a change of headers leaves nothing of the client's in one, in lower case."""
    return any(_fits(pattern.lower(), name) for pattern in change["delete"].texts) or _is_always_set(change, name)


def _is_always_set(change: Located, name: str) -> bool:
    """Say whether the header is replaced in every case.

    ``copy_headers`` sets a header only if the answer has it, in a route with a condition.
    """
    node = entry(change["set"], name)
    conditional = node is not None and any(_FROM_ANSWER in one for one in node.texts)
    return node is not None and not conditional and not any(_FROM_CLIENT in one for one in node.texts)


def _is_copied(upstream: Upstream, name: str) -> bool:
    entries = (entry(change["set"], name) for change in upstream.request_changes)
    return any(_FROM_ANSWER in text for node in entries if node is not None for text in node.texts)


def _fits(pattern: str, name: str) -> bool:
    """Say whether a header to delete (exact, ``prefix*``, ``*suffix``, ``*inside*``) is this one."""
    match pattern.startswith("*"), pattern.endswith("*"):
        case True, True:
            return pattern[1:-1] in name
        case True, False:
            return name.endswith(pattern[1:])
        case False, True:
            return name.startswith(pattern[:-1])
        case _:
            return name == pattern
