"""Findings about NGINX."""

from collections.abc import Mapping
from typing import Final

from extauthz.doctor.code import Code, Severity
from extauthz.doctor.finding import Advice

_ERROR, _WARNING = Severity.ERROR, Severity.WARNING

ADVICE: Final[Mapping[Code, Advice]] = {
    Code.NGINX_AUTH_REQUEST_MISSING: Advice(
        _ERROR,
        "Requests reach the upstream without a decision, and with whatever identity headers the client wrote",
        "Add auth_request to the location, or to the server around it",
    ),
    Code.NGINX_SATISFY_ANY: Advice(
        _ERROR,
        "An address or a password is enough, and then nobody is asked",
        "Remove satisfy any",
    ),
    Code.NGINX_FAILS_OPEN: Advice(
        _ERROR,
        "When extauthz fails or denies, the question ends with the status of this page instead, and 2xx is access",
        "Remove the = from error_page of the location that is asked, or let the page return 403",
    ),
    Code.NGINX_ANSWERS_ITSELF: Advice(
        _ERROR,
        "The location that is asked answers by itself, and 2xx is access for whoever gets that answer",
        "Remove return from the location that is asked, or let it return 403",
    ),
    Code.NGINX_ERROR_PAGE_OPEN: Advice(
        _ERROR,
        "A request that is denied or fails before it is decided goes on to the application by this error page",
        "Let error_page lead to a location that serves a page of its own, or that asks",
    ),
    Code.NGINX_DECISION_CACHED: Advice(
        _ERROR,
        "What was decided about one client is the answer for the next one who asks for the same page",
        "Set proxy_cache off in the location that is asked",
    ),
    Code.NGINX_CERTIFICATE_FORGEABLE: Advice(
        _ERROR,
        "What the client sends under this name reaches extauthz, with any certificate in it",
        "Set the header to $ssl_client_escaped_cert in the location that is asked",
    ),
    Code.NGINX_VERIFY_FORGEABLE: Advice(
        _ERROR,
        "What extauthz hears about the verification is not what nginx found",
        "Set the header to $ssl_client_verify in the location that is asked",
    ),
    Code.NGINX_REQUEST_FORGEABLE: Advice(
        _ERROR,
        "Another method, host or path can be decided than the one that nginx goes by and sends on",
        "Set the headers to $request_method, $host and $request_uri in the location that is asked",
    ),
    Code.NGINX_OTHER_HOST: Advice(
        _ERROR,
        "A client can have one host decided on and chosen by nginx, and name another one to the upstream",
        "Set proxy_set_header Host $host",
    ),
    Code.NGINX_IDENTITY_FORGEABLE: Advice(
        _ERROR,
        "The upstream gets these identity headers as the client wrote them",
        "Set each from auth_request_set $upstream_http_..., or to an empty value; or name fewer in headers.emit",
    ),
    Code.NGINX_UNDERSCORES: Advice(
        _ERROR,
        "A client's x_client_cert_subject passes beside the real header, and many upstreams take it for the same",
        "Remove the directive",
    ),
    Code.NGINX_UNTRUSTED_ACCEPTED: Advice(
        _ERROR,
        "nginx takes certificates of any CA, and extauthz does not verify them either",
        "Set trust.chain: verify in extauthz, or ssl_verify_client on",
    ),
    Code.NGINX_OPEN_BESIDE: Advice(
        _WARNING,
        "This leads to an upstream that is protected elsewhere, without a decision and with any identity headers",
        "Add auth_request here too, or remove this way",
    ),
    Code.NGINX_SERVER_DOES_NOT_ASK: Advice(
        _WARNING,
        "Clients of this server are asked for certificates, and extauthz is not asked about them",
        "Add auth_request to this server, unless it is for something else",
    ),
    Code.NGINX_FILES_OPEN: Advice(
        _WARNING,
        "These files are there for everybody, in a server that asks about all else",
        "Remove auth_request off, unless everybody is to have them",
    ),
    Code.NGINX_CERTIFICATE_NOT_PASSED: Advice(
        _WARNING,
        "The certificate does not arrive in the form that extauthz reads",
        "Set the header to $ssl_client_escaped_cert",
    ),
    Code.NGINX_VERIFY_NOT_PASSED: Advice(
        _WARNING,
        "extauthz is not told what nginx found out about the certificate, and denies everybody",
        "Set the header to $ssl_client_verify, under the name that is verify_header of the source",
    ),
    Code.NGINX_CERTIFICATE_REACHES_UPSTREAM: Advice(
        _WARNING,
        "An upstream that reads this header too believes whatever the client wrote",
        'Set it to "" in this location',
    ),
    Code.NGINX_AUTH_LOCATION_MISSING: Advice(
        _WARNING,
        "There is no location that passes this question on, so every request ends with an error",
        "Add an internal location for this URI with proxy_pass to extauthz",
    ),
    Code.NGINX_AUTH_NOT_INTERNAL: Advice(
        _WARNING,
        "Clients can call the location that asks extauthz",
        "Add internal to it",
    ),
    Code.NGINX_CERTIFICATE_NOT_REQUESTED: Advice(
        _WARNING,
        "Clients are never asked for a certificate, so nobody has one",
        "Set ssl_verify_client to on, optional or optional_no_ca in this server",
    ),
    Code.NGINX_BODY_FORWARDED: Advice(
        _WARNING,
        "Bodies of requests are announced or sent to extauthz, which reads none",
        'Set proxy_pass_request_body off and proxy_set_header Content-Length ""',
    ),
    Code.NGINX_OTHER_PREFIX: Advice(
        _WARNING,
        "extauthz does not answer under this path, so every request ends with an error",
        "Let proxy_pass end with the prefix of listen.http",
    ),
    Code.NGINX_PATH_CHANGED: Advice(
        _WARNING,
        "The upstream gets another path than the one that was decided on",
        "Leave the path out of proxy_pass, and rewrite nothing; or write policies for the path that clients send",
    ),
}
