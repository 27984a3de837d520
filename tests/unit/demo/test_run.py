import json

import pytest

from extauthz.demo.access_log import LoggedDecision
from extauthz.demo.client import Answer
from extauthz.demo.run import _header_problems, _verdict_problems
from extauthz.demo.scenarios import Scenario
from extauthz.model.reason import Reason

ALLOW = Scenario(client="alice", status=200, reason=Reason.ALLOWED, upstream={"cn": "alice"})
DENY = Scenario(client="alice", status=403, reason=Reason.REVOKED)
BODY = json.dumps({"decision_id": "d1"}).encode()


def verdict(scenario: Scenario, status: int, reason: str, body: bytes = BODY) -> list[str]:
    decision = LoggedDecision(reason=reason, policy="p", decision_id="d1", connection="1")
    return list(_verdict_problems(scenario, Answer(status, body, 0.0), decision))


def test_what_is_as_expected_has_no_problems() -> None:
    assert verdict(ALLOW, 200, "allowed", b"{}") == []
    assert verdict(DENY, 403, "revoked") == []
    assert list(_header_problems(ALLOW, {"x-client-cert-cn": ["alice"], "host": ["x"]})) == []


def test_another_status_or_reason_is_a_problem() -> None:
    assert verdict(ALLOW, 503, "", b"") == ["status 503, expected 200", "reason (none), expected allowed"]
    assert verdict(DENY, 403, "expired") == ["reason expired, expected revoked"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"decision_id": "d2"}', b"\xff"])
def test_a_deny_must_show_the_decision_id_of_the_log(body: bytes) -> None:
    assert verdict(DENY, 403, "revoked", body) == ["the decision_id in the body is not the one in Envoy's log"]


@pytest.mark.parametrize("values", [[], ["bob"], ["alice", "alice"]])
def test_an_identity_header_must_be_there_exactly_once_with_its_value(values: list[str]) -> None:
    problems = list(_header_problems(ALLOW, {"x-client-cert-cn": values}))
    assert problems == [f"the upstream saw x-client-cert-cn: {values}, expected alice"]


def test_a_forged_value_must_not_be_seen_in_any_header() -> None:
    seen = {"x-client-cert-cn": ["alice"], "x_client_cert_subject": ["CN=forged"]}
    assert list(_header_problems(ALLOW, seen)) == ["the upstream saw the client's own x_client_cert_subject"]
