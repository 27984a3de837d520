"""Counted once, on every exit path, under labels that no client chooses."""

from dataclasses import replace
from datetime import timedelta

import pytest
from prometheus_client import generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics

from extauthz.model.decision import Decision
from extauthz.model.reason import ALLOW_REASONS, Reason
from extauthz.observe.check_metrics import REASONS_WITHOUT_POLICY, Api
from extauthz.observe.crl_metrics import CrlSourceView, CrlsView, CrlView
from extauthz.observe.decision_log import Lost
from extauthz.observe.engine_metrics import AnchorView, EngineView, ServerCertificateView
from extauthz.observe.metrics import Metrics, ReloadResult
from support.certificates import NOW
from support.identities import identity

ALLOW = Decision(
    allowed=True, reason=Reason.ALLOWED, policy="payments", identity=identity(), sources=("xfcc", "envoy_peer")
)


class Counts:
    """The counters of a certificate cache."""

    def __init__(self, hits: int = 0, misses: int = 0) -> None:
        self.hits = hits
        self.misses = misses


def view(**changes: object) -> EngineView:
    base = EngineView(digest="d1", policies=("payments",), sources=("xfcc", "envoy_peer"), anchors=(), cache=Counts())
    return replace(base, **changes)  # type: ignore[arg-type]  # the names are checked by replace


def crl(label: str = "crls/ca.crl", **changes: object) -> CrlView:
    base = CrlView(
        label=label,
        entries=3,
        number=7,
        this_update=NOW,
        next_update=NOW + timedelta(days=1),
    )
    return replace(base, **changes)  # type: ignore[arg-type]  # the same


def source(label: str = "crls/ca.crl", **changes: object) -> CrlSourceView:
    base = CrlSourceView(
        label=label,
        fetched=False,
        last_attempt=NOW + timedelta(hours=2),
        last_success=NOW + timedelta(hours=1),
        usable=True,
        rejected=0,
    )
    return replace(base, **changes)  # type: ignore[arg-type]  # the same


@pytest.fixture
def metrics() -> Metrics:
    one = Metrics(version="1.2.3")
    one.show_engine(view(), NOW)
    return one


def check_count(metrics: Metrics, decision: str, reason: Reason, policy: str) -> float | None:
    labels = {"decision": decision, "reason": reason.value, "policy": policy, "api": "grpc"}
    return metrics.registry.get_sample_value("extauthz_checks_total", labels)


def source_count(metrics: Metrics, source: str) -> float | None:
    return metrics.registry.get_sample_value("extauthz_certificate_source_total", {"source": source})


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def test_every_reason_has_its_series_from_the_start(metrics: Metrics) -> None:
    for reason in Reason:
        decision = "allow" if reason in ALLOW_REASONS else "deny"
        policy = "" if reason in REASONS_WITHOUT_POLICY else "payments"
        assert check_count(metrics, decision, reason, policy) == 0.0, reason


def test_a_check_is_counted_once_under_its_labels(metrics: Metrics) -> None:
    metrics.checks.of(Api.GRPC).decided(ALLOW, 0.0002, NOW)
    assert check_count(metrics, "allow", Reason.ALLOWED, "payments") == 1.0
    total = sum(
        sample.value
        for family in metrics.registry.collect()
        for sample in family.samples
        if sample.name == "extauthz_checks_total"
    )
    assert total == 1.0


def test_how_long_a_check_took_lands_in_its_bucket(metrics: Metrics) -> None:
    metrics.checks.of(Api.GRPC).decided(ALLOW, 0.0002, NOW)
    buckets = [
        value(metrics, "extauthz_check_duration_seconds_bucket", api="grpc", decision="allow", le=edge)
        for edge in ("5e-05", "0.0001", "0.00025", "1.0", "+Inf")
    ]
    assert buckets == [0.0, 0.0, 1.0, 1.0, 1.0]


def test_each_source_that_agreed_is_counted(metrics: Metrics) -> None:
    metrics.checks.of(Api.GRPC).decided(ALLOW, 0.001, NOW)
    assert [source_count(metrics, name) for name in ("xfcc", "envoy_peer", "none")] == [1.0, 1.0, 0.0]


