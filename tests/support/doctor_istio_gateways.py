"""Where policies of Istio's are, and where the gateways are that they should be on."""

from typing import Final

from extauthz.doctor.code import Code
from support.doctor import Case, Json
from support.doctor_istio import SECOND, Files, another_policy, case, cluster_tls, labels, targets

_OPEN: Final = Code.ISTIO_GATEWAY_OPEN
_ELSEWHERE: Final = Code.ISTIO_POLICY_OTHER_NAMESPACE
_NOT_ON: Final = Code.ISTIO_POLICY_NOT_ON_GATEWAY
_PODS: Final = {"istio": "ingressgateway", "app": "istio-ingressgateway", "pod-template-hash": "1"}
_NAME: Final = "gateway.networking.k8s.io/gateway-name"


def moved(it: Files, namespace: str | None) -> Files:
    """Put the policy into another namespace."""
    it.policy["metadata"].update(namespace=namespace)
    return it


def own_gateway(it: Files) -> Files:
    it.cluster_gateway = None
    return it


def by_reference(it: Files, name: str = "edge") -> Files:
    """Leave the Gateway of the Gateway API alone, and name one as what the policy is about."""
    it.gateway = None
    targets(it, "Gateway")
    it.policy["spec"]["targetRefs"][0].update(name=name)
    return it


def deployed(it: Files, namespace: str, made: Json = _PODS, kind: str = "Deployment") -> Files:
    """Add what makes the gateway's pods."""
    own_gateway(it)
    metadata = {"name": "gateway", "namespace": namespace}
    template = {"metadata": {"labels": made}}
    spec = {"metadata": metadata, "spec": {"template": template}}
    pod = {"metadata": {**metadata, "labels": made}}
    it.more.append({"kind": kind, **(pod if kind == "Pod" else spec)})
    return it


def whole_namespace(it: Files, namespace: str) -> Files:
    it.policy["spec"].pop("selector")
    moved(it, namespace)
    return it


GATEWAYS: Final[dict[str, Case]] = {
    "in another namespace than the Gateway": case(
        lambda it: (own_gateway(it), moved(it, "web")), _ELSEWHERE, text="spec.selector"
    ),
    "in the root namespace": case(lambda it: moved(it, "istio-system")),
    "in the root namespace of a mesh that has another": case(
        lambda it: (own_gateway(it), moved(it, "istio-system"), it.mesh.update(rootNamespace="root")), _ELSEWHERE
    ),
    "in a root namespace of another name": case(lambda it: (moved(it, "root"), it.mesh.update(rootNamespace="root"))),
    "in a namespace that is not written": case(lambda it: moved(it, None)),
    "where the pods are and the Gateway is not": case(lambda it: (deployed(it, "edge"), moved(it, "edge"))),
    "where the Gateway is and its pods are not": case(lambda it: deployed(it, "edge"), _OPEN, text="spec.selector"),
    "where a single pod is": case(lambda it: (deployed(it, "edge", kind="Pod"), moved(it, "edge"))),
    "on other labels than those of the pods": case(
        lambda it: (deployed(it, "gateways"), labels(it, istio="ingressgateway", app="edge")), _OPEN, _NOT_ON
    ),
    "beside pods of something else": case(lambda it: deployed(it, "gateways", {"app": "shop"})),
    "on a whole namespace": case(lambda it: (own_gateway(it), whole_namespace(it, "gateways")), _NOT_ON),
    "on another whole namespace": case(lambda it: (own_gateway(it), whole_namespace(it, "web")), _ELSEWHERE, _NOT_ON),
    "one on another workload beside one on the gateway": case(
        lambda it: another_policy(it, selector={"matchLabels": {"app": "shop"}}), Code.ISTIO_POLICY_PARTIAL, _NOT_ON
    ),
    "a gateway for other proxies": case(
        lambda it: (
            own_gateway(it),
            moved(it, "web"),
            it.gateway["spec"]["servers"][0]["tls"].update(mode="ISTIO_MUTUAL"),
        )
    ),
    "asked by sidecars": case(
        lambda it: (own_gateway(it), moved(it, "web")), Code.ISTIO_XFCC_FROM_ANYBODY, sections=SECOND
    ),
    "a reference to another gateway": case(lambda it: by_reference(it, "other"), _OPEN, text="metadata.name"),
    "a reference from another namespace": case(lambda it: (by_reference(it), moved(it, "web")), _OPEN),
    "a reference to a gateway in no written namespace": case(
        lambda it: (by_reference(it), moved(it, "web"), it.cluster_gateway["metadata"].pop("namespace"))
    ),
    "a reference to the class": case(
        lambda it: (
            by_reference(it),
            it.policy["spec"]["targetRefs"][0].update(kind="GatewayClass", name="istio"),
            moved(it, "istio-system"),
        )
    ),
    "a reference in the older field": case(
        lambda it: (by_reference(it), it.policy["spec"].update(targetRef=it.policy["spec"].pop("targetRefs")[0]))
    ),
    "the labels of the gateway's pods": case(lambda it: labels(it, gateway=False, **{_NAME: "edge-gateway"}), _OPEN),
    "a label in another namespace than the gateway": case(
        lambda it: (labels(it, gateway=False, istio="ingressgateway"), moved(it, "web")), _OPEN
    ),
    "another class of gateways": case(
        lambda it: (by_reference(it, "other"), it.cluster_gateway["spec"].update(gatewayClassName="envoy"))
    ),
    "a class of Istio's": case(
        lambda it: (by_reference(it, "other"), it.cluster_gateway["spec"].update(gatewayClassName="istio-edge")),
        _OPEN,
    ),
    "pods that are another's": case(
        lambda it: (by_reference(it, "other"), it.cluster_gateway["spec"].update(addresses=[{"value": "a.b.svc"}]))
    ),
    "a gateway that asks for no certificate": case(
        lambda it: (by_reference(it, "other"), cluster_tls(it)), Code.ISTIO_CERTIFICATE_NOT_REQUESTED
    ),
}
