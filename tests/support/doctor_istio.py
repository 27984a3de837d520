"""Resources of Istio in which nothing is found, to be changed."""

import copy
import json
from collections.abc import Callable
from typing import Final

from extauthz.doctor.code import Code
from support.doctor import POLICY, Case, Json

XFCC: Final = {"sources": "sources: [{type: xfcc}]"}
LAST: Final = {"sources": "sources: [{type: xfcc, element: last}]"}
SECOND: Final = {"sources": "sources: [{type: xfcc, element: {from_right: 2}, by: [spiffe://a/b]}]"}
PEER: Final = {"sources": "sources: [{type: envoy_peer}]"}
BOTH: Final = {"sources": "sources: [{type: envoy_peer}, {type: xfcc}]"}
HTTP: Final = {"listen": "listen: {http: {dialect: envoy_http, callers: {addresses: [127.0.0.1]}}}", "sources": ""}
NAMES_ONLY: Final = {**XFCC, "trust": "trust: {anchors: [pki/root.pem], chain: issuer_name}"}
SNI: Final = {**XFCC, "policies": POLICY % ("{sni: [a.example]}", "{}")}
CONTEXT: Final = {**XFCC, "policies": POLICY % ("{context: {a: b}}", "{}")}
PATHS: Final = {**XFCC, "policies": POLICY % ("{paths: [/a]}", "{}")}
OPTION: Final = "gateway.istio.io/tls-terminate-mode"

MESH: Final = {
    "extensionProviders": [
        {
            "name": "extauthz",
            "envoyExtAuthzGrpc": {
                "service": "extauthz.extauthz.svc.cluster.local",
                "port": 9191,
                "timeout": "0.5s",
                "failOpen": False,
                "statusOnError": "503",
            },
        },
        {"name": "tracing", "zipkin": {"service": "zipkin", "port": 9411}},
    ],
    "defaultConfig": {"gatewayTopology": {"forwardClientCertDetails": "SANITIZE_SET"}},
}
POLICIES: Final = {
    "apiVersion": "security.istio.io/v1",
    "kind": "AuthorizationPolicy",
    "metadata": {"name": "ask", "namespace": "gateways"},
    "spec": {
        "selector": {"matchLabels": {"istio": "ingressgateway"}},
        "action": "CUSTOM",
        "provider": {"name": "extauthz"},
        "rules": [{}],
    },
}
GATEWAY: Final = {
    "apiVersion": "networking.istio.io/v1",
    "kind": "Gateway",
    "metadata": {"name": "edge", "namespace": "gateways"},
    "spec": {
        "selector": {"istio": "ingressgateway", "app": "istio-ingressgateway"},
        "servers": [
            {"port": {"number": 443}, "hosts": ["*"], "tls": {"mode": "MUTUAL", "credentialName": "edge"}},
            {"port": {"number": 80}, "hosts": ["*"], "tls": {"httpsRedirect": True}},
            {"port": {"number": 8443}, "hosts": ["*"], "tls": {"mode": "PASSTHROUGH"}},
        ],
    },
}
CLUSTER_GATEWAY: Final = {
    "apiVersion": "gateway.networking.k8s.io/v1",
    "kind": "Gateway",
    "metadata": {"name": "edge", "namespace": "gateways"},
    "spec": {
        "listeners": [
            {
                "name": "https",
                "port": 443,
                "protocol": "HTTPS",
                "tls": {"mode": "Terminate", "options": {OPTION: "MUTUAL"}},
            },
            {"name": "http", "port": 80, "protocol": "HTTP"},
        ]
    },
}


class Files:
    """Resources to be changed, in one file."""

    def __init__(self) -> None:
        self.mesh, self.policy, self.gateway, self.cluster_gateway = copy.deepcopy(
            [MESH, POLICIES, GATEWAY, CLUSTER_GATEWAY]
        )
        self.more: list[Json] = []

    mesh: Json
    policy: Json
    gateway: Json
    cluster_gateway: Json

    @property
    def provider(self) -> Json:
        return self.mesh["extensionProviders"][0]["envoyExtAuthzGrpc"]

    @property
    def topology(self) -> Json:
        return self.mesh["defaultConfig"]["gatewayTopology"]

    @property
    def listener(self) -> Json:
        return self.cluster_gateway["spec"]["listeners"][0]

    def text(self) -> str:
        documents = [self.mesh, self.policy, self.gateway, self.cluster_gateway, *self.more]
        return "\n---\n".join(json.dumps(one) for one in documents if one is not None)


def case(
    change: Callable[[Files], object], *finds: Code, sections: dict[str, str] | None = None, text: str = ""
) -> Case:
    return Case(change, finds, sections or XFCC, text)


def over_http(it: Files, *, sent: bool = True, copied: list[str]) -> Files:
    settings = {
        **it.mesh["extensionProviders"][0].pop("envoyExtAuthzGrpc"),
        "port": 9192,
        "headersToUpstreamOnAllow": copied,
    }
    if sent:
        settings["includeRequestHeadersInCheck"] = ["X-Forwarded-Client-Cert"]
    it.mesh["extensionProviders"][0]["envoyExtAuthzHttp"] = settings
    return it


def http_provider(it: Files) -> Json:
    return it.mesh["extensionProviders"][0]["envoyExtAuthzHttp"]


def annotated(it: Files, mode: str) -> None:
    config = f"gatewayTopology: {{forwardClientCertDetails: {mode}}}\n"
    it.more.append(
        {
            "kind": "Deployment",
            "spec": {"template": {"metadata": {"annotations": {"proxy.istio.io/config": config}}}},
        }
    )


def cluster_tls(it: Files, **tls: object) -> Files:
    it.listener["tls"] = {"mode": "Terminate", **tls}
    return it


def frontend(it: Files, mode: str = "AllowValidOnly") -> None:
    it.cluster_gateway["spec"]["tls"] = {"frontend": {"default": {"validation": {"mode": mode}}}}
    cluster_tls(it)


def per_port(it: Files, port: int, mode: str = "AllowValidOnly") -> None:
    ports = [{"port": port, "tls": {"validation": {"mode": mode}}}]
    it.cluster_gateway["spec"]["tls"] = {"frontend": {"perPort": ports}}
    cluster_tls(it)


def targets(it: Files, kind: str) -> Files:
    it.policy["spec"].pop("selector")
    it.policy["spec"]["targetRefs"] = [{"kind": kind, "name": "edge"}]
    return it


def labels(it: Files, *, gateway: bool = True, **wanted: str) -> Files:
    it.policy["spec"]["selector"]["matchLabels"] = wanted
    if not gateway:
        it.gateway = None
    return it


def without_authorizer(it: Files) -> None:
    it.mesh["extensionProviders"].pop(0)
    it.policy = None


def rules(it: Files, *given: Json) -> None:
    it.policy["spec"]["rules"] = list(given)


def another_policy(it: Files, *, namespace: str = "gateways", tried: bool = False, **spec: Json) -> None:
    """Add one that matches everything, and limit the one that is there."""
    rules(it, to_some(hosts=["a.example"]))
    other = copy.deepcopy(it.policy)
    other["metadata"] = {"name": "all", "namespace": namespace}
    other["spec"].update(rules=[{}], **spec)
    if tried:
        tried_out(other)
    it.more.append(other)


def tried_out(policy: Json, word: str = "true") -> None:
    policy["metadata"]["annotations"] = {"istio.io/dry-run": word}


def to_some(**operation: Json) -> Json:
    return {"to": [{"operation": operation}]}


SOME: Final = {"from": [{"source": {"notIpBlocks": ["10.0.0.0/8"]}}]}