@pytest.mark.parametrize("reason", [Reason.NO_CERTIFICATE, Reason.CERTIFICATE_NOT_FORWARDED])
def test_a_missing_certificate_is_counted_as_such(metrics: Metrics, reason: Reason) -> None:
    metrics.checks.of(Api.GRPC).decided(Decision(allowed=False, reason=reason, policy="payments"), 0.001, NOW)
    assert source_count(metrics, "none") == 1.0


def test_a_request_that_was_never_asked_for_its_certificate_counts_for_no_source(metrics: Metrics) -> None:
    metrics.checks.of(Api.GRPC).decided(Decision(allowed=False, reason=Reason.NO_POLICY), 0.001, NOW)
    assert [source_count(metrics, name) for name in ("xfcc", "envoy_peer", "none")] == [0.0, 0.0, 0.0]


def test_a_source_that_nobody_configured_makes_no_series(metrics: Metrics) -> None:
    metrics.checks.of(Api.GRPC).decided(replace(ALLOW, sources=("made-up",)), 0.001, NOW)
    assert source_count(metrics, "made-up") is None


def test_a_policy_that_nobody_configured_makes_no_series(metrics: Metrics) -> None:
    for _ in range(2):
        metrics.checks.of(Api.GRPC).decided(replace(ALLOW, policy="made-up"), 0.001, NOW)
    assert check_count(metrics, "allow", Reason.ALLOWED, "made-up") is None
    assert check_count(metrics, "allow", Reason.ALLOWED, "") == 2.0


def test_a_reason_in_an_unforeseen_place_is_counted_all_the_same(metrics: Metrics) -> None:
    odd = Decision(allowed=False, reason=Reason.INTERNAL_ERROR, policy="payments")
    for _ in range(2):
        metrics.checks.of(Api.GRPC).decided(odd, 0.001, NOW)
    assert check_count(metrics, "deny", Reason.INTERNAL_ERROR, "payments") == 2.0


def test_the_remaining_life_of_allowed_certificates_is_observed(metrics: Metrics) -> None:
    expires = NOW + timedelta(days=2)
    metrics.checks.of(Api.GRPC).decided(replace(ALLOW, identity=identity(not_after=expires)), 0.001, NOW)
    metrics.checks.of(Api.GRPC).decided(
        Decision(allowed=False, reason=Reason.EXPIRED, policy="payments", identity=identity()),
        0.001,
        NOW,
    )
    name = "extauthz_client_certificate_remaining_seconds"
    assert value(metrics, f"{name}_sum") == 2 * 86400.0
    assert value(metrics, f"{name}_bucket", le="86400.0") == 0.0
    assert value(metrics, f"{name}_bucket", le="259200.0") == 1.0


def test_checks_in_flight_go_up_and_down(metrics: Metrics) -> None:
    metrics.checks.of(Api.GRPC).in_flight += 1
    assert value(metrics, "extauthz_checks_in_flight") == 1.0
    metrics.checks.of(Api.GRPC).in_flight -= 1
    assert value(metrics, "extauthz_checks_in_flight") == 0.0


def test_a_new_policy_gets_its_series_and_an_old_one_keeps_its_counts(metrics: Metrics) -> None:
    metrics.checks.of(Api.GRPC).decided(ALLOW, 0.001, NOW)
    metrics.show_engine(view(policies=("other",)), NOW)
    assert check_count(metrics, "allow", Reason.ALLOWED, "payments") == 1.0
    assert check_count(metrics, "deny", Reason.REVOKED, "other") == 0.0
    metrics.show_engine(view(), NOW)
    assert check_count(metrics, "allow", Reason.ALLOWED, "payments") == 1.0


def test_the_configuration_in_use_has_exactly_one_series(metrics: Metrics) -> None:
    metrics.show_engine(view(digest="d2"), NOW)
    assert value(metrics, "extauthz_config_info", hash="d1") is None
    assert value(metrics, "extauthz_config_info", hash="d2") == 1.0


