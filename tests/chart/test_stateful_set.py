"""A StatefulSet in the place of the Deployment: what stands in it, what is the same, and what follows it."""

from collections.abc import Mapping
from typing import Any, Final

import pytest

from support.chart_refusals_state import OF_STATE
from support.chart_values import MINIMAL, PERSISTENT, merged, minimal
from support.helm import CHART, HELM4, HELMS, KUBERNETES, NEW, Rendered, notes, render

VALUES: Final = CHART / "ci" / "persistent-values.yaml"
OLD: Final = "1.36.0"
NOT_KEPT: Final[dict[str, Any]] = {"state": {"persistence": {"enabled": False}}}


def persistent(**values: object) -> Rendered:
    return render(values=merged(merged(MINIMAL, PERSISTENT), values))


def test_each_pod_has_a_claim_of_its_own_and_the_state_directory_is_below_its_mount_point() -> None:
    rendered = persistent()
    assert rendered.of("Deployment") == []
    spec = rendered.one("StatefulSet")["spec"]
    (claim,) = spec["volumeClaimTemplates"]
    assert claim["spec"] == {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    (mount,) = [one for one in rendered.container["volumeMounts"] if one["name"] == claim["metadata"]["name"]]
    assert rendered.config["revocation"]["state_directory"].startswith(f"{mount['mountPath']}/")
    assert rendered.pod["securityContext"]["fsGroup"] == rendered.pod["securityContext"]["runAsUser"]
    assert rendered.pod["securityContext"]["fsGroupChangePolicy"] == "OnRootMismatch"


@pytest.mark.parametrize("kubernetes", KUBERNETES)
def test_its_service_is_the_headless_one_and_no_pod_waits_for_another(kubernetes: str) -> None:
    rendered = render(HELM4, [VALUES], kubernetes=kubernetes)
    spec = rendered.one("StatefulSet")["spec"]
    service = rendered.one("Service", spec["serviceName"])["spec"]
    assert service["clusterIP"] == "None"
    assert service["selector"].items() <= spec["template"]["metadata"]["labels"].items()
    assert spec["podManagementPolicy"] == "Parallel"
    assert spec["persistentVolumeClaimRetentionPolicy"] == {"whenDeleted": "Delete", "whenScaled": "Retain"}


def test_the_pods_are_those_of_the_deployment_but_for_the_claim() -> None:
    """What is mounted where, too: the same configuration does for both."""
    stateful, usual = persistent().workload["spec"], render(values=merged(MINIMAL, PERSISTENT | NOT_KEPT)).workload
    template = merged(
        usual["spec"]["template"], {"spec": {"securityContext": {"fsGroupChangePolicy": "OnRootMismatch"}}}
    )
    volumes = [one for one in template["spec"]["volumes"] if one["name"] != "state"]
    assert stateful["template"] == merged(template, {"spec": {"volumes": volumes}})
    assert stateful["replicas"] == usual["spec"]["replicas"]
    assert stateful["selector"] == usual["spec"]["selector"]


def test_a_change_of_labels_changes_nothing_that_kubernetes_refuses_to_change() -> None:
    """The API server takes a change of these fields of a StatefulSet, and refuses one of any other."""
    taken = {
        "replicas",
        "template",
        "updateStrategy",
        "revisionHistoryLimit",
        "persistentVolumeClaimRetentionPolicy",
    }
    before = persistent().workload["spec"]
    after = persistent(
        commonLabels={"team": "edge"},
        commonAnnotations={"owner": "us"},
        podLabels={"a": "b"},
        service={"labels": {"a": "b"}},
        image={"tag": "2"},
        bindAddress="[::]",
        replicas=7,
        updateStrategy={"type": "OnDelete"},
        state={"persistence": {"retention": {"whenScaled": "Delete"}}, "sizeLimit": "7Gi"},
    ).workload["spec"]
    assert {key for key in after if after[key] != before[key]} == taken - {"revisionHistoryLimit"}
    assert set(after) == set(before)
    assert "helm.sh/chart" not in before["volumeClaimTemplates"][0]["metadata"]["labels"], "it has the version"


@pytest.mark.parametrize(
    ("given", "kubernetes", "strategy"),
    [
        ({}, OLD, {"type": "RollingUpdate"}),
        ({"rollingUpdate": None}, OLD, {"type": "RollingUpdate"}),
        ({"rollingUpdate": {"maxSurge": None}}, OLD, {"type": "RollingUpdate"}),
        (
            {"type": "RollingUpdate", "rollingUpdate": {"partition": 1, "maxUnavailable": 1}},
            OLD,
            {"type": "RollingUpdate", "rollingUpdate": {"partition": 1, "maxUnavailable": 1}},
        ),
        (
            {"rollingUpdate": {"maxUnavailable": "50%"}},
            NEW,
            {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "50%"}},
        ),
        ({"type": "OnDelete", "rollingUpdate": {"partition": 1}}, OLD, {"type": "OnDelete"}),
    ],
)
@pytest.mark.parametrize("helm", HELMS)
def test_a_stateful_set_is_replaced_as_it_can_be(
    helm: str, given: Mapping[str, Any], kubernetes: str, strategy: Mapping[str, Any]
) -> None:
    values = merged(merged(MINIMAL, PERSISTENT), {"updateStrategy": given})
    assert render(helm, values=values, kubernetes=kubernetes).workload["spec"]["updateStrategy"] == strategy


