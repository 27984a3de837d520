"""Findings about Envoy."""

from collections.abc import Mapping
from typing import Final

from extauthz.doctor.code import Code, Severity
from extauthz.doctor.finding import Advice

_ERROR, _WARNING, _NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE

ADVICE: Final[Mapping[Code, Advice]] = {
    Code.ENVOY_FAILURE_MODE_ALLOW: Advice(
        _ERROR,
        "When extauthz cannot be reached, Envoy lets every request through",
        "Set failure_mode_allow: false",
    ),
    Code.ENVOY_EXT_AUTHZ_MISSING: Advice(
        _ERROR,
        "Requests reach the upstream without a decision, and with whatever identity headers the client wrote",
        "Add the ext_authz filter to http_filters, before the router",
    ),
    Code.ENVOY_FILTER_DISABLED: Advice(
        _ERROR,
        "The filter is off wherever no route turns it on, so a new route is open to everybody",
        "Remove disabled: true from the filter",
    ),
    Code.ENVOY_FILTER_PARTLY_ENABLED: Advice(
        _ERROR,
        "A share of the requests passes without a decision",
        "Remove filter_enabled, or set deny_at_disable to refuse that share",
    ),
    Code.ENVOY_ROUTE_DISABLED: Advice(
        _ERROR,
        "This route is open to everybody, and identity headers that a client writes reach its upstream",
        "Remove disabled: true, or give the route request_headers_to_remove with every identity header",
    ),
    Code.ENVOY_ANSWERS_BEFORE: Advice(
        _ERROR,
        "A filter before ext_authz answers requests or sends them on, and these are never decided",
        "Put ext_authz before it",
    ),
    Code.ENVOY_UPGRADE_OPEN: Advice(
        _ERROR,
        "A client that asks for this upgrade goes through these filters instead, and extauthz is not among them",
        "Put ext_authz before the router in filters of upgrade_configs, or leave filters out there",
    ),
    Code.ENVOY_XFCC_ALWAYS_FORWARDED: Advice(
        _ERROR,
        "Anyone can write x-forwarded-client-cert, with any certificate in it and without having its key",
        "Set forward_client_cert_details: SANITIZE_SET",
    ),
    Code.ENVOY_XFCC_FORWARDED: Advice(
        _ERROR,
        "Every client with a certificate can write x-forwarded-client-cert and pass for another; Envoy adds nothing",
        "Set forward_client_cert_details: SANITIZE_SET, or let only proxies of your own connect",
    ),
    Code.ENVOY_UNTRUSTED_ACCEPTED: Advice(
        _ERROR,
        "Envoy takes certificates of any CA, and extauthz does not verify them either",
        "Set trust.chain: verify in extauthz, or remove trust_chain_verification",
    ),
    Code.ENVOY_MUTATIONS_REFUSED: Advice(
        _ERROR,
        "Envoy ignores what extauthz says about these identity headers, so a client's own reach the upstream",
        "Allow them in decoder_header_mutation_rules, or remove the rules",
    ),
    Code.ENVOY_IDENTITY_OVERWRITTEN: Advice(
        _ERROR,
        "Behind ext_authz this writes something of the request into an identity header, so a client can forge it",
        "Remove it, or put it before ext_authz",
    ),
    Code.ENVOY_CERTIFICATE_FORGEABLE: Advice(
        _ERROR,
        "This writes something of the request where extauthz looks for the certificate",
        "Leave x-forwarded-client-cert to Envoy",
    ),
    Code.ENVOY_HTTP_IDENTITY_NOT_COPIED: Advice(
        _ERROR,
        "These identity headers are not taken from the answer, so those that a client writes reach the upstream",
        "List them in authorization_response.allowed_upstream_headers",
    ),
    Code.ENVOY_UNDERSCORES: Advice(
        _ERROR,
        "extauthz does not see a client's x_client_cert_subject, and many upstreams take it for the real header",
        "Send such names too: a safe_regex x[^a-z0-9]client[^a-z0-9]cert[^a-z0-9].* in allowed_headers",
    ),
    Code.ENVOY_FILTER_BY_METADATA: Advice(
        _WARNING,
        "Only requests with this metadata are decided, and all others pass",
        "Remove it, or set deny_at_disable to refuse the others; where Istio wrote it, give its policy rules: [{}]",
    ),
    Code.ENVOY_FILTER_BY_MATCHER: Advice(
        _WARNING,
        "A matcher around the filter can skip it, and the requests for which it does are not decided",
        "Configure ext_authz without ExtensionWithMatcher",
    ),
    Code.ENVOY_ROUTE_ASKS_ANOTHER: Advice(
        _WARNING,
        "This route asks another service than the filter does, so one of the two does not decide about it",
        "Remove grpc_service and http_service from check_settings",
    ),
    Code.ENVOY_OPEN_BESIDE: Advice(
        _WARNING,
        "This leads to an upstream that is protected elsewhere, without a decision and with any identity headers",
        "Add ext_authz here too, or remove this way",
    ),
    Code.ENVOY_NOT_IN_FILE: Advice(
        _WARNING,
        "This comes from elsewhere and could not be looked at; nothing found about it does not mean that it is right",
        "Give what the running Envoy shows for /config_dump",
    ),
    Code.ENVOY_XFCC_APPENDED: Advice(
        _WARNING,
        "A client that sends x-forwarded-client-cert itself is refused, and so is everybody behind another proxy",
        "Set forward_client_cert_details: SANITIZE_SET, or element: last on the source in extauthz",
    ),
    Code.ENVOY_XFCC_SANITIZED: Advice(
        _WARNING,
        "Envoy removes x-forwarded-client-cert, so the source xfcc never has a certificate",
        "Set forward_client_cert_details: SANITIZE_SET",
    ),
    Code.ENVOY_XFCC_WITHOUT_CERTIFICATE: Advice(
        _WARNING,
        "x-forwarded-client-cert names the client but has no certificate in it: certificate_not_forwarded",
        "Set cert: true and chain: true in set_current_client_cert_details",
    ),
    Code.ENVOY_PEER_CERTIFICATE_NOT_INCLUDED: Advice(
        _WARNING,
        "The source envoy_peer never has a certificate",
        "Set include_peer_certificate: true",
    ),
    Code.ENVOY_TLS_SESSION_NOT_INCLUDED: Advice(
        _WARNING,
        "Envoy does not send the server name, so these policies never match and later ones decide",
        "Set include_tls_session: true",
    ),
    Code.ENVOY_TOKEN_NOT_FORWARDED: Advice(
        _WARNING,
        "The payload of the token does not arrive, so no token can be compared with the certificate",
        "Put jwt_authn with payload_in_metadata before ext_authz, and its namespace into metadata_context_namespaces",
    ),
    Code.ENVOY_CONTEXT_NOT_SET: Advice(
        _WARNING,
        "No route says what this policy waits for, so it never matches and later ones decide",
        "Set check_settings.context_extensions on the route, or correct the policy",
    ),
    Code.ENVOY_SOURCE_HEADER_DROPPED: Advice(
        _WARNING,
        "Envoy does not send this header, so the source that reads it never has a certificate",
        "List it in allowed_headers, and not in disallowed_headers",
    ),
    Code.ENVOY_HTTP_OTHER_PREFIX: Advice(
        _WARNING,
        "extauthz takes this off the path of every question, and answers under no other",
        "Set path_prefix to the prefix of listen.http",
    ),
    Code.ENVOY_HTTP_SERVICE_LIMITS: Advice(
        _WARNING,
        "A plain HTTP request has no server name, context extensions or metadata, so these policies never hold",
        "Use grpc_service",
    ),
    Code.ENVOY_CERTIFICATE_NOT_REQUESTED: Advice(
        _WARNING,
        "Clients are never asked for a certificate, so nobody has one",
        "Give the listener's DownstreamTlsContext a validation_context",
    ),
    Code.ENVOY_TIMEOUT_MISSING: Advice(
        _WARNING,
        "Envoy waits 200 ms for an answer, which a busy machine can miss",
        "Set a timeout, such as 0.5s",
    ),
    Code.ENVOY_TIMEOUT_TOO_SMALL: Advice(
        _WARNING,
        "Envoy gives up before a busy service can answer, and refuses the request",
        "Set a timeout such as 0.5s",
    ),
    Code.ENVOY_TIMEOUT_TOO_LARGE: Advice(
        _WARNING,
        "While extauthz does not answer, requests pile up in Envoy for this long",
        "Set a timeout such as 0.5s",
    ),
    Code.ENVOY_STATUS_ON_ERROR_HIDES: Advice(
        _WARNING,
        "An outage is answered with 403, as if the client had been denied",
        "Set status_on_error: {code: ServiceUnavailable}",
    ),
    Code.ENVOY_RETRY_WITHOUT_CONDITIONS: Advice(
        _WARNING,
        "Without conditions nothing is ever retried",
        'Set retry_on: "unavailable,connect-failure,reset"',
    ),
    Code.ENVOY_CLUSTER_MISSING: Advice(
        _WARNING,
        "The cluster that Envoy is to ask is not in this file",
        "Add it, or correct its name",
    ),
    Code.ENVOY_CLUSTER_WITHOUT_HTTP2: Advice(
        _WARNING,
        "Envoy speaks HTTP/1.1 to this cluster, and gRPC needs HTTP/2",
        "Give it explicit_http_config: {http2_protocol_options: {}}",
    ),
    Code.ENVOY_CLUSTER_OTHER_NAME: Advice(
        _WARNING,
        "Envoy expects another name in the certificate of extauthz than those in it, so every request is refused",
        "Correct match_typed_subject_alt_names, or give extauthz a certificate with this name",
    ),
    Code.ENVOY_REQUEST_CHANGED: Advice(
        _WARNING,
        "The upstream gets another path or host than the one that was decided on",
        "Leave the rewrite out, or write policies for what clients send",
    ),
    Code.ENVOY_ROUTE_CACHE_CLEARED: Advice(
        _WARNING,
        "The route is chosen again after the decision, and may be one that was decided by other context extensions",
        "Remove clear_route_cache unless routes match on identity headers",
    ),
    Code.ENVOY_FAILURE_HEADER: Advice(
        _NOTE,
        "x-envoy-auth-failure-mode-allowed marks requests that nobody decided; it protects nothing by itself",
        "Remove failure_mode_allow_header_add together with failure_mode_allow",
    ),
    Code.ENVOY_XFCC_WITHOUT_CHAIN: Advice(
        _NOTE,
        "Intermediate certificates that a client sends do not arrive",
        "Set chain: true, or give every intermediate CA in trust.intermediates",
    ),
    Code.ENVOY_XFCC_BARE_NAMES: Advice(
        _NOTE,
        "Envoy copies these names without quotes, and a client with a comma in one is refused",
        "Leave uri and dns out; extauthz reads them from the certificate",
    ),
    Code.ENVOY_CERTIFICATE_OPTIONAL: Advice(
        _NOTE,
        "Clients without a certificate get as far as extauthz, which has no policy for them",
        "Set require_client_certificate: true",
    ),
    Code.ENVOY_PATH_NOT_NORMALIZED: Advice(
        _NOTE,
        "The upstream may read another path than the one that was decided on",
        "Set normalize_path and merge_slashes to true",
    ),
}
