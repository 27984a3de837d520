"""Whether clients are asked for a certificate, whether it is verified, and whether extauthz gets it."""

from collections.abc import Iterator

from extauthz.doctor.code import Code
from extauthz.doctor.envoy.view import Chain, EnvoyView
from extauthz.doctor.envoy.xfcc import mode_name
from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding

_ACCEPT_UNTRUSTED = frozenset({"ACCEPT_UNTRUSTED", "1"})


def peer_certificate(view: EnvoyView, wants: Expectations) -> Iterator[Finding]:
    """Expect that the filter hands the certificate over where the source ``envoy_peer`` waits for it."""
    if not wants.reads("envoy_peer"):
        return
    for authorizer in view.authorizers:
        node = authorizer.config["include_peer_certificate"]
        if not node.is_true and not authorizer.asks_over_http:
            yield node.found(Code.ENVOY_PEER_CERTIFICATE_NOT_INCLUDED)


def requested(view: EnvoyView, _wants: Expectations) -> Iterator[Finding]:
    """Expect that the listener asks clients for a certificate."""
    for chain in _asking_chains(view):
        forwarded = mode_name(chain.manager["forward_client_cert_details"].text) == "ALWAYS_FORWARD_ONLY"
        if not chain.validation.given and not forwarded:
            plain = "" if chain.tls.given else "the listener has no TLS"
            yield chain.validation.found(Code.ENVOY_CERTIFICATE_NOT_REQUESTED, plain)


def required(view: EnvoyView, wants: Expectations) -> Iterator[Finding]:
    """Expect that a handshake without a certificate ends at once, where no policy wants such clients."""
    for chain in _asking_chains(view):
        node = chain.tls["require_client_certificate"]
        if chain.validation.given and not node.is_true and not wants.lets_in_without_certificate:
            yield node.found(Code.ENVOY_CERTIFICATE_OPTIONAL)


def verified(view: EnvoyView, wants: Expectations) -> Iterator[Finding]:
    """Expect that somebody verifies the chain: Envoy, or extauthz."""
    for chain in _asking_chains(view):
        node = chain.inline_validation["trust_chain_verification"]
        if node.text in _ACCEPT_UNTRUSTED and not wants.verifies_chains:
            yield node.found(Code.ENVOY_UNTRUSTED_ACCEPTED, f"trust.chain is {wants.config.trust.chain}")


def _asking_chains(view: EnvoyView) -> Iterator[Chain]:
    return (chain for chain in view.chains if chain.authorizers or chain.connection_authorizers)
