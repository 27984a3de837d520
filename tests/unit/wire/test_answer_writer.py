"""A prepared answer is byte for byte the one that would be written anew."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from extauthz.headers import renewed
from extauthz.model.decision import Decision, HeaderMutations
from extauthz.model.reason import Reason
from extauthz.wire.answer_writer import AnswerWriter
from extauthz.wire.deny import DenyAnswer
from extauthz.wire.proto.envoy.service.auth.v3.external_auth_pb2 import CheckResponse
from extauthz.wire.response import write_check_response
from support.identities import identity

ALLOW = Decision(
    allowed=True,
    reason=Reason.ALLOWED,
    policy="p",
    identity=identity(),
    headers=HeaderMutations((("x-client-cert-cn", "alice"),), ("x-client-cert-upn",)),
)
SESSION = replace(
    ALLOW,
    session_expires=datetime(2026, 6, 1, 12, tzinfo=UTC),
    headers=HeaderMutations(
        (
            ("x-client-cert-session-expires", "2026-06-01T12:00:00Z"),
            ("x-client-cert-cn", "alice"),
            ("x-until", "2026-06-01T12:00:00Z"),
        ),
        ("x-client-cert-upn",),
        frozenset({"x-client-cert-session-expires", "x-until"}),
    ),
)
UNTOLD = replace(ALLOW, session_expires=datetime(2026, 6, 1, 12, 0, 0, 999_999, tzinfo=UTC))
DENY = Decision(allowed=False, reason=Reason.EXPIRED, policy="p", identity=identity())
TO_GRPC = Decision(allowed=False, reason=Reason.EXPIRED, policy="p", is_grpc=True)
UNBOUND = Decision(allowed=False, reason=Reason.TOKEN_BINDING_MISSING, policy="p")
ANSWERS = [
    DenyAnswer(),
    DenyAnswer(body="text", expose_reason=True),
    DenyAnswer(status=404, body="empty"),
    DenyAnswer(expose_reason=True),
]
IDS = ["0123456789abcdef" * 2, "f" * 32, "0" * 32, "", "id-1", "a" * 31, "a" * 33, "a" * 200]


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("decision", [ALLOW, SESSION, UNTOLD, DENY, TO_GRPC, UNBOUND])
def test_it_writes_what_is_written_without_preparation(decision: Decision, answer: DenyAnswer) -> None:
    writer = AnswerWriter(answer)
    for _ in range(2):
        for one in IDS:
            assert writer.write(decision, one) == write_check_response(decision, answer, one)


def test_two_configurations_do_not_share_what_they_prepared() -> None:
    writers = [AnswerWriter(answer) for answer in ANSWERS]
    answers = [writer.write(DENY, IDS[0]) for writer in writers]
    assert len(set(answers)) == len(answers)
    assert [writer.write(DENY, IDS[0]) for writer in writers] == answers


def test_a_decision_that_cannot_be_written_fails_each_time() -> None:
    broken = Decision(allowed=True, reason=Reason.ALLOWED, headers=HeaderMutations((("x-a", "b\r\nc: d"),)))
    writer = AnswerWriter(DenyAnswer())
    for _ in range(2):
        with pytest.raises(ValueError, match="printable"):
            writer.write(broken, IDS[0])


def test_another_decision_made_from_one_is_written_by_itself() -> None:
    writer = AnswerWriter(DenyAnswer())
    writer.write(ALLOW, IDS[0])
    other = replace(ALLOW, policy="q")
    assert writer.write(other, IDS[0]) == write_check_response(other, DenyAnswer(), IDS[0])


def test_a_renewed_decision_is_written_with_its_own_end_of_the_session() -> None:
    writer = AnswerWriter(DenyAnswer())
    now = SESSION
    for _ in range(3):
        assert now.session_expires is not None
        later = now.session_expires + timedelta(seconds=1)
        now = now.renewed(later, renewed(now.headers, later))
        assert writer.write(now, IDS[0]) == write_check_response(now, DenyAnswer(), IDS[0])
    assert now.lasting is SESSION.lasting


def test_a_text_that_looks_like_the_end_of_the_session_stays_as_it_is() -> None:
    """A client may bring a name with a time in it: what it names must not move on with the clock."""
    named = HeaderMutations((*SESSION.headers.set, ("x-name", "2026-06-01T12:00:00Z")), (), SESSION.headers.session)
    first = replace(SESSION, headers=named)
    writer = AnswerWriter(DenyAnswer())
    writer.write(first, IDS[0])
    assert first.session_expires is not None
    later = first.session_expires + timedelta(seconds=7)
    answer = CheckResponse.FromString(writer.write(first.renewed(later, renewed(first.headers, later)), IDS[0]))
    told = {one.header.key: one.header.value for one in answer.ok_response.headers}
    assert told["x-name"] == "2026-06-01T12:00:00Z"
    assert told["x-until"] == told["x-client-cert-session-expires"] == "2026-06-01T12:00:07Z"
