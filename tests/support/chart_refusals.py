"""What does not go together in the chart's values: each sentence, the values that bring it up, what else is said."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from support.chart_values import ABSENT, EXISTING

NGINX: Final = {"dialect": "nginx", "unsafe_any_caller": True}
REFUSED: Final[Mapping[str, tuple[Mapping[str, Any], Sequence[str]]]] = {
    # the sentence: values over the minimal ones, and what else is said of them
    "config is empty: write at least its `sources` and `policies`, or name an existingConfigMap": (
        {"config": None},
        (),
    ),
    "config and existingConfigMap are given: the configuration comes from one of them": (
        {"existingConfigMap": "a"},
        (),
    ),
    "existingConfigMap and existingSecret are given: the configuration comes from one of them": (
        {**EXISTING, "existingSecret": "a"},
        (),
    ),
    "config.policies is empty: without a policy everybody is denied": ({"config": {"policies": ABSENT}}, ()),
    "trust.anchors is empty: name the ConfigMaps, Secrets or bundles with the CAs of your clients": (
        {"trust": {"anchors": []}},
        (),
    ),
    "config.sources is empty: say where the proxy puts the certificate, such as [{type: xfcc}], or set grpc.enabled to "
    "false": ({"config": {"sources": ABSENT}}, ()),
    "config.sources is for the gRPC listener, and grpc.enabled is false: enable it, or write listen.http.sources": (
        {"grpc": {"enabled": False}, "http": {"enabled": True}, "config": {"listen": {"http": NGINX}}},
        (),
    ),
    "config.listen.http.dialect is missing: http.enabled needs to know which proxy asks": (
        {"http": {"enabled": True}},
        (),
    ),
    "config.listen.http is given and http.enabled is false: enable it, so that the Service has its port": (
        {"config": {"listen": {"http": NGINX}}},
        (),
    ),
    "config.listen.grpc.address is the chart's to set: use grpc.port and bindAddress": (
        {"config": {"listen": {"grpc": {"address": "0.0.0.0:1"}}}},
        (),
    ),
    "config.listen.grpc.tls is given and grpc.tls is false: set it, and `tls` for the certificate": (
        {"config": {"listen": {"grpc": {"tls": {"client_ca": "a"}}}}},
        ("config.listen.grpc.tls.client_ca is the chart's to set: use `tls`",),
    ),
    "config.listen.http.tls.cert is the chart's to set: use `tls`": (
        {
            "http": {"enabled": True, "tls": True},
            "tls": {"secretName": "a"},
            "config": {"listen": {"http": {**NGINX, "tls": {"cert": "a"}}}},
        },
        (),
    ),
    "config.listen.admin is the chart's to set: use admin.port": (
        {"config": {"listen": {"admin": {"address": "a"}}}},
        (),
    ),
    "config.revocation.state_directory is the chart's to set: each pod has its own": (
        {"config": {"revocation": {"state_directory": "/a"}}},
        (),
    ),
    "terminationGracePeriodSeconds is 45, and preStopSeconds, shutdown.drain_delay and shutdown.grace take 95500 ms "
    "together: the pod would be killed before it is done": (
        {"config": {"shutdown": {"drain_delay": "1m30s", "grace": "500ms"}}},
        (),
    ),
    "reload.strategy is rollout: the chart cannot see when a ConfigMap or Secret of yours changes; use watch": (
        {**EXISTING, "reload": {"strategy": "rollout"}},
        (),
    ),
    "grpc.enabled and http.enabled are both false: nobody could ask": ({**EXISTING, "grpc": {"enabled": False}}, ()),
    "trust.anchors[0] has none of configMap, secret, bundle, path, url: it comes from exactly one place": (
        {"trust": {"anchors": [{"key": "ca.crt"}]}},
        (),
    ),
    "crls[1] has configMap and url: it comes from exactly one place": (
        {"crls": [{"configMap": "a"}, {"configMap": "b", "url": "http://c"}]},
        (),
    ),
    "crls[0].key takes one key of a ConfigMap, Secret or bundle; with url it means nothing": (
        {"crls": [{"url": "http://a", "key": "b"}]},
        (),
    ),
    "crls[0].url is part of the configuration: write it there, as the chart does not change yours": (
        {**EXISTING, "crls": [{"url": "http://a"}]},
        (),
    ),
    "crls[0].refresh is for a url: files are watched": ({"crls": [{"configMap": "a", "refresh": "1h"}]}, ()),
    "two objects would be mounted at /etc/extauthz/anchors/a: give them different names, or merge them": (
        {"trust": {"anchors": [{"configMap": "a"}, {"secret": "a"}]}},
        (),
    ),
    "extraVolumeMounts: /a is mounted by subPath, and would never change: mount the whole directory": (
        {"extraVolumeMounts": [{"name": "a", "mountPath": "/a", "subPath": "b"}]},
        (),
    ),
    "tls.secretName and tls.certManager.enabled are given: the certificate comes from one of them": (
        {
            "grpc": {"tls": True},
            "tls": {"secretName": "a", "certManager": {"enabled": True, "issuerRef": {"name": "b"}}},
        },
        (),
    ),
    "tls.certManager.issuerRef.name is missing: which issuer signs the certificate?": (
        {"grpc": {"tls": True}, "tls": {"certManager": {"enabled": True}}},
        (),
    ),
    "a listener has tls: true and there is no certificate: give tls.secretName, or enable tls.certManager": (
        {"grpc": {"tls": True}},
        (),
    ),
    "tls is given and no listener uses it: set grpc.tls or http.tls": ({"tls": {"secretName": "a"}}, ()),
    "tls.clientCA.configMap and tls.clientCA.bundle are given: the CAs of the proxies come from one of them": (
        {"grpc": {"tls": True}, "tls": {"secretName": "a", "clientCA": {"configMap": "b", "bundle": "c"}}},
        (),
    ),
    "config.listen.grpc.tls.allowed_clients needs tls.clientCA: without it no client shows a certificate": (
        {
            "grpc": {"tls": True},
            "tls": {"secretName": "a"},
            "config": {"listen": {"grpc": {"tls": {"allowed_clients": ["dns:a"]}}}},
        },
        (),
    ),
    "http.callerSecret is given and http.enabled is false": ({"http": {"callerSecret": {"secret": "a"}}}, ()),
    "test.clientSecret is for tls.clientCA, which is not given": ({"test": {"clientSecret": "a"}}, ()),
    "grpc.port and admin.port are both 9190": ({"grpc": {"port": 9190}}, ()),
    "probes.readinessType is grpc and grpc.enabled is false: use http": (
        {**EXISTING, "grpc": {"enabled": False}, "http": {"enabled": True}, "probes": {"readinessType": "grpc"}},
        (),
    ),
    "probes.readinessType is grpc and grpc.tls is true: the kubelet speaks no TLS there before Kubernetes 1.37; use "
    "auto or http": ({"grpc": {"tls": True}, "tls": {"secretName": "a"}, "probes": {"readinessType": "grpc"}}, ()),
    "podDisruptionBudget.minAvailable is 2 of 2 pods: no node could ever be drained": (
        {"podDisruptionBudget": {"minAvailable": 2}},
        (),
    ),
    "podDisruptionBudget.minAvailable is 100%: no node could ever be drained": (
        {"podDisruptionBudget": {"minAvailable": "100%"}},
        (),
    ),
    "autoscaling.maxReplicas (1) is less than minReplicas (2)": (
        {"autoscaling": {"enabled": True, "maxReplicas": 1}},
        (),
    ),
    "autoscaling has nothing to go by: give a target or metrics": (
        {"autoscaling": {"enabled": True, "targetCPUUtilizationPercentage": 0}},
        (),
    ),
    "autoscaling.targetCPUUtilizationPercentage is a share of resources.requests.cpu, which is missing": (
        {"autoscaling": {"enabled": True}, "resources": {"requests": None}},
        (),
    ),
    "autoscaling.targetMemoryUtilizationPercentage is a share of resources.requests.memory, which is missing": (
        {
            "autoscaling": {"enabled": True, "targetMemoryUtilizationPercentage": 70},
            "resources": {"requests": {"memory": None}},
        },
        (),
    ),
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
    "istio.authorizationPolicy has selector and targetRefs: use one": (
        {"istio": {"authorizationPolicy": {"enabled": True, "selector": {"a": "b"}, "targetRefs": [{"name": "c"}]}}},
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
    "envoyGateway.securityPolicy needs grpc.enabled": (
        {
            **EXISTING,
            "grpc": {"enabled": False},
            "http": {"enabled": True},
            "envoyGateway": {
                "securityPolicy": {"enabled": True, "targetRefs": [{"group": "a", "kind": "b", "name": "c"}]}
            },
        },
        (),
    ),
    "envoyGateway.securityPolicy and grpc.tls: the chart makes no BackendTLSPolicy; leave grpc.tls off, or write both "
    "policies yourself": (
        {
            "grpc": {"tls": True},
            "tls": {"secretName": "a"},
            "envoyGateway": {
                "securityPolicy": {"enabled": True, "targetRefs": [{"group": "a", "kind": "b", "name": "c"}]}
            },
        },
        (),
    ),
}
