"""Sidecars of Istio that ask, whom they let in, and headers that routes write; and what looks like it."""

from typing import Final

from extauthz.doctor.code import Code
from support.doctor import Case, Json
from support.doctor_istio import SECOND, Files, case, labels

ANYBODY: Final = Code.ISTIO_XFCC_FROM_ANYBODY
PLAIN: Final = Code.ISTIO_PLAIN_ACCEPTED
OVERWRITTEN: Final = Code.ISTIO_IDENTITY_OVERWRITTEN
GATEWAY: Final = "cluster.local/ns/gateways/sa/edge"
GATEWAYS_OWN: Final[Json] = {"from": [{"source": {"principals": [GATEWAY]}}]}
FOO: Final = "%REQ(x-foo)%"


def letting_in(*rules: Json, namespace: str = "gateways", action: str | None = "ALLOW", **spec: Json) -> Json:
    """Return a policy about who may connect."""
    return {
        "kind": "AuthorizationPolicy",
        "metadata": {"name": "who", "namespace": namespace},
        "spec": {**({"action": action} if action else {}), "rules": list(rules), **spec},
    }


def _peers(mode: str, *, app: str = "", namespace: str = "gateways", **spec: Json) -> Json:
    selector = {"selector": {"matchLabels": {"app": app}}} if app else {}
    return {
        "kind": "PeerAuthentication",
        "metadata": {"name": "peers", "namespace": namespace},
        "spec": {**({"mtls": {"mode": mode}} if mode else {}), **selector, **spec},
    }


def _sidecar(*more: Json, finds: tuple[Code, ...] = (), text: str = "", read: bool = True) -> Case:
    """Return a case in which sidecars of one workload ask, with more resources."""

    def change(it: Files) -> None:
        labels(it, app="shop")
        it.more.extend(more)

    if read:
        return case(change, *finds, sections=SECOND, text=text)
    return case(change, Code.ISTIO_GATEWAY_OPEN, Code.ISTIO_POLICY_NOT_ON_GATEWAY, text=text)


def _from(**source: Json) -> Json:
    return {"from": [{"source": source}]}


def _by_reference(*references: Json) -> Case:
    """Return a case in which a policy by reference asks, and one with references lets in."""

    def change(it: Files) -> None:
        it.policy["spec"].pop("selector")
        it.policy["spec"]["targetRefs"] = [{"kind": "Service", "name": "shop"}]
        it.more.append(letting_in(GATEWAYS_OWN, targetRefs=list(references)))

    finds = () if references == ({"kind": "Service", "name": "shop"},) else (ANYBODY,)
    return case(change, *finds, sections=SECOND)


def _routed(kind: str, part: Json, *finds: Code, text: str = "") -> Case:
    spec = {"http": [part]} if kind == "VirtualService" else {"rules": [part]}
    return case(lambda it: it.more.append({"kind": kind, "spec": spec}), *finds, text=text)


def _setting(value: str, name: str = "X-Client-Cert-Cn", how: str = "set") -> Json:
    return {"headers": {"request": {how: {name: value}}}}


def _modifying(value: str) -> Json:
    modifier = {"set": [{"name": "x-client-cert-cn", "value": value}]}
    return {"filters": [{"type": "RequestHeaderModifier", "requestHeaderModifier": modifier}]}


SHOP: Final[Json] = {"selector": {"matchLabels": {"app": "shop"}}}
OTHERS: Final[Json] = _from(notPrincipals=[GATEWAY])

