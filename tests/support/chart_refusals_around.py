"""Mistakes around the pods that the chart refuses: network, monitoring, who asks."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from support.chart_refusals_istio import asks_about
from support.chart_values import EXISTING

GATEWAY: Final = {"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "edge"}
OF_WHAT_IS_AROUND: Final[Mapping[str, tuple[Mapping[str, Any], Sequence[str]]]] = {
    # the sentence: values over the minimal ones, and what else is said of them
    "networkPolicy.proxies is empty: name the pods of the proxies that ask, or set networkPolicy.enabled to false and "
    "let everybody ask": ({"networkPolicy": {"proxies": []}}, ()),
    "networkPolicy.monitoring is empty: Prometheus could not reach what a monitor tells it to scrape; name its pods": (
        {"metrics": {"podMonitor": {"enabled": True}}},
        (),
    ),
    "metrics.serviceMonitor and metrics.podMonitor are both enabled: everything would be scraped twice": (
        {
            "metrics": {"serviceMonitor": {"enabled": True}, "podMonitor": {"enabled": True}},
            "networkPolicy": {"enabled": False},
        },
        (),
    ),
    "metrics.serviceMonitor needs metrics.service.enabled; without a Service use metrics.podMonitor": (
        {
            "metrics": {"serviceMonitor": {"enabled": True}, "service": {"enabled": False}},
            "networkPolicy": {"enabled": False},
        },
        (),
    ),
    "metrics.podMonitor.scrapeTimeout (10s) is longer than its interval (5s): Prometheus would not take it": (
        {"metrics": {"podMonitor": {"enabled": True, "interval": "5s"}}, "networkPolicy": {"enabled": False}},
        (),
    ),
    "networkPolicy.egress.crlPublishers is given and nothing is fetched: name a url in crls, or use "
    "networkPolicy.egress.rules": (
        {"crls": [{"configMap": "a"}], "networkPolicy": {"egress": {"crlPublishers": [{"podSelector": {}}]}}},
        (),
    ),
    "istio.authorizationPolicy has selector and targetRefs: use one": (
        {"istio": {"authorizationPolicy": {"enabled": True, "selector": {"a": "b"}, "targetRefs": [GATEWAY]}}},
        (),
    ),
    "istio.authorizationPolicy needs selector or targetRefs: without, every workload of the namespace would ask": (
        {"istio": {"authorizationPolicy": {"enabled": True}}},
        (),
    ),
    "istio.authorizationPolicy needs grpc.enabled: over HTTP the next hop overwrites the certificate's header": (
        {
            **EXISTING,
            "grpc": {"enabled": False},
            "http": {"enabled": True},
            "istio": {"authorizationPolicy": {"enabled": True, "selector": {"a": "b"}}},
        },
        (),
    ),
    "envoyGateway.securityPolicy.targetRefs is empty: which Gateways or routes ask?": (
        {"envoyGateway": {"securityPolicy": {"enabled": True}}},
        (),
    ),
    "envoyGateway.securityPolicy.targetRefs[0].kind is Gatway: of the group gateway.networking.k8s.io it may be "
    "Gateway, ListenerSet, HTTPRoute, GRPCRoute, TLSRoute, TCPRoute, UDPRoute": (
        {"envoyGateway": {"securityPolicy": {"enabled": True, "targetRefs": [{**GATEWAY, "kind": "Gatway"}]}}},
        (),
    ),
    "istio.authorizationPolicy.targetRefs[1].kind is HTTPRoute: of the group gateway.networking.k8s.io it may be "
    "Gateway, GatewayClass": (
        {
            "istio": {
                "authorizationPolicy": {"enabled": True, "targetRefs": [GATEWAY, {**GATEWAY, "kind": "HTTPRoute"}]}
            }
        },
        (),
    ),
    "envoyGateway.securityPolicy needs grpc.enabled": (
        {
            **EXISTING,
            "grpc": {"enabled": False},
            "http": {"enabled": True},
            "envoyGateway": {"securityPolicy": {"enabled": True, "targetRefs": [GATEWAY]}},
        },
        (),
    ),
    "envoyGateway.securityPolicy and grpc.tls: the chart makes no BackendTLSPolicy; leave grpc.tls off, or write both "
    "policies yourself": (
        {
            "grpc": {"tls": True},
            "tls": {"secretName": "a"},
            "envoyGateway": {"securityPolicy": {"enabled": True, "targetRefs": [GATEWAY]}},
        },
        (),
    ),
    "istio.authorizationPolicy.rules has the host a.example: who writes a port behind it would not be asked about; add "
    "`a.example:*`": (asks_about("a.example", "b.example", "b.example:*"), ()),
    "istio.authorizationPolicy.rules has the host a.example:443: who writes no port would not be asked about; add "
    "`a.example`": (asks_about("a.example:443", "a.example:*"), ()),
    "istio.authorizationPolicy.rules has the host *.a.example: no wildcard in front takes a port, too, and who writes "
    "one would not be asked about; name the hosts, or leave hosts out and let policies tell them apart": (
        asks_about("*.a.example", "b.example", "b.example:*"),
        (),
    ),
    "istio.authorizationPolicy and grpc.tls: Istio speaks TLS to extauthz only with a DestinationRule, which the "
    "chart does not make; leave grpc.tls off, or write both objects yourself": (
        {
            "grpc": {"tls": True},
            "tls": {"secretName": "a"},
            "istio": {"authorizationPolicy": {"enabled": True, "selector": {"a": "b"}}},
        },
        (),
    ),
    "envoyGateway.securityPolicy.timeout is 0, which Envoy Gateway takes for no end: give a time such as 500ms": (
        {"envoyGateway": {"securityPolicy": {"enabled": True, "targetRefs": [GATEWAY], "timeout": "0s"}}},
        (),
    ),
    "istio.authorizationPolicy and no source of type xfcc in config.sources: it hands over the certificate in no other "
    "way, and everybody would be denied": (
        {
            "config": {"sources": [{"type": "envoy_peer"}]},
            "istio": {"authorizationPolicy": {"enabled": True, "selector": {"a": "b"}}},
        },
        (),
    ),
    "envoyGateway.securityPolicy and no source of type xfcc in config.sources: it hands over the certificate in no "
    "other way, and everybody would be denied": (
        {
            "config": {"sources": [{"type": "envoy_peer"}]},
            "envoyGateway": {"securityPolicy": {"enabled": True, "targetRefs": [GATEWAY]}},
        },
        (),
    ),
}
