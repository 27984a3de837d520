"""Every way out of a check is counted once, under its reason."""

import pytest

from extauthz.model.reason import Reason
from extauthz.wire.proto.envoy.service.auth.v3.external_auth_pb2 import CheckRequest
from support.questions import question, reason
from support.service import RealService
from support.service_site import Site, StartService

OPERATORS = [{"name": "ops", "when": {"paths": ["/ops/**"]}, "require": {"organizational_unit": ["Ops"]}}]


def malformed_certificate() -> CheckRequest:
    asked = question(path="/ops/x")
    asked.attributes.source.certificate = "junk"
    return asked


@pytest.fixture
def service(start: StartService, site: Site) -> RealService:
    return start(policies=OPERATORS)


def test_each_exit_is_counted_under_its_reason(service: RealService, site: Site) -> None:
    ops = site.pki.issue("alice", organizational_unit="Ops")
    sales = site.pki.issue("bob", organizational_unit="Sales")
    stranger = site.pki.issue("eve", by=site.pki.authority("Stranger"), organizational_unit="Ops")
    exits: dict[Reason, tuple[CheckRequest | bytes, str]] = {
        Reason.ALLOWED: (question(ops, path="/ops/x"), "ops"),
        Reason.ORGANIZATIONAL_UNIT_NOT_ALLOWED: (question(sales, path="/ops/x"), "ops"),
        Reason.UNTRUSTED_ISSUER: (question(stranger, path="/ops/x"), "ops"),
        Reason.NO_CERTIFICATE: (question(path="/ops/x"), "ops"),
        Reason.SOURCE_MALFORMED: (malformed_certificate(), "ops"),
        Reason.NO_POLICY: (question(ops, path="/other"), ""),
        Reason.PATH_AMBIGUOUS: (question(ops, path="/ops/../x"), ""),
        Reason.REQUEST_MALFORMED: (b"\xff", ""),
        Reason.REQUEST_TOO_LARGE: (b"\0" * ((4 << 20) + 1), ""),
    }
    for expected, (asked, policy) in exits.items():
        decision = "allow" if expected is Reason.ALLOWED else "deny"
        labels = {"decision": decision, "reason": expected.value, "policy": policy, "api": "grpc"}
        assert service.metric("extauthz_checks_total", **labels) == 0.0, expected
        assert reason(service.check(asked)) == expected.value
        assert service.metric("extauthz_checks_total", **labels) == 1.0, expected
    rpc = {"grpc_type": "unary", "grpc_service": "envoy.service.auth.v3.Authorization", "grpc_method": "Check"}
    assert service.metric("grpc_server_started_total", **rpc) == len(exits)
    assert service.metric("grpc_server_handled_total", **rpc, grpc_code="OK") == len(exits)
    assert service.metric("grpc_server_handling_seconds_count", **rpc) == len(exits)
    durations = [
        service.metric("extauthz_check_duration_seconds_count", api="grpc", decision=decision)
        for decision in ("allow", "deny")
    ]
    assert durations == [1.0, len(exits) - 1.0]
    assert service.metric("extauthz_checks_in_flight") == 0.0


def test_a_client_that_comes_again_is_in_the_cache(service: RealService, site: Site) -> None:
    asked = question(site.pki.issue("alice", organizational_unit="Ops"), path="/ops/x")
    for _ in range(3):
        service.check(asked)
    assert service.metric("extauthz_cache_misses_total") == 1.0
    assert service.metric("extauthz_cache_hits_total") == 2.0
    service.reload()
    service.check(asked)
    assert service.metric("extauthz_cache_misses_total") == 1.0
    assert service.metric("extauthz_cache_hits_total") == 3.0
    (site.pki.directory / "root.pem").write_bytes(site.pki.root.pem + site.pki.authority("Another").pem)
    service.reload()
    service.check(asked)
    assert service.metric("extauthz_cache_misses_total") == 2.0
    assert service.metric("extauthz_cache_hits_total") == 3.0


def test_the_source_of_each_certificate_is_counted(service: RealService, site: Site) -> None:
    service.check(question(site.pki.issue("alice", organizational_unit="Ops"), path="/ops/x"))
    service.check(question(path="/ops/x"))
    assert service.metric("extauthz_certificate_source_total", source="envoy_peer") == 1.0
    assert service.metric("extauthz_certificate_source_total", source="none") == 1.0


def test_the_remaining_life_of_clients_is_observed(service: RealService, site: Site) -> None:
    service.check(question(site.pki.issue("alice", organizational_unit="Ops"), path="/ops/x"))
    name = "extauthz_client_certificate_remaining_seconds_bucket"
    assert service.metric(name, le="604800.0") == 0.0
    assert service.metric(name, le="7.776e+06") == 1.0


def test_openmetrics_is_served_to_whoever_accepts_it(service: RealService) -> None:
    reply = service.get("/metrics", {"Accept": "application/openmetrics-text; version=1.0.0"})
    assert reply.headers["content-type"].startswith("application/openmetrics-text")
    assert reply.body.endswith("# EOF\n")
