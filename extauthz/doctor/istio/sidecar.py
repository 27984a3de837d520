"""Sidecars that ask, where the client's element of XFCC is the gateway's word: who else can write one.

A sidecar takes what comes with a certificate of the mesh and adds an element of its own; what stands before that one
is whatever the peer wrote. That is the gateway's only if nobody else is let in.
"""

from collections.abc import Iterator
from typing import Final

from extauthz.doctor.code import Code
from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding
from extauthz.doctor.istio.view import IstioView
from extauthz.doctor.located import Located

_PEERS: Final = ("principals", "serviceAccounts", "namespaces")
"""What a certificate of the mesh says."""
_ALLOWING: Final = frozenset({"", "ALLOW"})
_PLAIN: Final = frozenset({"PERMISSIVE", "DISABLE"})


def only_the_gateway(view: IstioView, wants: Expectations) -> Iterator[Finding]:
    """Expect that every rule that lets peers in names them, and that there is one."""
    for policy in view.custom_policies if wants.looks_past_a_proxy else ():
        about = [one for one in view.policies if _is_about(view, one, policy)]
        if any(_denies_others(one) for one in about):
            continue
        allowing = [one for one in about if one.at("spec", "action").text in _ALLOWING]
        if not allowing:
            yield policy.at("spec", "selector").found(Code.ISTIO_XFCC_FROM_ANYBODY, "no policy says who is let in")
        for rules in (one.at("spec", "rules") for one in allowing):
            for rule in rules.items:
                if isinstance(rule.value, dict) and not _names_peers(rule):
                    yield rule.found(Code.ISTIO_XFCC_FROM_ANYBODY)


def plain(view: IstioView, wants: Expectations) -> Iterator[Finding]:
    """Expect that no connection without a certificate of the mesh is taken, as far as the files say."""
    found: dict[object, Finding] = {}
    for policy in view.custom_policies if wants.looks_past_a_proxy else ():
        about = [one for one in view.peer_authentications if _is_about(view, one, policy)]
        # The one for the workload counts, then that of its namespace, then that of the mesh.
        for one in sorted(about, key=lambda each: _rank(each, policy), reverse=True):
            mode = one.at("spec", "mtls", "mode")
            ports = [node["mode"] for node in one.at("spec", "portLevelMtls").entries.values()]
            found.update(
                (node.path, node.found(Code.ISTIO_PLAIN_ACCEPTED, node.text))
                for node in (mode, *ports)
                if node.text in _PLAIN
            )
            if mode.text and mode.text != "UNSET":
                break
    yield from found.values()


def _is_about(view: IstioView, other: Located, policy: Located) -> bool:
    """Say whether a resource is about every workload that a policy is about."""
    spec = other["spec"]
    if spec["targetRefs"].given or spec["targetRef"].given:
        return (spec["targetRefs"].value, spec["targetRef"].value) == (
            policy.at("spec", "targetRefs").value,
            policy.at("spec", "targetRef").value,
        ) and _namespace(other) == _namespace(policy)
    labels, of_policy = _labels(other), _labels(policy)
    return (_namespace(other) in {_namespace(policy), *view.root_namespaces}) and labels <= of_policy


def _rank(one: Located, policy: Located) -> tuple[bool, bool]:
    return bool(_labels(one)), _namespace(one) == _namespace(policy)


def _names_peers(rule: Located) -> bool:
    sources = [one["source"] for one in rule["from"].items]
    return bool(sources) and all(any(_are_some(source[key]) for key in _PEERS) for source in sources)


def _are_some(names: Located) -> bool:
    return bool(names.texts) and "*" not in names.texts


def _denies_others(policy: Located) -> bool:
    """Say whether a policy turns away whoever is none of some peers, whatever is asked for."""
    rules = policy.at("spec", "rules").items if policy.at("spec", "action").text == "DENY" else []
    return any(
        not rule["to"].given
        and not rule["when"].given
        and any(
            set(source.entries) <= {"notPrincipals", "notServiceAccounts", "notNamespaces"}
            and len(source.entries) == 1
            and all(_are_some(names) for names in source.entries.values())
            for source in (one["source"] for one in rule["from"].items)
        )
        for rule in rules
    )


def _namespace(one: Located) -> str:
    return one.at("metadata", "namespace").text


def _labels(one: Located) -> set[tuple[str, str]]:
    return {(key, value.text) for key, value in one.at("spec", "selector", "matchLabels").entries.items()}
