"""The pods: image, probes, their end, their number, their names."""

from collections.abc import Mapping
from typing import Any, Final

import pytest

from extauthz import __version__
from support.chart_values import EXISTING, MINIMAL, SERVER, minimal
from support.helm import CHART, HELM4, KUBERNETES, NEW, RefusedError, render


def test_the_chart_is_of_the_programs_version() -> None:
    (line,) = [one for one in (CHART / "Chart.yaml").read_text().splitlines() if one.startswith("version: ")]
    assert line == f"version: {__version__}"
    container = render(values=MINIMAL).container
    assert container["image"] == f"extauthz:{__version__}"


def test_a_digest_wins_over_a_tag() -> None:
    digest = f"sha256:{64 * 'a'}"
    values = minimal(image={"repository": "registry.example/extauthz", "tag": "1", "digest": digest})
    assert render(values=values).container["image"] == f"registry.example/extauthz@{digest}"


GRPC_PROBE: Final = {"port": 9191, "service": "envoy.service.auth.v3.Authorization"}
HTTP_PROBE: Final = {"path": "/readyz", "port": "metrics"}


@pytest.mark.parametrize(
    ("values", "kubernetes", "probe"),
    [
        ({}, "1.27.0", {"grpc": GRPC_PROBE}),
        (SERVER, "1.27.0", {"httpGet": HTTP_PROBE}),
        (SERVER, "1.37.0", {"httpGet": HTTP_PROBE}),
        ({"probes": {"readinessType": "http"}}, "1.37.0", {"httpGet": HTTP_PROBE}),
        ({**SERVER, "probes": {"readinessType": "grpc"}}, "1.37.0", {"grpc": {**GRPC_PROBE, "mode": "TLS"}}),
        ({**EXISTING, "grpc": {"enabled": False}, "http": {"enabled": True}}, "1.37.0", {"httpGet": HTTP_PROBE}),
    ],
)
def test_readiness_is_asked_for_as_tls_allows(
    values: Mapping[str, Any], kubernetes: str, probe: Mapping[str, Any]
) -> None:
    container = render(values=minimal(**values), kubernetes=kubernetes).container
    assert probe.items() <= container["readinessProbe"].items()
    assert container["livenessProbe"]["httpGet"] == {"path": "/healthz", "port": "metrics"}
    assert container["startupProbe"]["httpGet"] == {"path": "/healthz", "port": "metrics"}


@pytest.mark.parametrize("kubernetes", KUBERNETES)
def test_the_pod_waits_before_it_stops_in_the_way_that_the_kubelet_knows(kubernetes: str) -> None:
    hook = render(values=minimal(preStopSeconds=7), kubernetes=kubernetes).container["lifecycle"]["preStop"]
    old = {"exec": {"command": ["extauthz", "sleep", "7"]}}
    assert hook == (old if kubernetes == "1.27.0" else {"sleep": {"seconds": 7}})


def test_without_a_wait_there_is_no_hook() -> None:
    assert "lifecycle" not in render(values=minimal(preStopSeconds=0)).container


def test_an_older_kubernetes_is_refused() -> None:
    with pytest.raises(RefusedError, match=r"requires kubeVersion: >=1\.27\.0"):
        render(values=MINIMAL, kubernetes="1.26.0")


def test_the_autoscaler_alone_says_how_many_pods() -> None:
    rendered = render(values=minimal(autoscaling={"enabled": True, "minReplicas": 3}))
    assert "replicas" not in rendered.deployment["spec"]
    scaler = rendered.one("HorizontalPodAutoscaler")["spec"]
    assert scaler["scaleTargetRef"]["name"] == rendered.deployment["metadata"]["name"]
    assert (scaler["minReplicas"], scaler["maxReplicas"]) == (3, 10)
    assert render(values=MINIMAL).deployment["spec"]["replicas"] == 2


def test_who_recreates_all_pods_at_once_need_not_take_away_what_rolls() -> None:
    """Helm leaves the chart's rollingUpdate beside the other type, and an API server refuses that."""
    spec = render(values=minimal(updateStrategy={"type": "Recreate"})).deployment["spec"]
    assert spec["strategy"] == {"type": "Recreate"}


def test_a_label_is_there_once_and_that_of_the_object_wins() -> None:
    values = minimal(
        commonLabels={"team": "edge", "tier": "a"}, podLabels={"tier": "b"}, service={"labels": {"tier": "c"}}
    )
    rendered = render(values=values)
    chart = {"app.kubernetes.io/name": "extauthz", "app.kubernetes.io/instance": "extauthz"}
    pod = rendered.deployment["spec"]["template"]["metadata"]["labels"]
    assert {**chart, "team": "edge", "tier": "b"}.items() <= pod.items()
    assert {**chart, "team": "edge", "tier": "c"}.items() <= rendered.one("Service")["metadata"]["labels"].items()
    assert {**chart, "team": "edge", "tier": "a"}.items() <= rendered.deployment["metadata"]["labels"].items()


@pytest.mark.parametrize(
    ("given", "spec"),
    [
        ({}, {"maxUnavailable": 1}),
        ({"minAvailable": 1}, {"minAvailable": 1}),
        ({"minAvailable": "50%"}, {"minAvailable": "50%"}),
        ({"minAvailable": 1, "maxUnavailable": 0}, {"minAvailable": 1}),
    ],
)
def test_a_budget_has_one_bound(given: Mapping[str, Any], spec: Mapping[str, Any]) -> None:
    budget = render(values=minimal(podDisruptionBudget=given)).one("PodDisruptionBudget")["spec"]
    assert {key: budget[key] for key in ("minAvailable", "maxUnavailable") if key in budget} == spec


def test_a_release_of_another_name_has_names_that_do_not_clash() -> None:
    rendered = render(values=minimal(nameOverride="authorization"))
    names = [(one["kind"], one["metadata"]["name"]) for one in rendered.documents]
    assert all(name.startswith("extauthz-authorization") for _, name in names)


def test_nothing_of_the_configuration_is_made_beside_one_of_ones_own() -> None:
    rendered = render(values=minimal(**EXISTING, existingKey="mine.yaml"), kubernetes=NEW)
    assert rendered.of("ConfigMap") == []
    (volume,) = [one for one in rendered.pod["volumes"] if one["name"] == "config"]
    assert volume["configMap"] == {"name": "one"}
    assert rendered.container["args"][-1] == "/etc/extauthz/config/mine.yaml"


def test_every_object_has_the_common_labels_and_annotations() -> None:
    rendered = render(HELM4, [CHART / "ci" / "everything-values.yaml"])
    chart_made = [one for one in rendered.documents if one["metadata"]["name"].startswith("extauthz-authorization")]
    assert len(chart_made) > 10
    for one in chart_made:
        assert one["metadata"]["labels"]["team"] == "edge", one["kind"]
        assert one["metadata"]["annotations"]["owner"] == "edge@example.com", one["kind"]
    assert rendered.deployment["spec"]["template"]["metadata"]["labels"]["team"] == "edge"
