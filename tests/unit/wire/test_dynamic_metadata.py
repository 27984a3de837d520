"""The dynamic metadata of an answer."""

import dataclasses
from datetime import UTC, datetime, timedelta, timezone

import pytest
from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Struct

from extauthz.model.decision import Decision
from extauthz.model.forwarded import ForwardedIdentity
from extauthz.model.reason import Reason
from extauthz.wire.dynamic_metadata import metadata_bytes
from extauthz.wire.identity_entry import identity_entry
from support.identities import identity

ALLOWED = Decision(allowed=True, reason=Reason.ALLOWED, policy="payments", identity=identity())


def parsed(raw: bytes) -> dict[str, object]:
    return dict(MessageToDict(Struct.FromString(raw)))


def test_an_allow_says_what_why_and_who() -> None:
    expires = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
    told = parsed(metadata_bytes(dataclasses.replace(ALLOWED, session_expires=expires), "id-1"))
    assert told.pop("identity") == parsed(identity_entry(identity()))["identity"]
    assert told == {
        "decision": "allow",
        "reason": "allowed",
        "policy": "payments",
        "decision_id": "id-1",
        "session_expires": "2026-03-01T12:00:00Z",
    }


def test_a_deny_says_so_and_has_no_session() -> None:
    told = parsed(metadata_bytes(Decision(allowed=False, reason=Reason.NO_POLICY), "id-2"))
    assert told == {"decision": "deny", "reason": "no_policy", "policy": "", "decision_id": "id-2"}


def test_the_operators_detail_is_not_told() -> None:
    decision = Decision(allowed=False, reason=Reason.REVOKED, detail="DETAIL", identity=identity())
    assert b"DETAIL" not in metadata_bytes(decision, "id-3")


@pytest.mark.parametrize(
    ("expires", "text"),
    [
        (datetime(2026, 3, 1, 12, 0, 0, 999_999, tzinfo=UTC), "2026-03-01T12:00:00Z"),
        (datetime(2026, 3, 1, 12, 0, 1, tzinfo=UTC), "2026-03-01T12:00:01Z"),
        (datetime(2026, 3, 1, 14, 0, 0, tzinfo=timezone(timedelta(hours=2))), "2026-03-01T12:00:00Z"),
    ],
    ids=["rounded down", "one second later", "in UTC"],
)
def test_a_session_ends_in_whole_seconds_of_utc(expires: datetime, text: str) -> None:
    told = parsed(metadata_bytes(dataclasses.replace(ALLOWED, session_expires=expires), "id"))
    assert told["session_expires"] == text


def test_a_bare_name_is_told_with_who_said_so_and_nothing_else() -> None:
    forwarded = ForwardedIdentity("spiffe://a/cart", ("spiffe://a/waypoint",), ("xfcc",))
    decision = Decision(allowed=True, reason=Reason.ALLOWED_BY_FORWARDED_IDENTITY, forwarded=forwarded)
    told = parsed(metadata_bytes(decision, "id-3"))
    assert told["identity"] == {"spiffe_id": "spiffe://a/cart", "forwarded_by": ["spiffe://a/waypoint"]}
    assert told["reason"] == "allowed_by_forwarded_identity"
