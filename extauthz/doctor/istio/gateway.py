"""The gateway: whether it asks clients for certificates, and what it does with a forwarded one."""

from collections.abc import Iterator
from typing import Final

from extauthz.doctor.code import Code
from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding
from extauthz.doctor.istio.view import IstioView
from extauthz.doctor.located import Located

_ASKING: Final = frozenset({"MUTUAL", "OPTIONAL_MUTUAL", "ISTIO_MUTUAL"})
_OF_CLIENTS: Final = frozenset({"MUTUAL", "OPTIONAL_MUTUAL"})
_TERMINATING: Final = frozenset({"", "SIMPLE", "MUTUAL", "OPTIONAL_MUTUAL", "ISTIO_MUTUAL"})
_TERMINATE_MODE: Final = "gateway.istio.io/tls-terminate-mode"
_INSECURE: Final = "AllowInsecureFallback"


def xfcc_mode(view: IstioView, wants: Expectations) -> Iterator[Finding]:
    """Expect that the gateway drops what a client wrote, and writes its own."""
    for proxy in view.proxy_configs:
        node = proxy.at("gatewayTopology", "forwardClientCertDetails")
        match node.text:
            case "ALWAYS_FORWARD_ONLY" | "FORWARD_ONLY":
                yield node.found(Code.ISTIO_XFCC_FORWARDED, node.text)
            case "APPEND_FORWARD" if wants.takes_only_element:
                yield node.found(Code.ISTIO_XFCC_APPENDED)
            case "SANITIZE" if wants.reads("xfcc"):
                yield node.found(Code.ISTIO_XFCC_SANITIZED)


def certificate_requested(view: IstioView, _wants: Expectations) -> Iterator[Finding]:
    """Expect that servers that end TLS ask clients for a certificate."""
    for gateway in view.gateways:
        for server in gateway.at("spec", "servers").items:
            tls = server["tls"]
            mode = tls["mode"].text
            if tls.given and not tls["httpsRedirect"].is_true and mode in _TERMINATING and mode not in _ASKING:
                yield tls["mode"].found(Code.ISTIO_CERTIFICATE_NOT_REQUESTED)
    for gateway in view.cluster_gateways:
        for listener in gateway.at("spec", "listeners").items:
            if _ends_tls(listener) and not _listener_asks(gateway, listener):
                yield listener["tls"].found(Code.ISTIO_CERTIFICATE_NOT_REQUESTED)


def asks_clients(gateway: Located) -> bool:
    """Say whether some server of a Gateway of Istio's own asks clients, and not other proxies, for certificates."""
    return any(one.at("tls", "mode").text in _OF_CLIENTS for one in gateway.at("spec", "servers").items)


def cluster_gateway_asks(gateway: Located) -> bool:
    """Say the same of a Gateway of the Gateway API."""
    listeners = gateway.at("spec", "listeners").items
    return any(_ends_tls(one) and _listener_asks(gateway, one) for one in listeners)


def verified(view: IstioView, wants: Expectations) -> Iterator[Finding]:
    """Expect that somebody verifies the chain: the gateway, or extauthz."""
    if wants.verifies_chains:
        return
    for gateway in view.cluster_gateways:
        spec = gateway["spec"]
        validations = [
            *(one.at("tls", "frontendValidation") for one in spec["listeners"].items),
            spec.at("tls", "frontend", "default", "validation"),
            *(one.at("tls", "validation") for one in spec.at("tls", "frontend", "perPort").items),
        ]
        for mode in (one["mode"] for one in validations):
            if mode.text == _INSECURE:
                yield mode.found(Code.ISTIO_UNTRUSTED_ACCEPTED, f"trust.chain is {wants.config.trust.chain}")


def _ends_tls(listener: Located) -> bool:
    return listener["tls"].given and listener.at("tls", "mode").text in {"", "Terminate"}


def _listener_asks(gateway: Located, listener: Located) -> bool:
    spec, tls = gateway["spec"], listener["tls"]
    option = tls["options"].entries.get(_TERMINATE_MODE)
    by_option = option is not None and option.text in _ASKING
    everywhere = spec.at("tls", "frontend", "default", "validation")
    return by_option or tls["frontendValidation"].given or everywhere.given or _by_port(spec, listener)


def _by_port(spec: Located, listener: Located) -> bool:
    return any(
        one["port"].text == listener["port"].text and one.at("tls", "validation").given
        for one in spec.at("tls", "frontend", "perPort").items
    )