def test_cache_counters_never_go_backwards(metrics: Metrics) -> None:
    old, new = Counts(), Counts()
    metrics.show_engine(view(cache=old), NOW)
    old.hits, old.misses = 6, 2
    metrics.show_engine(view(cache=new), NOW)
    new.misses += 3
    assert value(metrics, "extauthz_cache_hits_total") == 6.0
    assert value(metrics, "extauthz_cache_misses_total") == 5.0


def test_what_an_engine_shares_with_the_one_before_is_counted_once(metrics: Metrics) -> None:
    shared = Counts()
    metrics.show_engine(view(cache=shared), NOW)
    shared.hits, shared.misses = 6, 2
    metrics.show_engine(view(cache=shared), NOW)
    assert value(metrics, "extauthz_cache_hits_total") == 6.0
    shared.misses += 3
    assert value(metrics, "extauthz_cache_misses_total") == 5.0


def test_a_failed_reload_shows_and_the_next_good_one_clears_it(metrics: Metrics) -> None:
    names = ("extauthz_config_last_reload_successful", "extauthz_config_last_reload_success_timestamp_seconds")
    metrics.reload_ended(ReloadResult.FAILURE)
    assert [value(metrics, name) for name in names] == [0.0, NOW.timestamp()]
    metrics.show_engine(view(), NOW + timedelta(hours=1))
    metrics.reload_ended(ReloadResult.SUCCESS)
    assert [value(metrics, name) for name in names] == [1.0, (NOW + timedelta(hours=1)).timestamp()]
    results = [value(metrics, "extauthz_config_reloads_total", result=result) for result in ReloadResult]
    assert results == [1.0, 1.0]


def test_a_crl_shows_its_state_under_its_label(metrics: Metrics) -> None:
    metrics.show_crls(CrlsView(crls=(crl(),), sources=(source(),)))
    found = {
        name: value(metrics, f"extauthz_crl_{name}", crl="crls/ca.crl")
        for name in (
            "entries",
            "number",
            "this_update_timestamp_seconds",
            "next_update_timestamp_seconds",
            "last_success_timestamp_seconds",
        )
    }
    assert found == {
        "entries": 3.0,
        "number": 7.0,
        "this_update_timestamp_seconds": NOW.timestamp(),
        "next_update_timestamp_seconds": (NOW + timedelta(days=1)).timestamp(),
        "last_success_timestamp_seconds": (NOW + timedelta(hours=1)).timestamp(),
    }


def test_what_a_crl_does_not_say_has_no_series(metrics: Metrics) -> None:
    metrics.show_crls(CrlsView(crls=(crl(number=None, next_update=None),)))
    assert value(metrics, "extauthz_crl_entries", crl="crls/ca.crl") == 3.0
    assert value(metrics, "extauthz_crl_number", crl="crls/ca.crl") is None
    assert value(metrics, "extauthz_crl_next_update_timestamp_seconds", crl="crls/ca.crl") is None


def test_a_crl_that_is_gone_vanishes(metrics: Metrics) -> None:
    metrics.show_crls(CrlsView(crls=(crl(),), sources=(source(),)))
    metrics.show_crls(CrlsView())
    assert b'_entries{crl="crls/ca.crl"' not in generate_latest(metrics.registry)


def test_a_source_shows_how_its_last_look_went(metrics: Metrics) -> None:
    views = (source(), source("b", usable=False, rejected=2, last_success=None))
    metrics.show_crls(CrlsView(sources=views, waiting=1))
    assert value(metrics, "extauthz_crl_last_attempt_successful", crl="crls/ca.crl") == 1.0
    assert value(metrics, "extauthz_crl_last_attempt_successful", crl="b") == 0.0
    assert value(metrics, "extauthz_crl_rejected", crl="b") == 2.0
    assert value(metrics, "extauthz_crl_last_attempt_timestamp_seconds", crl="b") == source().last_attempt.timestamp()  # type: ignore[union-attr]  # it has one
    assert value(metrics, "extauthz_crl_last_success_timestamp_seconds", crl="b") is None
    assert value(metrics, "extauthz_crl_required_sources_waiting") == 1.0


