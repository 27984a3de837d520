"""Findings about the configuration of extauthz, and about a captured request."""

from collections.abc import Mapping
from typing import Final

from extauthz.doctor.code import Code, Severity
from extauthz.doctor.finding import Advice

_ERROR, _WARNING, _NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE

ADVICE: Final[Mapping[Code, Advice]] = {
    Code.CONFIG_CHAIN_NOT_VERIFIED: Advice(
        _ERROR,
        "Whether a certificate is genuine is left to the proxy alone",
        "Set trust.chain: verify and name the CAs in trust.anchors",
    ),
    Code.CONFIG_HTTP_ANY_CALLER: Advice(
        _ERROR,
        "Whoever reaches the HTTP listener can ask in the name of any client, as the headers are the identity there",
        "Name the proxies in listen.http.callers, or listen on loopback or a Unix socket",
    ),
    Code.CONFIG_GRPC_ANY_CALLER: Advice(
        _WARNING,
        "Whoever reaches the gRPC listener can try out what any client would be allowed",
        "Set listen.grpc.tls with client_ca, listen on loopback or a Unix socket, or let only the proxy reach the port",
    ),
    Code.CONFIG_ADMIN_EXPOSED: Advice(
        _WARNING,
        "Whoever reaches the admin listener can read metrics and status, and trigger a reload",
        "Listen on loopback, or let only the monitoring reach the port",
    ),
    Code.CONFIG_DECISION_LOG_UNWRITABLE: Advice(
        _WARNING,
        "Decisions are made, and their log is lost",
        "Make the directory, and let the user of the service write there",
    ),
    Code.CONFIG_TOO_MANY_WORKERS: Advice(
        _WARNING,
        "Workers take turns on the cores, so decisions wait for each other",
        "Set workers to the number of cores at most",
    ),
    Code.CONFIG_WEAK: Advice(
        _WARNING,
        "The configuration allows more than it has to",
        "Change the setting, or keep it knowingly",
    ),
    Code.CONFIG_HTTP_NOT_LISTENING: Advice(
        _WARNING,
        "The proxy asks over HTTP, and extauthz has no HTTP listener",
        "Add listen.http with the dialect of this proxy",
    ),
    Code.CONFIG_HTTP_OTHER_DIALECT: Advice(
        _WARNING,
        "The HTTP listener is set up for another proxy than the one that was given",
        "Set listen.http.dialect to this proxy's",
    ),
    Code.CONFIG_GRPC_NOT_LISTENING: Advice(
        _WARNING,
        "The proxy asks over gRPC, and without sources extauthz has no gRPC listener",
        "Add sources, such as envoy_peer and xfcc",
    ),
    Code.REQUEST_NO_CERTIFICATE: Advice(
        _WARNING,
        "None of the configured sources has a certificate in this request",
        "Let the proxy forward it where a source reads it, or configure the source for where it is",
    ),
    Code.REQUEST_CERTIFICATE_REFUSED: Advice(
        _WARNING,
        "There is a certificate in this request, and extauthz does not take it",
        "See the reason in docs/decisions.md",
    ),
    Code.REQUEST_OTHER_HEADER: Advice(
        _NOTE,
        "This looks like a certificate, and no configured source reads it",
        "Configure the source that is named, but only if your proxy replaces whatever clients send there",
    ),
}
