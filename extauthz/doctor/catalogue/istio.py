"""Findings about Istio."""

from collections.abc import Mapping
from typing import Final

from extauthz.doctor.code import Code, Severity
from extauthz.doctor.finding import Advice

_ERROR, _WARNING = Severity.ERROR, Severity.WARNING

ADVICE: Final[Mapping[Code, Advice]] = {
    Code.ISTIO_FAIL_OPEN: Advice(
        _ERROR,
        "When extauthz cannot be reached, the gateway lets every request through",
        "Set failOpen: false",
    ),
    Code.ISTIO_POLICY_MISSING: Advice(
        _ERROR,
        "No AuthorizationPolicy in these files has action: CUSTOM, so extauthz is never asked and everything passes",
        "Add one with this provider on the gateway, or give its file too",
    ),
    Code.ISTIO_GATEWAY_OPEN: Advice(
        _ERROR,
        "No policy that asks is on this gateway, so its requests pass without a decision",
        "Put one into the namespace of the gateway's pods, with the labels of its selector or its name in targetRefs",
    ),
    Code.ISTIO_POLICY_WITHOUT_RULES: Advice(
        _ERROR,
        "A policy without rules matches no request, so extauthz is never asked and everything passes",
        "Set rules: [{}], which matches every request",
    ),
    Code.ISTIO_POLICY_DRY_RUN: Advice(
        _ERROR,
        "A policy in dry-run enforces nothing, so extauthz is not asked and everything passes",
        "Remove the annotation istio.io/dry-run",
    ),
    Code.ISTIO_XFCC_FORWARDED: Advice(
        _ERROR,
        "Clients can write x-forwarded-client-cert themselves and pass for others",
        "Set forwardClientCertDetails: SANITIZE_SET",
    ),
    Code.ISTIO_XFCC_FROM_ANYBODY: Advice(
        _ERROR,
        "Whoever reaches this workload can write what the gateway would, and so pass for any client",
        "Let in the gateway alone: an AuthorizationPolicy with action: ALLOW and from.source.principals in each rule",
    ),
    Code.ISTIO_IDENTITY_OVERWRITTEN: Advice(
        _ERROR,
        "This writes something of the request into an identity header after the decision, so a client can forge it",
        "Remove it",
    ),
    Code.ISTIO_UNTRUSTED_ACCEPTED: Advice(
        _ERROR,
        "The gateway takes certificates of any CA, and extauthz does not verify them either",
        "Set trust.chain: verify in extauthz, or remove the insecure fallback",
    ),
    Code.ISTIO_IDENTITY_NOT_COPIED: Advice(
        _ERROR,
        "These identity headers are not taken from the answer, so those that a client writes reach the upstream",
        "List them in headersToUpstreamOnAllow, or use envoyExtAuthzGrpc",
    ),
    Code.ISTIO_POLICY_PARTIAL: Advice(
        _WARNING,
        "Requests that no rule matches pass without a decision, and with whatever identity headers the client wrote. "
        "A host without a port does not match one with it, nor does a wildcard in front",
        "Set rules: [{}] and let the policies of extauthz tell requests apart; else write each host twice: x and x:*",
    ),
    Code.ISTIO_HTTP_PROVIDER: Advice(
        _WARNING,
        "On its way to extauthz the mesh writes its own workload into x-forwarded-client-cert instead of the client",
        "Use envoyExtAuthzGrpc",
    ),
    Code.ISTIO_XFCC_APPENDED: Advice(
        _WARNING,
        "A client that sends x-forwarded-client-cert itself is refused, and so is everybody behind another proxy",
        "Set forwardClientCertDetails: SANITIZE_SET, or element: last on the source in extauthz",
    ),
    Code.ISTIO_XFCC_SANITIZED: Advice(
        _WARNING,
        "The gateway removes x-forwarded-client-cert, so the source xfcc never has a certificate",
        "Set forwardClientCertDetails: SANITIZE_SET",
    ),
    Code.ISTIO_PLAIN_ACCEPTED: Advice(
        _WARNING,
        "Peers without a certificate of the mesh reach this workload, and only an AuthorizationPolicy turns them away",
        "Set mtls mode STRICT in its PeerAuthentication",
    ),
    Code.ISTIO_TIMEOUT_UNSET: Advice(
        _WARNING,
        "Istio's default is 600 seconds: while extauthz does not answer, requests pile up in the gateway",
        "Set timeout: 0.5s",
    ),
    Code.ISTIO_TIMEOUT_TOO_LARGE: Advice(
        _WARNING,
        "While extauthz does not answer, requests pile up in the gateway for this long",
        "Set timeout: 0.5s",
    ),
    Code.ISTIO_STATUS_ON_ERROR_HIDES: Advice(
        _WARNING,
        "An outage is answered with 403, as if the client had been denied",
        'Set statusOnError: "503"',
    ),
    Code.ISTIO_ROUTE_CACHE_CLEARED: Advice(
        _WARNING,
        "The route is chosen again after the decision",
        "Remove clearRouteCache unless routes match on identity headers",
    ),
    Code.ISTIO_PROVIDER_UNKNOWN: Advice(
        _WARNING,
        "No extension provider has this name, and Istio refuses every request that the policy is about",
        "Define it in meshConfig.extensionProviders, or correct the name",
    ),
    Code.ISTIO_PROVIDER_UNUSED: Advice(
        _WARNING,
        "No AuthorizationPolicy in these files asks the provider, so extauthz decides nothing",
        "Add an AuthorizationPolicy with action: CUSTOM and this provider on the gateway",
    ),
    Code.ISTIO_POLICY_OTHER_NAMESPACE: Advice(
        _WARNING,
        "The policies that ask are in another namespace than this Gateway, and hold only if its pods are there",
        "Put the policy into the namespace of the gateway's pods, and give their Deployment too to have it checked",
    ),
    Code.ISTIO_POLICY_NOT_ON_GATEWAY: Advice(
        _WARNING,
        "Behind a sidecar the peer is the gateway or another workload, not the client",
        "Put the policy on the gateway, with targetRefs or the labels of the gateway's selector",
    ),
    Code.ISTIO_CERTIFICATE_NOT_REQUESTED: Advice(
        _WARNING,
        "Clients of this server are never asked for a certificate",
        "Set tls mode MUTUAL or OPTIONAL_MUTUAL",
    ),
    Code.ISTIO_PEER_NEVER_SENT: Advice(
        _WARNING,
        "Istio has no setting for include_peer_certificate, so the source envoy_peer never has a certificate",
        "Configure the source xfcc",
    ),
    Code.ISTIO_CONDITION_NEVER_SENT: Advice(
        _WARNING,
        "Istio has no setting to send the server name, context extensions or metadata, so these policies never hold",
        "Match on hosts and paths",
    ),
    Code.ISTIO_DOES_NOT_ASK: Advice(
        _WARNING,
        "No provider in these files asks extauthz, so how it is asked was not examined",
        "Give the file with meshConfig.extensionProviders too",
    ),
}
