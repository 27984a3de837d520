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
    Code.CONFIG_HTTP_PROXY_REFUSED: Advice(
        _WARNING,
        "Only this machine reaches the HTTP listener, and it may not ask, so every request is refused",
        "Add 127.0.0.1 or ::1 to listen.http.callers.addresses, or let the proxy reach another address",
    ),
    Code.CONFIG_ASKED_ELSEWHERE: Advice(
        _WARNING,
        "The proxy asks at an address of this machine where extauthz does not listen, so every request is refused",
        "Let the proxy's address and this one agree",
    ),
    Code.CONFIG_ASKED_IF_MAPPED: Advice(
        _NOTE,
        "The proxy asks at loopback, and this fits only if the port is one of a container that is mapped there",
        "Let the proxy's address and this agree, unless it is so",
    ),
    Code.CONFIG_ASKED_AT_OTHER_PORT: Advice(
        _WARNING,
        "No listener for this proxy has the port that it asks at, unless a Service or a port mapping is in between",
        "Let the proxy's port and this one agree, or see that what is in between leads here",
    ),
    Code.CONFIG_ASKED_WITHOUT_TLS: Advice(
        _ERROR,
        "The proxy asks in plaintext where extauthz serves TLS, so every request is refused",
        "Let the proxy use TLS, such as by https://, or remove tls of the listener",
    ),
    Code.CONFIG_ASKED_WITH_TLS: Advice(
        _ERROR,
        "The proxy asks with TLS where extauthz serves none, so every request is refused",
        "Give the listener tls, or let the proxy ask in plaintext, such as by http://",
    ),
    Code.CONFIG_ASKED_WITHOUT_CERTIFICATE: Advice(
        _ERROR,
        "extauthz wants a certificate of whoever asks, and the proxy shows none, so every request is refused",
        "Give the proxy a certificate of client_ca and its key for its questions",
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
