"""A prepared answer is byte for byte the one that would be written anew."""

from dataclasses import replace

import pytest

from extauthz.model.decision import Decision, HeaderMutations
from extauthz.model.reason import Reason
from extauthz.wire.answer_writer import AnswerWriter
from extauthz.wire.deny import DenyAnswer
from extauthz.wire.response import write_check_response
from support.identities import identity

ALLOW = Decision(
    allowed=True,
    reason=Reason.ALLOWED,
    policy="p",
    identity=identity(),
    headers=HeaderMutations((("x-client-cert-cn", "alice"),), ("x-client-cert-upn",)),
)
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
@pytest.mark.parametrize("decision", [ALLOW, DENY, TO_GRPC, UNBOUND])
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
