"""The dynamic metadata of an answer."""

import dataclasses
from datetime import UTC, datetime, timedelta, timezone

import pytest
from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Struct

from extauthz.identity.bounded_form import MAX_LIST_ENTRIES, MAX_TEXT_CHARACTERS
from extauthz.identity.json_form import to_json
from extauthz.model.decision import Decision
from extauthz.model.forwarded import ForwardedIdentity
from extauthz.model.identity import CertIdentity, FascN
from extauthz.model.reason import Reason
from extauthz.wire.dynamic_metadata import metadata_bytes, serialised_identity_entry
from support.identities import identity, sans

ALLOWED = Decision(allowed=True, reason=Reason.ALLOWED, policy="payments", identity=identity())


def parsed(raw: bytes) -> dict[str, object]:
    return dict(MessageToDict(Struct.FromString(raw)))


def identity_of(certificate: CertIdentity) -> dict[str, object]:
    entry = parsed(serialised_identity_entry(certificate))["identity"]
    assert isinstance(entry, dict)
    return entry


def test_an_allow_says_what_why_and_who() -> None:
    expires = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
    told = parsed(metadata_bytes(dataclasses.replace(ALLOWED, session_expires=expires), "id-1"))
    assert told.pop("identity") == identity_of(identity())
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


class TestIdentity:
    def test_it_is_the_json_form_without_null_and_empty(self) -> None:
        certificate = identity(spiffe_id="spiffe://example/a", organizations=(), is_ca=False)
        assert identity_of(certificate) == {
            key: value for key, value in to_json(certificate).items() if value not in (None, [], "")
        }
        assert identity_of(certificate)["is_ca"] is False
        assert "organizations" not in identity_of(certificate)

    def test_what_is_false_is_told_and_what_is_not_there_is_not(self) -> None:
        assert identity_of(identity(piv_interim=False))["piv_interim"] is False
        assert "piv_interim" not in identity_of(identity())

    def test_a_fasc_n_is_told_field_by_field(self) -> None:
        number = FascN(
            agency_code="4700",
            system_code="0257",
            credential_number="000046",
            credential_series="1",
            individual_credential_issue="1",
            person_identifier="0257000046",
            organizational_category="1",
            organizational_identifier="9999",
            person_association="",
            valid=False,
        )
        told = identity_of(identity(fasc_n=number))["fasc_n"]
        assert isinstance(told, dict)
        assert (told["agency_code"], told["valid"]) == ("4700", False)
        assert "person_association" not in told

    def test_a_list_of_the_longest_length_is_told_whole(self) -> None:
        names = sans(*(f"dns:host{number}.example" for number in range(MAX_LIST_ENTRIES)))
        told = identity_of(identity(sans=names))
        assert isinstance(told["dns_names"], list)
        assert len(told["dns_names"]) == MAX_LIST_ENTRIES
        assert "truncated" not in told

    def test_a_longer_list_is_cut_and_named(self) -> None:
        names = sans(*(f"dns:host{number}.example" for number in range(1_000)))
        told = identity_of(identity(sans=names))
        assert told["dns_names"] == [f"host{number}.example" for number in range(MAX_LIST_ENTRIES)]
        assert isinstance(told["sans"], list)
        assert len(told["sans"]) == MAX_LIST_ENTRIES
        assert told["truncated"] == ["sans", "dns_names"]

    def test_a_longer_text_is_cut_and_named(self) -> None:
        long = "é" * (MAX_TEXT_CHARACTERS + 1)
        told = identity_of(identity(subject_dn=long, organizations=(long, "a")))
        assert told["subject"] == long[:-1]
        assert told["organizations"] == [long[:-1], "a"]
        assert told["truncated"] == ["subject", "organizations"]

    def test_a_certificate_full_of_names_makes_a_small_entry(self) -> None:
        full = identity(
            subject_dn="é" * 60_000, issuer_dn="x" * 60_000, sans=sans(*("dns:a.example" for _ in range(1_000)))
        )
        assert len(serialised_identity_entry(full)) < 20_000


def test_a_bare_name_is_told_with_who_said_so_and_nothing_else() -> None:
    forwarded = ForwardedIdentity("spiffe://a/cart", ("spiffe://a/waypoint",), ("xfcc",))
    decision = Decision(allowed=True, reason=Reason.ALLOWED_BY_FORWARDED_IDENTITY, forwarded=forwarded)
    told = parsed(metadata_bytes(decision, "id-3"))
    assert told["identity"] == {"spiffe_id": "spiffe://a/cart", "forwarded_by": ["spiffe://a/waypoint"]}
    assert told["reason"] == "allowed_by_forwarded_identity"
