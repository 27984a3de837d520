"""For each value of the chart another one, and what else is needed for it to matter."""

from collections.abc import Mapping
from typing import Final

from support.chart_values import EXISTING, MINIMAL, PERSISTENT
from support.helm import Values

CLIENT_CA: Final = {"grpc": {"tls": True}, "tls": {"secretName": "server", "clientCA": {"secret": "ca"}}}
HTTP: Final = {
    "http": {"enabled": True},
    "config": {"listen": {"http": {"dialect": "nginx", "callers": {"addresses": ["10.0.0.0/8"]}}}},
}
_BY_LABEL: Final = {"namespace": "a", "selector": {"a": "b"}}
OTHERS: Final[Mapping[str, tuple[Values, object]]] = {
    # value: (what else is needed, another value than the one before)
    "nameOverride": ({}, "other"),
    "fullnameOverride": ({}, "other"),
    "commonLabels": ({}, {"a": "b"}),
    "commonAnnotations": ({}, {"a": "b"}),
    "image.repository": ({}, "other"),
    "image.tag": ({}, "2"),
    "image.digest": ({}, f"sha256:{64 * '0'}"),
    "image.pullPolicy": ({}, "Always"),
    "imagePullSecrets": ({}, [{"name": "registry"}]),
    "config": ({}, {**MINIMAL["config"], "workers": 2}),
    "existingConfigMap": (EXISTING, "other"),
    "existingSecret": ({"config": None, "existingSecret": "one"}, "other"),
    "existingKey": (EXISTING, "other.yaml"),
    "reload.strategy": ({}, "rollout"),
    "trust.anchors": ({}, [{"secret": "roots"}]),
    "trust.intermediates": ({}, [{"secret": "issuing"}]),
    "crls": ({}, [{"configMap": "crls"}]),
    "state.sizeLimit": ({}, "2Gi"),
    "state.persistence.enabled": ({"crls": [{"configMap": "crls"}]}, True),
    "bindAddress": ({}, "[::]"),
    "grpc.enabled": ({**EXISTING, "http": {"enabled": True}}, False),
    "grpc.port": ({}, 9999),
    "grpc.tls": ({**EXISTING, "tls": {"secretName": "server"}, "http": {"enabled": True, "tls": True}}, True),
    "http.enabled": (EXISTING, True),
    "http.port": (HTTP, 9999),
    "http.tls": ({**HTTP, "grpc": {"tls": True}, "tls": {"secretName": "server"}}, True),
    "http.callerSecret.secret": (HTTP, "secret"),
    "http.callerSecret.key": ({**HTTP, "http": {"enabled": True, "callerSecret": {"secret": "one"}}}, "other"),
    "admin.port": ({}, 9999),
    "tls.secretName": (CLIENT_CA, "other"),
    "tls.certManager.enabled": ({"grpc": {"tls": True}, "tls": {"certManager": {"issuerRef": {"name": "ca"}}}}, True),
    "tls.clientCA.configMap": ({"grpc": {"tls": True}, "tls": {"secretName": "server"}}, "other"),
    "tls.clientCA.secret": (CLIENT_CA, "other"),
    "tls.clientCA.bundle": ({"grpc": {"tls": True}, "tls": {"secretName": "server"}}, "other"),
    "tls.clientCA.key": (CLIENT_CA, "other"),
    "replicas": ({}, 5),
    "updateStrategy": ({}, {"type": "Recreate", "rollingUpdate": None}),
    "revisionHistoryLimit": ({}, 9),
    "resources": ({}, {"limits": {"memory": "1Gi"}}),
    "serviceAccount.create": ({}, False),
    "serviceAccount.name": ({}, "other"),
    "serviceAccount.annotations": ({}, {"a": "b"}),
    "podAnnotations": ({}, {"a": "b"}),
    "podLabels": ({}, {"a": "b"}),
    "podSecurityContext": ({}, {"runAsUser": 1000}),
    "securityContext": ({}, {"runAsUser": 1000}),
    "tmpSizeLimit": ({}, "1Mi"),
    "topologySpreadConstraints": ({}, []),
    "affinity": ({}, {"podAntiAffinity": {}}),
    "nodeSelector": ({}, {"a": "b"}),
    "tolerations": ({}, [{"operator": "Exists"}]),
    "priorityClassName": ({}, "high"),
    "extraEnv": ({}, [{"name": "A", "value": "b"}]),
    "extraVolumes": ({}, [{"name": "a", "emptyDir": {}}]),
    "extraVolumeMounts": ({"extraVolumes": [{"name": "a", "emptyDir": {}}]}, [{"name": "a", "mountPath": "/a"}]),
    "initContainers": ({}, [{"name": "a", "image": "b"}]),
    "extraContainers": ({}, [{"name": "a", "image": "b"}]),
    "extraObjects": ({}, ["kind: A\nmetadata: {name: a}"]),
    "probes.startup": ({}, {"periodSeconds": 7}),
    "probes.liveness": ({}, {"periodSeconds": 7}),
    "probes.readiness": ({}, {"periodSeconds": 7}),
    "probes.readinessType": ({}, "http"),
    "preStopSeconds": ({}, 7),
    "terminationGracePeriodSeconds": ({}, 77),
    "service.annotations": ({}, {"a": "b"}),
    "service.labels": ({}, {"a": "b"}),
    "service.ipFamilyPolicy": ({}, "SingleStack"),
    "service.headless.enabled": ({}, False),
    "networkPolicy.enabled": ({}, False),
    "networkPolicy.proxies": ({}, [{"namespaceSelector": {}}]),
    "networkPolicy.monitoring": ({}, [{"namespaceSelector": {}}]),
    "networkPolicy.egress.restrict": ({}, False),
    "networkPolicy.egress.dns.peers": ({}, []),
    "networkPolicy.egress.dns.ports": ({}, [5353]),
    "networkPolicy.egress.except": ({"crls": [{"url": "http://a/b"}]}, ["192.0.2.0/24"]),
    "networkPolicy.egress.crlPublishers": ({"crls": [{"url": "http://a/b"}]}, [{"ipBlock": {"cidr": "192.0.2.0/24"}}]),
    "networkPolicy.egress.rules": ({}, [{"ports": [{"port": 1}]}]),
    "podDisruptionBudget.enabled": ({}, False),
    "podDisruptionBudget.maxUnavailable": ({}, "25%"),
    "podDisruptionBudget.minAvailable": ({}, 1),
    "podDisruptionBudget.unhealthyPodEvictionPolicy": ({}, "IfHealthyBudget"),
    "autoscaling.enabled": ({}, True),
    "prometheusRule.enabled": ({}, True),
    "dashboard.enabled": ({}, True),
    "metrics.service.enabled": ({}, False),
    "istio.authorizationPolicy.enabled": ({"istio": {"authorizationPolicy": _BY_LABEL}}, True),
    "test.enabled": ({}, False),
    "test.clientSecret": (CLIENT_CA, "other"),
    "test.resources": ({}, {"limits": {"memory": "1Gi"}}),
}
_MONITOR: Final = {"labels": {"a": "b"}, "interval": "77s", "scrapeTimeout": "7s", "relabelings": [{"action": "drop"}]}
_RULE: Final = {
    "labels": {"a": "b"},
    "alertLabels": {"a": "b"},
    "envoyAlerts": True,
    "runbookUrl": "https://runbook",
    "alerts": {"ExtauthzDown": {"enabled": False}},
    "additionalGroups": [{"name": "a", "rules": []}],
}
_SCALING: Final = {
    "minReplicas": 3,
    "maxReplicas": 30,
    "targetCPUUtilizationPercentage": 7,
    "targetMemoryUtilizationPercentage": 7,
    "metrics": [{"type": "Pods"}],
    "behavior": {"scaleUp": {}},
}
_CERTIFICATE: Final = {"duration": "9999h", "renewBefore": "1m", "dnsNames": ["other"]}
_CLAIM: Final = {"storageClassName": "fast", "size": "2Gi", "accessModes": ["ReadWriteMany"]}
_ISSUER: Final = {"name": "other", "kind": "Issuer", "group": "other"}
_ISTIO: Final = {"namespace": "other", "provider": "other", "selector": {"a": "c"}, "rules": [{"to": []}]}
_GATEWAY: Final = {
    "namespace": "other",
    "targetRefs": [{"group": "a", "kind": "b", "name": "c"}],
    "timeout": "1s",
    "statusOnError": 0,
    "contextExtensions": [{"name": "a", "value": "b"}],
}
_TARGET: Final = {"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "edge"}


def below(prefix: str, around: Values, others: Mapping[str, object]) -> dict[str, tuple[Values, object]]:
    return {f"{prefix}.{key}": (around, other) for key, other in others.items()}


def monitored(kind: str) -> Values:
    return {"metrics": {kind: {"enabled": True}}, "networkPolicy": {"monitoring": [{"podSelector": {}}]}}


CERTIFIED: Final = {"grpc": {"tls": True}, "tls": {"certManager": {"enabled": True, "issuerRef": {"name": "ca"}}}}

GATEWAY: Final = {"envoyGateway": {"securityPolicy": {"enabled": True, "namespace": "a", "targetRefs": [_TARGET]}}}
CHANGES: Final[Mapping[str, tuple[Values, object]]] = {
    **OTHERS,
    **below("metrics.serviceMonitor", monitored("serviceMonitor"), _MONITOR),
    **below("metrics.podMonitor", monitored("podMonitor"), _MONITOR),
    "metrics.serviceMonitor.metricRelabelings": (monitored("serviceMonitor"), [{"action": "drop"}]),
    "metrics.podMonitor.metricRelabelings": (monitored("podMonitor"), [{"action": "drop"}]),
    "metrics.serviceMonitor.enabled": ({"networkPolicy": {"monitoring": [{"podSelector": {}}]}}, True),
    "metrics.podMonitor.enabled": ({"networkPolicy": {"monitoring": [{"podSelector": {}}]}}, True),
    **below("prometheusRule", {"prometheusRule": {"enabled": True}}, _RULE),
    **below("autoscaling", {"autoscaling": {"enabled": True}}, _SCALING),
    **below("state.persistence", PERSISTENT, _CLAIM),
    **below("state.persistence.retention", PERSISTENT, {"whenDeleted": "Delete", "whenScaled": "Delete"}),
    **below("dashboard", {"dashboard": {"enabled": True}}, {"labels": {"a": "b"}, "annotations": {"a": "b"}}),
    **below("tls.certManager", CERTIFIED, _CERTIFICATE),
    **below("tls.certManager.issuerRef", CERTIFIED, _ISSUER),
    **below(
        "istio.authorizationPolicy",
        {"istio": {"authorizationPolicy": {"enabled": True, **_BY_LABEL}}},
        _ISTIO,
    ),
    "istio.authorizationPolicy.targetRefs": (
        {"istio": {"authorizationPolicy": {"enabled": True, "namespace": "a", "targetRefs": [_TARGET]}}},
        [{**_TARGET, "name": "other"}],
    ),
    "envoyGateway.securityPolicy.enabled": (
        {"envoyGateway": {"securityPolicy": {"namespace": "a", "targetRefs": [_TARGET]}}},
        True,
    ),
    **below("envoyGateway.securityPolicy", GATEWAY, _GATEWAY),
}