def test_fetches_are_counted_from_zero_and_only_of_urls() -> None:
    metrics = Metrics(version="1", crl_fetch_results=("success", "timeout"))
    metrics.show_crls(CrlsView(sources=(source("http://x/a.crl", fetched=True), source("file"))))
    metrics.crl_fetched("http://x/a.crl", "timeout")
    name, url = "extauthz_crl_fetch_total", "http://x/a.crl"
    assert [value(metrics, name, crl=url, result=one) for one in ("success", "timeout")] == [0.0, 1.0]
    assert value(metrics, "extauthz_crl_fetch_total", crl="file", result="success") is None


def test_roll_backs_are_counted_from_zero(metrics: Metrics) -> None:
    metrics.show_crls(CrlsView(sources=(source(),)))
    assert value(metrics, "extauthz_crl_rollbacks_total", crl="crls/ca.crl") == 0.0
    metrics.crl_rolled_back("crls/ca.crl")
    assert value(metrics, "extauthz_crl_rollbacks_total", crl="crls/ca.crl") == 1.0


def test_trust_anchors_show_when_they_expire(metrics: Metrics) -> None:
    metrics.show_engine(view(anchors=(AnchorView(fingerprint8="0a1b2c3d", not_after=NOW),)), NOW)
    name = "extauthz_trust_anchor_not_after_timestamp_seconds"
    assert value(metrics, name, fingerprint8="0a1b2c3d") == NOW.timestamp()


def test_server_certificates_show_their_life_until_a_load_without_them(metrics: Metrics) -> None:
    name = "extauthz_server_certificate_not_{}_timestamp_seconds"
    later = NOW + timedelta(days=1)
    own = ServerCertificateView(api="http", not_before=NOW, not_after=later)
    metrics.show_engine(view(server_certificates=(own,)), NOW)
    assert value(metrics, name.format("before"), api="http") == NOW.timestamp()
    assert value(metrics, name.format("after"), api="http") == later.timestamp()
    metrics.show_engine(view(), NOW)
    assert value(metrics, name.format("after"), api="http") is None


@pytest.mark.parametrize("cause", list(Lost))
def test_lost_log_lines_are_counted_by_cause(metrics: Metrics, cause: Lost) -> None:
    assert value(metrics, "extauthz_decision_log_dropped_total", cause=cause.value) == 0.0
    metrics.decision_log_lost(cause, 3)
    assert value(metrics, "extauthz_decision_log_dropped_total", cause=cause.value) == 3.0


def test_before_the_first_configuration_there_is_nothing_about_an_engine() -> None:
    text = generate_latest(Metrics(version="1").registry)
    assert b"extauthz_config_info" not in text
    assert b"extauthz_crl_entries" not in text
    assert b"extauthz_config_last_reload_successful 0.0" in text


def test_the_build_is_named(metrics: Metrics) -> None:
    assert b'extauthz_build_info{python="3.' in generate_latest(metrics.registry)
    assert b'version="1.2.3"} 1.0' in generate_latest(metrics.registry)


def test_a_scrape_has_no_series_for_start_times_and_is_valid_openmetrics(metrics: Metrics) -> None:
    metrics.show_crls(CrlsView(crls=(crl(),), sources=(source(),)))
    metrics.checks.of(Api.GRPC).decided(ALLOW, 0.001, NOW)
    text = generate_openmetrics(metrics.registry).decode()  # type: ignore[no-untyped-call]  # published without types
    assert "_created" not in text
    names = {family.name for family in parse_openmetrics(text)}  # type: ignore[no-untyped-call]  # the same
    assert {"extauthz_checks", "extauthz_cache_hits", "grpc_server_started", "process_cpu_seconds"} <= names


def test_two_instances_do_not_share_anything() -> None:
    one, other = Metrics(version="1"), Metrics(version="2")
    one.checks.of(Api.GRPC).decided(Decision(allowed=False, reason=Reason.NO_POLICY), 0.001, NOW)
    assert check_count(other, "deny", Reason.NO_POLICY, "") == 0.0
