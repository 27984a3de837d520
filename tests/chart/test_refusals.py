"""What does not go together is refused with a sentence each, and every sentence is one that can be had."""

import re
from collections.abc import Mapping
from typing import Any, Final

import pytest

from support.chart_refusals import REFUSED
from support.chart_values import MINIMAL, merged, minimal
from support.helm import CHART, HELMS, RefusedError, render

CHECKS: Final = "\n".join(file.read_text() for file in sorted((CHART / "templates").glob("_checks*.tpl")))
SENTENCE: Final = re.compile(r'(?:append \$found |printf )\(?(?:printf )?"((?:[^"\\]|\\.)+)"')
UNKNOWN_ALERT: Final = {"prometheusRule": {"alerts": {"ExtauthzDwn": {"for": "1m"}}}}
MUTUAL_PROBE: Final = {
    "grpc": {"tls": True},
    "tls": {"secretName": "a", "clientCA": {"secret": "b"}},
    "probes": {"readinessType": "grpc"},
}


def said(values: Mapping[str, Any], helm: str = HELMS[-1], kubernetes: str = "1.36.0") -> list[str]:
    """Return the sentences with which the chart refuses values."""
    with pytest.raises(RefusedError) as refused:
        render(helm, values=values, kubernetes=kubernetes)
    text = str(refused.value)
    assert "These values cannot be used:" in text, text
    return [line.removeprefix("- ") for line in text.splitlines() if line.startswith("- ")]


@pytest.mark.parametrize("helm", HELMS)
@pytest.mark.parametrize("sentence", REFUSED)
def test_what_does_not_go_together_is_refused_with_this_sentence(sentence: str, helm: str) -> None:
    values, others = REFUSED[sentence]
    assert said(merged(MINIMAL, values), helm) == [sentence, *others]


@pytest.mark.parametrize(("grace", "refused"), [("29s999ms", False), ("30s", True)])
def test_the_pod_is_killed_only_after_it_is_done(grace: str, refused: bool) -> None:
    """Five seconds each of preStop and drain_delay, and the pod has 40."""
    values = minimal(config={"shutdown": {"grace": grace}}, terminationGracePeriodSeconds=40)
    if refused:
        assert said(values)[0].startswith("terminationGracePeriodSeconds is 40, and ")
    else:
        assert render(values=values).pod["terminationGracePeriodSeconds"] == 40


def test_an_alert_that_is_not_there_is_refused_with_those_that_are() -> None:
    (sentence,) = said(minimal(**UNKNOWN_ALERT))
    assert sentence.startswith("prometheusRule.alerts.ExtauthzDwn: there is no such alert; there are Extauthz")
    assert "ExtauthzDown" in sentence


def test_the_kubelet_shows_no_certificate_on_any_kubernetes() -> None:
    (sentence,) = said(minimal(**MUTUAL_PROBE), kubernetes="1.37.0")
    place, _, why = sentence.partition(": ")
    assert place == "probes.readinessType is grpc and tls.clientCA is given"
    assert why == "the kubelet has no certificate to show; use auto or http"


@pytest.mark.parametrize("helm", HELMS)
def test_either_helm_says_everything_at_once(helm: str) -> None:
    values = {"grpc": {"tls": True}, "podDisruptionBudget": {"minAvailable": 9}, "trust": {"anchors": [{"path": "/a"}]}}
    found = said({**values, "networkPolicy": {"proxies": []}}, helm)
    assert [sentence.partition(" ")[0] for sentence in found] == [
        "config",
        "a",
        "podDisruptionBudget.minAvailable",
        "networkPolicy.proxies",
    ]


def test_no_sentence_stands_in_the_chart_that_no_values_bring_up() -> None:
    brought_up = [*REFUSED, *said(minimal(**UNKNOWN_ALERT)), *said(minimal(**MUTUAL_PROBE), kubernetes="1.37.0")]
    sentences = [one for one in SENTENCE.findall(CHECKS) if " " in one and "These values" not in one]
    assert len(sentences) > 40
    for sentence in sentences:
        pattern = re.sub(r"%[sd]", ".*", re.escape(sentence).replace("\\%", "%"))
        assert any(re.fullmatch(pattern, one) for one in brought_up), sentence


@pytest.mark.parametrize(
    ("limit", "workers", "taken"),
    [
        ("50Mi", 1, True),
        ("49Mi", 1, False),
        (52428800, 1, True),
        (52428799, 1, False),
        ("150Mi", 2, True),
        ("0.1G", 2, False),
        ("1Ti", 64, True),
        ("1Pi", 64, True),
        ("1e9", 1, True),
        ("5.2e7", 1, False),
        (1e9, 1, True),
        ("52428800000m", 1, True),
        ("52428799000m", 1, False),
        (None, 64, True),
    ],
)
def test_the_memory_holds_the_processes(limit: object, workers: int, taken: bool) -> None:
    """Two workers have a third process that looks after them."""
    values = minimal(config={"workers": workers}, resources={"requests": None, "limits": {"memory": limit}})
    if taken:
        assert render(values=values).config["workers"] == workers
    else:
        (sentence,) = said(values)
        assert sentence.startswith(f"resources.limits.memory is {limit}, and ")