@pytest.mark.parametrize(
    ("given", "strategy"),
    [
        ({}, {"maxSurge": 1, "maxUnavailable": 0}),
        ({"rollingUpdate": {"maxUnavailable": 1}}, {"maxSurge": 1, "maxUnavailable": 1}),
        ({"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}}, {"maxSurge": 0, "maxUnavailable": 1}),
        ({"rollingUpdate": {"maxSurge": "25%"}}, {"maxSurge": "25%", "maxUnavailable": 0}),
    ],
)
def test_a_deployment_has_a_pod_too_many_unless_told_otherwise(
    given: Mapping[str, Any], strategy: Mapping[str, Any]
) -> None:
    spec = render(values=minimal(updateStrategy=given)).deployment["spec"]
    assert spec["strategy"] == {"type": "RollingUpdate", "rollingUpdate": strategy}


def test_the_autoscaler_and_the_notes_name_what_there_is() -> None:
    target = render(HELM4, [VALUES]).one("HorizontalPodAutoscaler")["spec"]["scaleTargetRef"]
    assert (target["kind"], target["name"]) == ("StatefulSet", "extauthz")
    said = notes([VALUES])
    assert "deployment/" not in said
    for command in ("rollout status", "logs", "exec -i"):
        assert f"{command} statefulset/extauthz" in said
    assert "StatefulSet" not in (usual := notes(values=MINIMAL))
    assert "statefulset" not in usual


def test_the_notes_say_how_its_pods_forget() -> None:
    said = notes([VALUES])
    rendered = render(HELM4, [VALUES])
    selector = ",".join(f"{key}={value}" for key, value in claim_labels(rendered).items())
    assert f"delete persistentvolumeclaims --selector {selector} --wait=false" in said
    assert "rollout restart statefulset/extauthz" in said
    assert "StorageClass    fast" in said
    assert "`helm uninstall` leaves the claims" not in said, "retention.whenDeleted is Delete"
    assert "`helm uninstall` leaves the claims" in notes(values=merged(MINIMAL, PERSISTENT))


def claim_labels(rendered: Rendered) -> Mapping[str, str]:
    labels: Mapping[str, str] = rendered.workload["spec"]["volumeClaimTemplates"][0]["metadata"]["labels"]
    return labels


def test_the_notes_do_not_wait_for_pods_that_nobody_replaces() -> None:
    said = notes(values=merged(merged(MINIMAL, PERSISTENT), {"updateStrategy": {"type": "OnDelete"}}))
    assert "rollout" not in said
    assert "delete pod extauthz-0" in said


def test_what_a_stateful_set_cannot_is_said_with_the_release_from_which_on_it_can() -> None:
    (values,) = [values for sentence, (values, _) in OF_STATE.items() if "before Kubernetes 1.37" in sentence]
    spec = render(values=merged(MINIMAL, values), kubernetes="1.37.0").workload["spec"]
    assert spec["updateStrategy"]["rollingUpdate"] == {"maxUnavailable": 2}
