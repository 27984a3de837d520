"""From the service's own values to those of the page."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from prometheus_client import Metric

from extauthz.config.schema.config import Config
from extauthz.config.schema.listen import Listen
from extauthz.model.decision import Decision
from extauthz.model.reason import Reason
from extauthz.observe.check_metrics import Api
from extauthz.observe.engine_metrics import AnchorView, EngineView
from extauthz.observe.metrics import Metrics
from extauthz.observe.recent_denials import Denial as Noted
from extauthz.refresh.snapshot import FeedStatus, Snapshot
from extauthz.service.crl_lateness import LateInFeed
from extauthz.service.serving import Addresses
from extauthz.service.status.counts import Counts, counts_of
from extauthz.service.status.model import Anchor, Listener, Policy, Source
from extauthz.service.status.parts import anchors, crl_sources, denials, listeners, policies, sources
from support.statuses import AT

NO_COUNTS = counts_of(())


def counts(allowed: dict[str, int], denied: dict[str, int]) -> Counts:
    return Counts(allowed=Counter(allowed), denied=Counter(denied), sources=Counter(), workers=(), digests=(), unread=0)


def feed(**changes: Any) -> FeedStatus:  # noqa: ANN401  (fields of any type)
    fields: dict[str, Any] = {
        "label": "a.crl",
        "where": "/etc/extauthz/a.crl",
        "required": True,
        "last_attempt": AT,
        "last_success": None,
        "problem": None,
        "rejected": 0,
        **changes,
    }
    return FeedStatus(**fields)


def test_the_figures_are_those_of_the_metrics() -> None:
    metrics = Metrics(version="1")
    view = EngineView(
        digest="d1", policies=("p",), sources=("xfcc",), anchors=(), cache=SimpleNamespace(hits=0, misses=0)
    )
    metrics.show_engine(view, AT)
    allow = Decision(allowed=True, reason=Reason.ALLOWED, policy="p", sources=("xfcc",))
    deny = Decision(allowed=False, reason=Reason.REVOKED, policy="p", sources=("xfcc",))
    for api in (Api.GRPC, Api.HTTP):
        metrics.checks.of(api).decided(allow, 0.001, AT)
        metrics.checks.of(api).decided(deny, 0.001, AT)
    metrics.checks.of(Api.GRPC).decided(deny, 0.001, AT)
    metrics.checks.of(Api.GRPC).decided(Decision(allowed=False, reason=Reason.NO_POLICY), 0.001, AT)
    metrics.checks.of(Api.GRPC).decided(Decision(allowed=False, reason=Reason.NO_CERTIFICATE, policy="p"), 0.001, AT)
    found = counts_of(metrics.registry.collect())
    assert (found.allowed["p"], found.denied["p"], found.denied[""]) == (2, 4, 1)
    assert (found.sources["xfcc"], found.without_certificate) == (5, 1)
    assert found.policies == {"p", ""}
    assert found.digests == ("d1",)
    assert found.workers == ()


def test_the_workers_are_those_of_the_metrics() -> None:
    family = Metric("extauthz_workers", "", "gauge")
    family.add_sample("extauthz_workers", {"state": "serving"}, 2.0)
    assert counts_of([family]).workers == (("serving", 2),)


def test_policies_are_in_the_order_in_which_they_are_tried_and_the_gone_ones_behind() -> None:
    found = policies(("second", "first"), counts({"first": 3, "gone": 1, "never": 0}, {"second": 2, "": 5}))
    assert list(found) == [
        Policy(name="second", configured=True, allowed=0, denied=2),
        Policy(name="first", configured=True, allowed=3, denied=0),
        Policy(name="gone", configured=False, allowed=1, denied=0),
        Policy(name="", configured=False, allowed=0, denied=5),
    ]


def test_listeners_are_those_that_were_bound() -> None:
    http = {"address": "127.0.0.1:0", "dialect": "caddy", "unsafe_any_caller": True}
    both = Listen.model_validate({"http": http})
    found = list(listeners(both, Addresses(grpc="127.0.0.1:1", http="127.0.0.1:2"), "127.0.0.1:3"))
    assert found == [
        Listener(name="grpc", address="127.0.0.1:1", speaks="gRPC, transport native", tls=False),
        Listener(name="http", address="127.0.0.1:2", speaks="HTTP, dialect caddy", tls=False),
        Listener(name="admin", address="127.0.0.1:3", speaks="HTTP, for operators", tls=False),
    ]
    assert [one.name for one in listeners(both, Addresses(), "unix:/a")] == ["admin"]


@pytest.fixture
def config() -> Config:
    return Config.model_validate(
        {
            "version": 1,
            "listen": {"http": {"address": "127.0.0.1:0", "dialect": "envoy_http", "unsafe_any_caller": True}},
            "sources": [{"type": "envoy_peer"}, {"type": "xfcc"}],
            "trust": {"anchors": ["root.pem"]},
            "policies": [{"name": "p", "when": {}, "require": {}}],
        }
    )


def test_each_source_says_which_listeners_read_it(config: Config) -> None:
    assert list(sources(config, NO_COUNTS)) == [
        Source(type="envoy_peer", listeners=("grpc",), checks=0),
        Source(type="xfcc", listeners=("grpc", "http"), checks=0),
    ]


def test_the_anchor_that_ends_first_is_first() -> None:
    late = AnchorView(fingerprint8="aaaaaaaa", not_after=AT + timedelta(days=9), subject_dn="CN=A")
    soon = AnchorView(fingerprint8="bbbbbbbb", not_after=AT, subject_dn="CN=\u202eB")
    assert list(anchors((late, soon))) == [
        Anchor(fingerprint8="bbbbbbbb", subject="CN=\\u{202e}B", not_after=AT),
        Anchor(fingerprint8="aaaaaaaa", subject="CN=A", not_after=AT + timedelta(days=9)),
    ]


def test_a_crl_source_has_its_own_problem_and_what_is_late_of_it() -> None:
    bad, other = feed(problem="status 503"), feed(label="b.crl", where="/other/b.crl")
    late = [cast("LateInFeed", SimpleNamespace(feed=one, sentence="the CRL is late")) for one in (bad, other)]
    found = list(crl_sources(Snapshot(feeds=(bad, other)), late))
    assert [(one.label, one.problems) for one in found] == [
        ("a.crl", ("status 503", "the CRL is late")),
        ("b.crl", ("the CRL is late",)),
    ]


def test_where_a_certificate_said_that_its_crl_is_does_not_get_on_the_page() -> None:
    named = feed(label="distribution_points:crl.example", where="http://crl.example/<script>", fetched=True)
    (found,) = crl_sources(Snapshot(feeds=(named,)), ())
    assert "script" not in repr(found)


def _noted() -> Iterator[Noted]:
    yield Noted(AT, "id", Reason.REVOKED, "p", "grpc", "0a0b0c0d", "CN=\nx")


def test_a_subject_is_shown_only_where_it_is_asked_for() -> None:
    (with_subject,) = denials(_noted(), identities=True)
    (without,) = denials(_noted(), identities=False)
    assert with_subject.subject == "CN=\\u{a}x"
    assert without.subject is None
    assert (without.reason, without.policy, without.listener, without.fingerprint8) == (
        "revoked",
        "p",
        "grpc",
        "0a0b0c0d",
    )
