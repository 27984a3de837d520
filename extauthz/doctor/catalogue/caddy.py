"""Findings about Caddy."""

from collections.abc import Mapping
from typing import Final

from extauthz.doctor.code import Code, Severity
from extauthz.doctor.finding import Advice

_ERROR, _WARNING, _NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE

ADVICE: Final[Mapping[Code, Advice]] = {
    Code.CADDY_FORWARD_AUTH_MISSING: Advice(
        _ERROR,
        "Requests reach the upstream without a decision, and with whatever identity headers the client wrote",
        "Put forward_auth before the reverse_proxy, with no other matcher than it has",
    ),
    Code.CADDY_ERRORS_OPEN: Advice(
        _ERROR,
        "When extauthz cannot be reached, and after other errors, requests go on to the application without a decision",
        "Let handle_errors respond by itself, or put forward_auth before the reverse_proxy there too",
    ),
    Code.CADDY_DENIAL_SERVED: Advice(
        _ERROR,
        "A request that extauthz denies goes on to the application",
        "Let this handle_response end with respond or copy_response, and not with reverse_proxy or nothing",
    ),
    Code.CADDY_CERTIFICATE_FORGEABLE: Advice(
        _ERROR,
        "What the client sends under this name reaches extauthz, with any certificate in it",
        "Add header_up with {http.request.tls.client.certificate_der_base64} to forward_auth",
    ),
    Code.CADDY_REQUEST_FORGEABLE: Advice(
        _ERROR,
        "The client can say which method, host or path is decided, and ask for one that it is allowed",
        "Use forward_auth, which sets them, and let trusted_proxies name proxies of your own only",
    ),
    Code.CADDY_IDENTITY_FORGEABLE: Advice(
        _ERROR,
        "The upstream gets these identity headers as the client wrote them, whenever the answer has none",
        "Remove them with request_header before forward_auth, and name them in copy_headers",
    ),
    Code.CADDY_IDENTITY_OVERWRITTEN: Advice(
        _ERROR,
        "This writes something of the request into an identity header, so a client can forge it",
        "Remove it, and name the header in copy_headers of forward_auth",
    ),
    Code.CADDY_UNTRUSTED_ACCEPTED: Advice(
        _ERROR,
        "Caddy takes certificates of any CA, and extauthz does not verify them either",
        "Set trust.chain: verify in extauthz, or client_auth mode require_and_verify",
    ),
    Code.CADDY_OPEN_BESIDE: Advice(
        _WARNING,
        "This leads to an upstream that is protected elsewhere, without a decision and with any identity headers",
        "Put forward_auth before it too, or remove this way",
    ),
    Code.CADDY_FILES_OPEN: Advice(
        _WARNING,
        "These files are there for everybody, in a server that asks about all else",
        "Put forward_auth before file_server too, unless everybody is to have them",
    ),
    Code.CADDY_UNDERSCORES: Advice(
        _WARNING,
        "Before 2.11 Caddy lets a client's x_client_cert_subject pass, and many upstreams take it for the real header",
        "Remove every spelling with request_header before forward_auth, as examples/caddy/Caddyfile does",
    ),
    Code.CADDY_CERTIFICATE_NOT_PASSED: Advice(
        _WARNING,
        "The certificate does not arrive in the form that extauthz reads",
        "Use {http.request.tls.client.certificate_der_base64}",
    ),
    Code.CADDY_CERTIFICATE_NOT_REQUESTED: Advice(
        _WARNING,
        "Clients are never asked for a certificate, so nobody has one",
        "Add client_auth to the site's tls",
    ),
    Code.CADDY_OTHER_PREFIX: Advice(
        _WARNING,
        "extauthz does not answer under this path, so every request is refused",
        "Let uri of forward_auth begin with the prefix of listen.http",
    ),
    Code.CADDY_PATH_CHANGED: Advice(
        _WARNING,
        "The upstream gets another path than the one that was decided on",
        "Rewrite before forward_auth, and write policies for the path that comes of it",
    ),
    Code.CADDY_IDENTITY_NOT_COPIED: Advice(
        _NOTE,
        "The upstream does not get these identity headers",
        "Name them in copy_headers, or leave them out of headers.emit",
    ),
}