SIDECARS: Final[dict[str, Case]] = {
    "sidecar that lets in anybody": _sidecar(finds=(ANYBODY,), text="no policy says who is let in"),
    "sidecar that lets in anybody by a rule": _sidecar(letting_in({}), finds=(ANYBODY,), text="[4].spec.rules[0]"),
    "sidecar that lets in anybody of the mesh": _sidecar(letting_in(_from(principals=["*"])), finds=(ANYBODY,)),
    "sidecar that lets in some addresses": _sidecar(letting_in(_from(ipBlocks=["10.0.0.0/8"])), finds=(ANYBODY,)),
    "sidecar that lets in anybody to some paths": _sidecar(
        letting_in(GATEWAYS_OWN, {"to": [{"operation": {"paths": ["/a"]}}]}), finds=(ANYBODY,), text="rules[1]"
    ),
    "sidecar that lets in the gateway": _sidecar(letting_in(GATEWAYS_OWN, **SHOP)),
    "sidecar that lets in the gateway without saying so": _sidecar(letting_in(GATEWAYS_OWN, action=None)),
    "sidecar that lets in the gateway's namespace": _sidecar(letting_in(_from(namespaces=["gateways"]))),
    "sidecar that lets in nobody": _sidecar(letting_in()),
    "sidecar that lets in nobody by an empty rule": _sidecar(letting_in(None)),
    "sidecar that lets in the gateway, for the whole mesh": _sidecar(
        letting_in(GATEWAYS_OWN, namespace="istio-system")
    ),
    "sidecar of another namespace that lets in the gateway": _sidecar(
        letting_in(GATEWAYS_OWN, namespace="web"), finds=(ANYBODY,)
    ),
    "sidecar of another workload that lets in the gateway": _sidecar(
        letting_in(GATEWAYS_OWN, selector={"matchLabels": {"app": "other"}}), finds=(ANYBODY,)
    ),
    "sidecar that lets in the gateway by one policy and anybody by another": _sidecar(
        letting_in(GATEWAYS_OWN), letting_in({}), finds=(ANYBODY,), text="[5].spec.rules[0]"
    ),
    "sidecar that turns away all but the gateway": _sidecar(letting_in(OTHERS, action="DENY")),
    "sidecar that turns away all but anybody": _sidecar(
        letting_in(_from(notPrincipals=["*"]), action="DENY"), finds=(ANYBODY,)
    ),
    "sidecar that turns away some from some paths": _sidecar(
        letting_in({**OTHERS, "to": [{"operation": {"paths": ["/a"]}}]}, action="DENY"), finds=(ANYBODY,)
    ),
    "sidecar that turns away others in some namespaces": _sidecar(
        letting_in(_from(notPrincipals=[GATEWAY], namespaces=["a"]), action="DENY"), finds=(ANYBODY,)
    ),
    "sidecar that turns away nobody": _sidecar(letting_in({}, action="DENY"), finds=(ANYBODY,)),
    "sidecar that lets in anybody and is not read": _sidecar(letting_in({}), read=False),
    "referred to and letting in the gateway": _by_reference({"kind": "Service", "name": "shop"}),
    "referred to, and another lets in the gateway": _by_reference({"kind": "Service", "name": "other"}),
    "plain connections to the workload": _sidecar(
        letting_in(GATEWAYS_OWN), _peers("PERMISSIVE", app="shop"), finds=(PLAIN,), text="spec.mtls.mode (PERMISSIVE)"
    ),
    "plain connections to one port": _sidecar(
        letting_in(GATEWAYS_OWN),
        _peers("STRICT", app="shop", portLevelMtls={"8080": {"mode": "DISABLE"}}),
        finds=(PLAIN,),
        text="mode (DISABLE)",
    ),
    "plain connections in the mesh": _sidecar(
        letting_in(GATEWAYS_OWN), _peers("PERMISSIVE", namespace="istio-system"), finds=(PLAIN,)
    ),
    "plain connections in the mesh but not in the namespace": _sidecar(
        letting_in(GATEWAYS_OWN), _peers("PERMISSIVE", namespace="istio-system"), _peers("STRICT")
    ),
    "plain connections in the namespace but not to the workload": _sidecar(
        letting_in(GATEWAYS_OWN), _peers("PERMISSIVE"), _peers("STRICT", app="shop")
    ),
    "plain connections in the namespace, of which the workload says nothing": _sidecar(
        letting_in(GATEWAYS_OWN), _peers("PERMISSIVE"), _peers("UNSET", app="shop"), finds=(PLAIN,)
    ),
    "plain connections to another workload": _sidecar(letting_in(GATEWAYS_OWN), _peers("PERMISSIVE", app="other")),
    "plain connections to what is not read": _sidecar(_peers("PERMISSIVE", app="shop"), read=False),
    "nothing said about plain connections": _sidecar(letting_in(GATEWAYS_OWN), _peers("")),
    "identity written by a virtual service": _routed(
        "VirtualService", _setting(FOO), OVERWRITTEN, text=f"X-Client-Cert-Cn: {FOO}"
    ),
    "identity added on one way of a virtual service": _routed(
        "VirtualService", {"route": [_setting(FOO, how="add")]}, OVERWRITTEN
    ),
    "identity written by a virtual service as a text": _routed("VirtualService", _setting("nobody")),
    "another header written by a virtual service": _routed("VirtualService", _setting(FOO, "x-other")),
    "identity written by a route": _routed("HTTPRoute", _modifying(FOO), OVERWRITTEN),
    "identity written on one way of a route": _routed("HTTPRoute", {"backendRefs": [_modifying(FOO)]}, OVERWRITTEN),
    "identity written by a route as a text": _routed("HTTPRoute", _modifying("nobody")),
}
