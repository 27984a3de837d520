"""Findings about Traefik."""

from collections.abc import Mapping
from typing import Final

from extauthz.doctor.code import Code, Severity
from extauthz.doctor.finding import Advice

_ERROR, _WARNING = Severity.ERROR, Severity.WARNING

ADVICE: Final[Mapping[Code, Advice]] = {
    Code.TRAEFIK_FORWARD_AUTH_MISSING: Advice(
        _ERROR,
        "Requests reach the service without a decision, and with whatever identity headers the client wrote",
        "Give the router a forwardAuth middleware, after passTLSClientCert",
    ),
    Code.TRAEFIK_ERRORS_OPEN: Advice(
        _ERROR,
        "A request that is denied goes to the service as one for its error page, with identity headers of the client",
        "Let the service of this errors middleware be another one, or put it after forwardAuth",
    ),
    Code.TRAEFIK_IDENTITY_FORGEABLE: Advice(
        _ERROR,
        "These identity headers are not taken from the answer, so those that a client writes reach the service",
        "List them in authResponseHeaders, or match them with authResponseHeadersRegex",
    ),
    Code.TRAEFIK_UNDERSCORES: Advice(
        _ERROR,
        "A client's X_client_cert_subject passes beside the real header, and many services take it for the same",
        "Set authResponseHeadersRegex: (?i)^x[^a-z0-9]client[^a-z0-9]cert[^a-z0-9]",
    ),
    Code.TRAEFIK_FORWARDED_HEADERS_INSECURE: Advice(
        _ERROR,
        "Clients may write X-Forwarded-Uri and X-Forwarded-Tls-Client-Cert, and so choose what is decided",
        "Remove insecure, and let trustedIPs name proxies of your own only",
    ),
    Code.TRAEFIK_UNTRUSTED_ACCEPTED: Advice(
        _ERROR,
        "Traefik takes certificates of any CA, and extauthz does not verify them either",
        "Set trust.chain: verify in extauthz, or clientAuthType: RequireAndVerifyClientCert",
    ),
    Code.TRAEFIK_OPEN_BESIDE: Advice(
        _WARNING,
        "This leads to a service that is protected elsewhere, without a decision and with any identity headers",
        "Give this router the same middlewares, or remove it",
    ),
    Code.TRAEFIK_CERTIFICATE_STRIPPED: Advice(
        _WARNING,
        "With trustForwardHeader: false Traefik removes the certificate from the question, without a word",
        "Set trustForwardHeader: true; what clients write is dropped by the entry point",
    ),
    Code.TRAEFIK_CERTIFICATE_NOT_PASSED: Advice(
        _WARNING,
        "No middleware puts the certificate into its header, so nobody has one",
        "Add passTLSClientCert with pem: true before forwardAuth",
    ),
    Code.TRAEFIK_CERTIFICATE_PASSED_LATE: Advice(
        _WARNING,
        "The certificate is put into its header after extauthz was asked",
        "Put passTLSClientCert before forwardAuth",
    ),
    Code.TRAEFIK_CERTIFICATE_FILTERED: Advice(
        _WARNING,
        "The question to extauthz leaves the certificate out",
        "Add the header to authRequestHeaders, or remove that list",
    ),
    Code.TRAEFIK_CERTIFICATE_NOT_REQUESTED: Advice(
        _WARNING,
        "Clients are never asked for a certificate, so nobody has one",
        "Set clientAuth.clientAuthType in the TLS options of this router",
    ),
    Code.TRAEFIK_MIDDLEWARE_UNKNOWN: Advice(
        _WARNING,
        "None of these files defines this middleware, and Traefik turns off a router that names an unknown one",
        "Define it, or give its file too",
    ),
    Code.TRAEFIK_CERTIFICATE_REACHES_SERVICE: Advice(
        _WARNING,
        "A service that takes one of these headers for the client's certificate believes what stands there",
        "Remove them by customRequestHeaders with empty values, the one of Traefik's own after forwardAuth",
    ),
    Code.TRAEFIK_OTHER_PREFIX: Advice(
        _WARNING,
        "extauthz does not answer under this path, so every request is refused",
        "Let address end with the prefix of listen.http",
    ),
    Code.TRAEFIK_PATH_CHANGED: Advice(
        _WARNING,
        "The service gets another path than the one that was decided on",
        "Put this middleware before forwardAuth, and write policies for the path that it makes",
    ),
    Code.TRAEFIK_DOES_NOT_ASK: Advice(
        _WARNING,
        "Nothing in these files asks extauthz, so there was next to nothing to examine",
        "Give the file with the routers and the forwardAuth middleware too",
    ),
}
