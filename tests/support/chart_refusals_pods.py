"""Mistakes in pods, their number and their labels that the chart refuses."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from support.chart_values import EXISTING

OF_PODS: Final[Mapping[str, tuple[Mapping[str, Any], Sequence[str]]]] = {
    # the sentence: values over the minimal ones, and what else is said of them
    "probes.readinessType is grpc and grpc.enabled is false: use http": (
        {**EXISTING, "grpc": {"enabled": False}, "http": {"enabled": True}, "probes": {"readinessType": "grpc"}},
        (),
    ),
    "probes.readinessType is grpc and grpc.tls is true: the kubelet speaks no TLS there before Kubernetes 1.37; use "
    "auto or http": ({"grpc": {"tls": True}, "tls": {"secretName": "a"}, "probes": {"readinessType": "grpc"}}, ()),
    "image.repository is registry.example/extauthz:1.2, with a tag or digest: write these in image.tag and "
    "image.digest": (
        {"image": {"repository": "registry.example/extauthz:1.2"}},
        (),
    ),
    "resources.limits.memory (1.5Gi) is less than resources.requests.memory (2Gi): raise the one or lower the other": (
        {"resources": {"requests": {"memory": "2Gi"}, "limits": {"memory": "1.5Gi"}}},
        (),
    ),
    "resources.limits.memory is 512Mi, and 550Mi are taken before the first request (processes: 11): raise it, or use "
    "fewer workers and more replicas": ({"config": {"workers": 10}}, ()),
    "podSecurityContext.runAsUser is 0 and runAsNonRoot is true: no pod would start; use another user": (
        {"podSecurityContext": {"runAsUser": 0}},
        (),
    ),
    "securityContext.runAsUser is 0 and runAsNonRoot is true: no pod would start; use another user": (
        {"securityContext": {"runAsUser": 0, "runAsNonRoot": None}},
        (),
    ),
    "commonLabels has app.kubernetes.io/managed-by, by which Services find the pods and Helm its objects: leave it "
    "out, or use nameOverride": ({"commonLabels": {"app.kubernetes.io/managed-by": "us"}}, ()),
    "podLabels has app.kubernetes.io/name, by which Services find the pods and Helm its objects: leave it out, or use "
    "nameOverride": ({"podLabels": {"app.kubernetes.io/name": "authorization"}}, ()),
    "podDisruptionBudget.maxUnavailable is 0: no node could ever be drained; let it be 1": (
        {"podDisruptionBudget": {"maxUnavailable": 0}},
        (),
    ),
    "podDisruptionBudget.minAvailable is 2 of 2 pods: no node could ever be drained; use maxUnavailable": (
        {"podDisruptionBudget": {"minAvailable": 2}},
        (),
    ),
    "podDisruptionBudget.minAvailable is 51% of 2 pods: no node could ever be drained; use maxUnavailable": (
        {"podDisruptionBudget": {"minAvailable": "51%"}},
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
}
