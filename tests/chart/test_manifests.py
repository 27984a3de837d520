"""Each set of values becomes manifests that an API server takes, the same with either Helm, and within `restricted`."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from support.chart_schema import problems
from support.custom_resources import is_defined
from support.helm import APIS, CHART, HELM3, HELM4, HELMS, KUBERNETES, NEW, SITUATIONS, Document, Rendered, lint, render
from support.misspelt import misspelt

FILES = sorted((CHART / "ci").glob("*-values.yaml"))
EVERY_FILE = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
EVERY_KUBERNETES = pytest.mark.parametrize("kubernetes", KUBERNETES)
CUSTOM_KINDS = {
    "AuthorizationPolicy",
    "Certificate",
    "PodMonitor",
    "PrometheusRule",
    "ReferenceGrant",
    "ServiceMonitor",
}
"""Those of the chart whose definitions come in packages; `SecurityPolicy` has a table of ours."""
RIGHTS = {"Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding", "PodSecurityPolicy"}
VOLUMES = {"configMap", "secret", "emptyDir", "persistentVolumeClaim", "projected", "csi", "ephemeral", "downwardAPI"}


def test_there_are_values_for_each_situation() -> None:
    assert {f"{name}-values.yaml" for name in SITUATIONS} <= {file.name for file in FILES}


@EVERY_KUBERNETES
@EVERY_FILE
def test_an_api_server_takes_every_manifest(file: Path, kubernetes: str) -> None:
    documents = render(HELM4, [file], kubernetes=kubernetes).documents
    found = {
        f"{one['kind']} {one['metadata']['name']}": wrong
        for one, wrong in zip(documents, problems(documents, kubernetes), strict=True)
    }
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
    assert len(found) == len(documents), "two manifests of one kind and name"


def test_no_field_of_a_custom_resource_could_be_misspelt() -> None:
    rendered = [one for file in FILES for one in render(HELM4, [file]).documents]
    customs = [one for one in rendered if is_defined(one)]
    changes = [(one["kind"], *change) for one in customs for change in misspelt(one)]
    found = problems([changed for _, changed, _ in changes], NEW)
    assert {one["kind"] for one in customs} == CUSTOM_KINDS
    assert [f"{kind}: {place}" for (kind, _, place), wrong in zip(changes, found, strict=True) if not wrong] == []


@EVERY_KUBERNETES
@EVERY_FILE
def test_helm_3_and_4_make_the_same_of_it(file: Path, kubernetes: str) -> None:
    three, four = (render(helm, [file], kubernetes=kubernetes).documents for helm in (HELM3, HELM4))
    assert by_name(three) == by_name(four)


@pytest.mark.parametrize("helm", HELMS)
@EVERY_FILE
def test_what_a_cluster_says_that_it_has_changes_nothing(file: Path, helm: str) -> None:
    """Who renders without a cluster, as GitOps tools do, gets what is installed."""
    assert by_name(render(helm, [file], apis=APIS).documents) == by_name(render(helm, [file]).documents)


def by_name(documents: Sequence[Document]) -> Mapping[tuple[str, str], Any]:
    return {(one["kind"], one["metadata"]["name"]): one for one in documents}


@pytest.mark.parametrize("helm", HELMS)
@EVERY_FILE
def test_lint_finds_nothing(file: Path, helm: str) -> None:
    said = lint(helm, [file], NEW)
    assert "0 chart(s) failed" in said
    assert "[WARNING]" not in said
    assert "[ERROR]" not in said


@EVERY_FILE
def test_every_pod_is_within_the_standard_restricted(file: Path) -> None:
    """The controls of https://kubernetes.io/docs/concepts/security/pod-security-standards/, all of them."""
    for spec in pods(render(HELM4, [file])):
        assert not any(spec.get(key) for key in ("hostNetwork", "hostPID", "hostIPC"))
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["runAsUser"] > 0
        assert spec["securityContext"]["seccompProfile"]["type"] in {"RuntimeDefault", "Localhost"}
        for volume in spec.get("volumes", ()):
            assert set(volume) - {"name"} <= VOLUMES
        for container in (*spec.get("initContainers", ()), *spec["containers"]):
            context = container["securityContext"]
            assert context["allowPrivilegeEscalation"] is False
            assert context["capabilities"] == {"drop": ["ALL"]}
            assert context["readOnlyRootFilesystem"] is True, "not asked for by the standard, but by this chart"
            assert not context.get("privileged")
            assert all("hostPort" not in port for port in container.get("ports", ()))


@EVERY_FILE
def test_no_pod_has_rights_or_a_token(file: Path) -> None:
    rendered = render(HELM4, [file])
    assert not {one["kind"] for one in rendered.documents} & RIGHTS
    for spec in pods(rendered):
        assert spec["automountServiceAccountToken"] is False
        assert spec["enableServiceLinks"] is False
    assert all(one["automountServiceAccountToken"] is False for one in rendered.of("ServiceAccount"))


@EVERY_FILE
def test_what_is_mounted_is_followed(file: Path) -> None:
    """A file mounted by subPath never changes; and each mount has its volume, each volume its mount."""
    rendered = render(HELM4, [file])
    for spec in pods(rendered):
        containers = [*spec.get("initContainers", ()), *spec["containers"]]
        mounts = [mount for one in containers for mount in one.get("volumeMounts", ())]
        assert not [mount for mount in mounts if "subPath" in mount or "subPathExpr" in mount]
        volumes = [volume["name"] for volume in spec.get("volumes", ())]
        claims = rendered.claims if spec == rendered.pod else ()
        assert {mount["name"] for mount in mounts} == {*volumes, *claims}
        assert not set(volumes) & set(claims)


@EVERY_FILE
def test_selectors_find_the_pods_and_nothing_else_of_the_release(file: Path) -> None:
    rendered = render(HELM4, [file])
    labels = rendered.workload["spec"]["template"]["metadata"]["labels"]
    for selector in selectors(rendered):
        assert selector.items() <= labels.items()
        for pod in rendered.of("Pod"):
            assert not selector.items() <= pod["metadata"]["labels"].items(), "the pod of helm test would get requests"


def selectors(rendered: Rendered) -> Iterator[Mapping[str, str]]:
    yield from (one["spec"]["selector"] for one in rendered.of("Service"))
    for kind in ("Deployment", "StatefulSet", "PodDisruptionBudget", "PodMonitor"):
        yield from (one["spec"]["selector"]["matchLabels"] for one in rendered.of(kind))
    yield from (one["spec"]["podSelector"]["matchLabels"] for one in rendered.of("NetworkPolicy"))
    for spread in rendered.pod.get("topologySpreadConstraints", ()):
        yield spread["labelSelector"]["matchLabels"]


def pods(rendered: Rendered) -> Iterator[Mapping[str, Any]]:
    yield rendered.pod
    yield from (one["spec"] for one in rendered.of("Pod"))
