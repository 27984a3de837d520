"""Whether a policy that asks is on each gateway that wants certificates of clients.

A policy is about pods of its own namespace; in the root namespace about those of all. Istio's own Gateway selects pods
wherever they are, so where its pods are is known only if what makes them is in the files too. Pods of a Gateway of the
Gateway API are where it is.
"""

from collections.abc import Iterator
from enum import Enum, auto
from typing import Final

from extauthz.doctor.code import Code
from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding
from extauthz.doctor.istio.gateway import asks_clients, cluster_gateway_asks
from extauthz.doctor.istio.view import IstioView
from extauthz.doctor.located import Located

_GATEWAY_NAMES: Final = ("gateway.networking.k8s.io/gateway-name", "istio.io/gateway-name")
"""Labels of the pods that Istio makes for a Gateway."""
_CLASS: Final = "istio"


class _Covers(Enum):
    NO = auto()
    PERHAPS = auto()
    """If the gateway's pods are in the policy's namespace, and not in the Gateway's."""
    YES = auto()


def covered(view: IstioView, wants: Expectations) -> Iterator[Finding]:
    """Expect a policy on each of them, unless sidecars behind them ask."""
    if wants.looks_past_a_proxy or not view.custom_policies:
        return
    for gateway in view.gateways:
        if asks_clients(gateway):
            node = gateway.at("spec", "selector")
            yield from _judged(node, [_covers(view, policy, gateway) for policy in view.custom_policies])
    for gateway in view.cluster_gateways:
        spec = gateway["spec"]
        is_istios = _CLASS in (spec["gatewayClassName"].text or _CLASS)
        if is_istios and cluster_gateway_asks(gateway) and not spec["addresses"].given:  # with addresses: of other pods
            node = gateway.at("metadata", "name")
            yield from _judged(node, [_covers_cluster(view, policy, gateway) for policy in view.custom_policies])


def _judged(node: Located, policies: list[_Covers]) -> Iterator[Finding]:
    if _Covers.YES not in policies:
        perhaps = _Covers.PERHAPS in policies
        yield node.found(Code.ISTIO_POLICY_OTHER_NAMESPACE if perhaps else Code.ISTIO_GATEWAY_OPEN)


def _covers(view: IstioView, policy: Located, gateway: Located) -> _Covers:
    """Say whether a policy is on the pods that a Gateway of Istio's own selects."""
    if _targets(policy):
        return _Covers.NO
    labels, selector = _labels(policy.at("spec", "selector", "matchLabels")), _labels(gateway.at("spec", "selector"))
    pods = [pod for pod in view.pods if selector and selector <= _labels(pod.labels)]
    if pods:
        on = any(labels <= _labels(pod.labels) and _is_in(view, policy, pod.namespace) for pod in pods)
        return _Covers.YES if on else _Covers.NO
    if labels and not (labels <= selector or selector <= labels):
        return _Covers.NO
    return _Covers.YES if _is_in(view, policy, _namespace(gateway)) else _Covers.PERHAPS


def _covers_cluster(view: IstioView, policy: Located, gateway: Located) -> _Covers:
    """Say whether a policy is on the pods of a Gateway of the Gateway API."""
    name, targets = gateway.at("metadata", "name").text, _targets(policy)
    if targets:
        on = any(one["name"].text == name for one in targets if one["kind"].text == "Gateway")
        here = _namespace(policy) in {"", _namespace(gateway)} or not _namespace(gateway)
        by_class = any(one["kind"].text == "GatewayClass" for one in targets)
        return _Covers.YES if (on and here) or by_class else _Covers.NO
    labels = policy.at("spec", "selector", "matchLabels").entries
    others = [labels[key].text for key in _GATEWAY_NAMES if key in labels and labels[key].text != name]
    return _Covers.YES if not others and _is_in(view, policy, _namespace(gateway)) else _Covers.NO


def _targets(policy: Located) -> list[Located]:
    spec = policy["spec"]
    return [*spec["targetRefs"].items, *([spec["targetRef"]] if spec["targetRef"].given else [])]


def _is_in(view: IstioView, policy: Located, namespace: str) -> bool:
    """Say whether a policy is about pods of a namespace; one that is not written may be any."""
    own = _namespace(policy)
    return not own or not namespace or own == namespace or own in view.root_namespaces


def _namespace(resource: Located) -> str:
    return resource.at("metadata", "namespace").text


def _labels(labels: Located) -> set[tuple[str, str]]:
    return {(key, one.text) for key, one in labels.entries.items()}
