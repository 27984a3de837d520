"""What a denied client gets to see."""

import json
from http import HTTPStatus

import pytest

from extauthz.model.decision import Decision
from extauthz.model.reason import ALLOW_REASONS, Reason
from extauthz.wire.deny import DENY_STATUSES, DenyAnswer, DenyReply, render_deny
from support.identities import identity

DENIED = Decision(
    allowed=False,
    reason=Reason.EXPIRED,
    detail="notAfter 2026-01-01T00:00:00Z of CN=alice",
    policy="payments",
    identity=identity(),
)
NO_STORE = ("cache-control", "no-store")
PROBLEM = ("content-type", "application/problem+json")
TEXT = ("content-type", "text/plain; charset=utf-8")
CHALLENGE = ("www-authenticate", 'Bearer error="invalid_token"')
DENY_REASONS = sorted(set(Reason) - ALLOW_REASONS)
TOKEN_REASONS = [Reason.TOKEN_BINDING_MISSING, Reason.TOKEN_BINDING_MISMATCH]


def denied(reason: Reason, *, is_grpc: bool = False) -> Decision:
    return Decision(allowed=False, reason=reason, policy="payments", is_grpc=is_grpc)


def test_by_default_the_client_learns_the_decision_id_and_nothing_else() -> None:
    reply = render_deny(DENIED, DenyAnswer(), "id-1")
    assert (reply.status, reply.headers) == (403, (PROBLEM, NO_STORE))
    assert json.loads(reply.body) == {"type": "about:blank", "title": "Forbidden", "status": 403, "decision_id": "id-1"}


def test_the_reason_and_the_policy_are_there_when_the_operator_says_so() -> None:
    problem = json.loads(render_deny(DENIED, DenyAnswer(expose_reason=True), "id-1").body)
    assert (problem["reason"], problem["policy"]) == ("expired", "payments")


def test_no_policy_is_named_when_none_matched() -> None:
    decision = Decision(allowed=False, reason=Reason.NO_POLICY)
    problem = json.loads(render_deny(decision, DenyAnswer(expose_reason=True), "id-1").body)
    assert problem["reason"] == "no_policy"
    assert "policy" not in problem


def test_without_a_decision_id_there_is_no_member_for_it() -> None:
    assert "decision_id" not in json.loads(render_deny(DENIED, DenyAnswer(), "").body)


@pytest.mark.parametrize("body", ["problem_json", "text", "empty"])
@pytest.mark.parametrize("is_grpc", [False, True])
def test_the_operators_detail_and_the_identity_never_reach_the_client(body: str, is_grpc: bool) -> None:
    decision = Decision(allowed=False, reason=Reason.EXPIRED, detail="DETAIL", identity=identity(), is_grpc=is_grpc)
    shown = str(render_deny(decision, DenyAnswer(body=body, expose_reason=True), "id-1"))  # type: ignore[arg-type]  # each of the three
    assert "DETAIL" not in shown
    assert "alice" not in shown


def test_a_text_body_is_one_line() -> None:
    assert render_deny(DENIED, DenyAnswer(body="text"), "id-1") == DenyReply(
        403, (TEXT, NO_STORE), "access denied; decision_id=id-1"
    )
    exposed = render_deny(DENIED, DenyAnswer(body="text", expose_reason=True), "id-1")
    assert exposed.body == "access denied; decision_id=id-1; reason=expired; policy=payments"


def test_an_empty_body_has_no_content_type() -> None:
    assert render_deny(DENIED, DenyAnswer(body="empty"), "id-1") == DenyReply(403, (NO_STORE,), "")


class TestStatus:
    @pytest.mark.parametrize("reason", [reason for reason in DENY_REASONS if reason not in TOKEN_REASONS])
    def test_is_the_operators_and_challenges_nobody(self, reason: Reason) -> None:
        reply = render_deny(denied(reason), DenyAnswer(status=401), "id-1")
        assert (reply.status, reply.headers) == (401, (PROBLEM, NO_STORE))

    @pytest.mark.parametrize("reason", TOKEN_REASONS)
    @pytest.mark.parametrize("is_grpc", [False, True])
    def test_is_401_with_a_challenge_for_token_binding(self, reason: Reason, is_grpc: bool) -> None:
        reply = render_deny(denied(reason, is_grpc=is_grpc), DenyAnswer(status=404), "id-1")
        assert reply.status == 401
        assert reply.headers[1:] == (NO_STORE, CHALLENGE)

    def test_is_403_for_a_grpc_client_whatever_the_operator_chose(self) -> None:
        reply = render_deny(denied(Reason.EXPIRED, is_grpc=True), DenyAnswer(status=503), "id-1")
        assert reply == DenyReply(403, (TEXT, NO_STORE), "access denied; decision_id=id-1")

    @pytest.mark.parametrize("status", sorted(DENY_STATUSES))
    def test_every_status_that_can_be_chosen_has_its_title(self, status: int) -> None:
        problem = json.loads(render_deny(DENIED, DenyAnswer(status=status), "id-1").body)
        assert (problem["status"], problem["title"]) == (status, HTTPStatus(status).phrase)

    @pytest.mark.parametrize("status", [0, 100, 200, 204, 302, 399, 418, 495, 600, -1])
    def test_anything_but_an_error_that_envoy_knows_is_refused(self, status: int) -> None:
        with pytest.raises(ValueError, match="is not an HTTP error status"):
            DenyAnswer(status=status)

    def test_the_choices_are_client_and_server_errors(self) -> None:
        assert {401, 403, 404, 429, 500, 503} <= DENY_STATUSES
        assert min(DENY_STATUSES) == 400
        assert max(DENY_STATUSES) == 511
