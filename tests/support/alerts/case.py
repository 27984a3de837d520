"""What a unit test of an alert is made of, in the words of promtool.

Series have one sample a minute: ``"0+12x20"`` starts at 0 and grows by 12 twenty times, ``_`` is a missing sample.
``time()`` starts at 0, so a timestamp of 600 is ten minutes after the start.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from prometheus_rules import Alert

JOB: Final[Mapping[str, str]] = {"namespace": "edge", "job": "extauthz"}
POD: Final[Mapping[str, str]] = {**JOB, "instance": "10.0.0.1:9190"}
OTHER_POD: Final[Mapping[str, str]] = {**JOB, "instance": "10.0.0.2:9190"}
INTERVAL: Final = "1m"
_FILLED: Final = re.compile(r"\{\{.*?\}\}")

Series = tuple[str, str]
"""A series with its labels, and its samples."""


def series(name: str, samples: str, labels: Mapping[str, str] = POD, /, **more: str) -> Series:
    """Return one series, of the first pod unless told otherwise."""
    pairs = ",".join(f'{key}="{value}"' for key, value in {**labels, **more}.items())
    return f"{name}{{{pairs}}}", samples


def started(minute: int) -> Series:
    """Return the series of a process that started then, from the first scrape after it."""
    return series("process_start_time_seconds", f"_x{minute} {minute * 60}+0x200")


def checks(samples: str, decision: str, reason: str, policy: str = "all") -> Series:
    """Return a series of ``extauthz_checks_total``."""
    labels = {"decision": decision, "reason": reason, "policy": policy, "api": "grpc"}
    return series("extauthz_checks_total", samples, POD, **labels)


@dataclass(frozen=True, slots=True)
class Scene:
    """Series, and the minute at which is looked whether the alert fires."""

    at: int
    series: tuple[Series, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One alert: what fires it, and what does not by a small margin."""

    alert: str
    fires: Scene
    """Its moment is the first at which the alert fires: a minute before it must not."""
    labels: Mapping[str, str] = field(default_factory=lambda: JOB)
    """Of the alert, its name and severity left out."""
    filled: tuple[str, ...] = ()
    """What must stand in the places of the description that Prometheus fills, in their order."""
    also: Mapping[str, Scene] = field(default_factory=dict)
    """In words what is different -> other series that fire it with the same words, and not a minute before."""
    near: Mapping[str, Scene]
    """In words what is different -> the series that must not fire it."""


def firing_tests(alert: Alert, case: Case) -> list[Mapping[str, Any]]:
    """Return tests, for promtool, that the alert fires with the labels and words that people get to see."""
    scenes = {"fires": case.fires, **{f"fires: {why}": scene for why, scene in case.also.items()}}
    return [_firing_test(f"{alert.alert} {why}", scene, alert, case) for why, scene in scenes.items()]


def _firing_test(name: str, scene: Scene, alert: Alert, case: Case) -> Mapping[str, Any]:
    texts = iter(case.filled)
    expected = {
        "exp_labels": {**case.labels, "severity": alert.severity},
        "exp_annotations": {
            "summary": alert.summary,
            "description": _FILLED.sub(lambda _: next(texts), alert.description),
            "runbook": f"docs/runbook.md#{alert.runbook}",
        },
    }
    test = _test(name, scene, alert, [expected])
    assert next(texts, None) is None, f"the description of {alert.alert} has fewer places"
    (looked,) = test["alert_rule_test"]
    before = {**looked, "eval_time": f"{scene.at - 1}m", "exp_alerts": []}
    return {**test, "alert_rule_test": [before, looked]}


def silent_tests(alert: Alert, case: Case) -> list[Mapping[str, Any]]:
    """Return tests, for promtool, that the alert does not fire."""
    return [_test(f"{alert.alert} does not fire: {why}", scene, alert, []) for why, scene in case.near.items()]


def _test(name: str, scene: Scene, alert: Alert, expected: list[Any]) -> Mapping[str, Any]:
    return {
        "name": name,
        "interval": INTERVAL,
        "input_series": [{"series": one, "values": samples} for one, samples in scene.series],
        "alert_rule_test": [{"eval_time": f"{scene.at}m", "alertname": alert.alert, "exp_alerts": expected}],
    }
