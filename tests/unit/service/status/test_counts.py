"""Figures are those of our own samples, each of them once, and what is none of ours is in no figure."""

from collections import Counter
from collections.abc import Mapping

import pytest
from prometheus_client import Metric
from prometheus_client.samples import Sample

from extauthz.observe.metrics import Metrics
from extauthz.service.status.counts import Counts, counts_of

ALLOW = {"decision": "allow", "reason": "allowed", "policy": "p", "api": "grpc"}
DENY = {"decision": "deny", "reason": "san_not_allowed", "policy": "p", "api": "http"}
CHECKS = "extauthz_checks_total"


def family(name: str, *samples: tuple[str, Mapping[str, str], float], kind: str = "counter") -> Metric:
    made = Metric(name, "", kind)
    made.samples = [Sample(sample, dict(labels), value) for sample, labels, value in samples]
    return made


def checks(*samples: tuple[Mapping[str, str], float]) -> Counts:
    return counts_of([family("extauthz_checks", *((CHECKS, labels, value) for labels, value in samples))])


def test_checks_are_summed_over_reasons_and_listeners() -> None:
    found = checks((ALLOW, 3.0), ({**ALLOW, "api": "http"}, 4.0), (DENY, 5.0), ({**DENY, "policy": ""}, 6.0))
    assert (found.allowed, found.denied) == (Counter({"p": 7}), Counter({"p": 5, "": 6}))
    assert found.policies == {"p", ""}
    assert found.unread == 0


@pytest.mark.parametrize(
    "labels",
    [
        {},
        {key: value for key, value in ALLOW.items() if key != "api"},
        {**ALLOW, "zone": "a"},
        {**ALLOW, "decision": "deny"},
        {**DENY, "decision": "allow"},
        {**ALLOW, "decision": "maybe"},
        {**ALLOW, "reason": "because"},
        {**ALLOW, "api": "smtp"},
    ],
)
def test_labels_that_no_check_of_ours_has_are_counted_nowhere(labels: Mapping[str, str]) -> None:
    found = checks((ALLOW, 1.0), (labels, 100.0))
    assert (found.allowed, found.denied, found.unread) == (Counter({"p": 1}), Counter(), 1)


@pytest.mark.parametrize("value", [-1.0, 0.5, float("nan"), float("inf"), -float("inf")])
def test_what_is_no_number_of_checks_is_counted_nowhere(value: float) -> None:
    found = checks((ALLOW, value))
    assert (found.allowed, found.unread) == (Counter(), 1)


def test_a_moment_beside_a_counter_is_no_count() -> None:
    found = counts_of([family("extauthz_checks", (CHECKS, ALLOW, 1.0), ("extauthz_checks_created", ALLOW, 1.7e9))])
    assert (found.allowed, found.unread) == (Counter({"p": 1}), 1)


def test_sources_workers_and_digests_are_held_to_their_labels_too() -> None:
    source = "extauthz_certificate_source_total"
    found = counts_of(
        [
            family("extauthz_certificate_source", (source, {"source": "none"}, 2.0), (source, {"from": "none"}, 9.0)),
            family(
                "extauthz_workers",
                ("extauthz_workers", {"state": "serving"}, 2.0),
                ("extauthz_workers", {"state": "serving", "zone": "a"}, 9.0),
                kind="gauge",
            ),
            family(
                "extauthz_config_info",
                ("extauthz_config_info", {"hash": "b"}, 1.0),
                ("extauthz_config_info", {"hash": "a"}, 1.0),
                ("extauthz_config_info", {"hash": "not in use"}, 0.0),
                ("extauthz_config_info", {}, 1.0),
                kind="gauge",
            ),
            family("another", ("another", {"decision": "allow"}, 1.0)),
        ]
    )
    assert (found.without_certificate, found.workers, found.digests) == (2, (("serving", 2),), ("a", "b"))
    assert found.unread == 4


def test_every_sample_of_the_real_metrics_is_read() -> None:
    metrics = Metrics(version="1")
    metrics.checks.show(["xfcc"], ["p"])
    found = counts_of(metrics.registry.collect())
    assert found.unread == 0
    assert set(found.denied) == {"p", ""}
    assert set(found.sources) == {"none", "xfcc"}
