"""``x-forwarded-client-cert``: who may write it, and whether the certificate is in it."""

from collections.abc import Iterator

from extauthz.doctor.code import Code
from extauthz.doctor.envoy.view import EnvoyView
from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding

DEFAULT_MODE = "SANITIZE"
_BY_NUMBER = ("SANITIZE", "FORWARD_ONLY", "APPEND_FORWARD", "SANITIZE_SET", "ALWAYS_FORWARD_ONLY")
_WRITING = frozenset({"APPEND_FORWARD", "SANITIZE_SET"})
"""The modes in which Envoy writes an element of its own."""


def mode(view: EnvoyView, wants: Expectations) -> Iterator[Finding]:
    """Expect that Envoy drops what a client wrote, and writes its own."""
    for chain in view.authorized_chains:
        node = chain.manager["forward_client_cert_details"]
        name = mode_name(node.text)
        if name == "ALWAYS_FORWARD_ONLY":
            yield node.found(Code.ENVOY_XFCC_ALWAYS_FORWARDED)
        elif name == "FORWARD_ONLY" and wants.reads("xfcc"):
            yield node.found(Code.ENVOY_XFCC_FORWARDED)
        elif name == "APPEND_FORWARD" and wants.takes_only_element:
            yield node.found(Code.ENVOY_XFCC_APPENDED)
        elif name == "SANITIZE" and wants.reads("xfcc"):
            yield node.found(Code.ENVOY_XFCC_SANITIZED)


def details(view: EnvoyView, wants: Expectations) -> Iterator[Finding]:
    """Expect that the element holds the certificate and its chain, and no names that break the header."""
    for chain in view.authorized_chains:
        writes = mode_name(chain.manager["forward_client_cert_details"].text) in _WRITING
        if not (writes and wants.reads("xfcc")):
            continue
        node = chain.manager["set_current_client_cert_details"]
        if not (node["cert"].is_true or node["chain"].is_true):
            yield node["cert"].found(Code.ENVOY_XFCC_WITHOUT_CERTIFICATE)
        elif not node["chain"].is_true:
            yield node["chain"].found(Code.ENVOY_XFCC_WITHOUT_CHAIN)
        for names in ("uri", "dns"):
            if node[names].is_true:
                yield node[names].found(Code.ENVOY_XFCC_BARE_NAMES, names)


def mode_name(text: str) -> str:
    """Return the name of a mode, which protobuf's JSON may also give as a number."""
    if text.isdigit() and int(text) < len(_BY_NUMBER):
        return _BY_NUMBER[int(text)]
    return text or DEFAULT_MODE
