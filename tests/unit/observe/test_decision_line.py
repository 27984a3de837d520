# ruff: noqa: ANN401  (stand-ins and builders take what the real thing takes, by keyword)
"""A decision is one line of ASCII JSON, complete for the operator, without what must not be logged."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extauthz.identity.bounded_form import MAX_LIST_ENTRIES, MAX_TEXT_CHARACTERS
from extauthz.model.decision import Decision, RuleResult, Step
from extauthz.model.forwarded import ForwardedIdentity
from extauthz.model.identity import Kind, SubjectAltName
from extauthz.model.outcome import Fail, Pass
from extauthz.model.reason import Reason
from extauthz.observe import decision_line
from extauthz.observe.decision_line import (
    DETAIL_CHARACTERS,
    SHOWN_RULES,
    SHOWN_STEPS,
    DecisionRecord,
    LineRenderer,
    without_query,
)
from support.identities import fasc_n, identity

AT = datetime(2026, 6, 1, 12, 0, 0, 123456, tzinfo=UTC)
ALLOW = Decision(
    allowed=True, reason=Reason.ALLOWED, policy="payments", identity=identity(), sources=("xfcc", "envoy_peer")
)
DENY = Decision(
    allowed=False,
    reason=Reason.SAN_NOT_ALLOWED,
    detail="nothing matches",
    policy="payments",
    steps=(
        Step(1, "route", Pass("policy 'payments'")),
        Step(
            8,
            "rules",
            Fail(Reason.SAN_NOT_ALLOWED, "nothing matches"),
            (RuleResult("san_present", Pass("1 entry")), RuleResult("san.dns", Fail(Reason.SAN_NOT_ALLOWED, "no"))),
        ),
    ),
)


def record(decision: Decision = ALLOW, **changes: Any) -> DecisionRecord:
    base = DecisionRecord(
        at=AT,
        decision_id="00ff",
        allowed=decision.allowed,
        reason=decision.reason,
        detail=decision.detail,
        policy=decision.policy,
        sources=decision.sources,
        sha256=None if decision.identity is None else decision.identity.sha256,
        identity=decision.identity,
        steps=decision.steps,
        api="grpc",
        seconds=0.000123,
        digest="0123456789ab",
        include=("subject", "dns_names"),
        method="GET",
        host="pay.example.com",
        path="/v1/pay?token=secret",
        sni="pay.example.com",
    )
    return base._replace(**changes)


def render_line(one: DecisionRecord) -> bytes:
    return LineRenderer().render(one)


def fields(one: DecisionRecord) -> dict[str, Any]:
    parsed = json.loads(render_line(one))
    assert isinstance(parsed, dict)
    return parsed


def test_an_allow_has_these_fields_and_no_steps() -> None:
    assert fields(record()) == {
        "time": "2026-06-01T12:00:00.123456Z",
        "decision_id": "00ff",
        "decision": "allow",
        "reason": "allowed",
        "detail": "",
        "policy": "payments",
        "config": "0123456789ab",
        "api": "grpc",
        "duration_us": 123,
        "method": "GET",
        "host": "pay.example.com",
        "path": "/v1/pay",
        "sni": "pay.example.com",
        "sources": ["xfcc", "envoy_peer"],
        "sha256": "ab" * 32,
        "identity": {"subject": "CN=alice,OU=Ops,O=Example", "dns_names": ["client.example"]},
    }


def test_a_deny_explains_every_step_and_rule() -> None:
    found = fields(record(DENY))
    assert (found["decision"], found["reason"], found["detail"]) == ("deny", "san_not_allowed", "nothing matches")
    assert found["steps"] == [
        {"step": 1, "name": "route", "result": "pass", "detail": "policy 'payments'"},
        {
            "step": 8,
            "name": "rules",
            "result": "fail",
            "reason": "san_not_allowed",
            "detail": "nothing matches",
            "rules": [
                {"rule": "san_present", "result": "pass", "detail": "1 entry"},
                {"rule": "san.dns", "result": "fail", "reason": "san_not_allowed", "detail": "no"},
            ],
        },
    ]


def test_identifiers_of_a_card_are_logged_where_they_are_asked_for() -> None:
    card = identity(kind=Kind.CAC, fasc_n=fasc_n(), piv_interim=False, edipi="1234567890", warnings=("kind: odd",))
    include = ("kind", "fasc_n", "piv_interim", "card_uuid", "edipi", "ms_sid", "warnings")
    line = json.loads(render_line(record(identity=card, include=include)))
    assert line["identity"]["fasc_n"].pop("valid") is True
    assert line["identity"].pop("fasc_n")["agency_code"] == "4700"
    assert line["identity"] == {
        "kind": "cac",
        "piv_interim": False,
        "card_uuid": None,
        "edipi": "1234567890",
        "ms_sid": None,
        "warnings": ["kind: odd"],
    }


def test_without_a_certificate_the_identity_is_empty() -> None:
    found = fields(record(DENY))
    assert found["sha256"] is None
    assert found["identity"] == {}


def test_the_fingerprint_is_there_even_when_no_field_is_included() -> None:
    found = fields(record(include=()))
    assert found["sha256"] == "ab" * 32
    assert found["identity"] == {}


def test_the_time_is_utc_whatever_zone_it_was_given_in() -> None:
    elsewhere = AT.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert fields(record(at=elsewhere))["time"] == "2026-06-01T12:00:00.123456Z"


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        ("/a?b=c", "/a"),
        ("/a#b", "/a"),
        ("/a#b?c", "/a"),
        ("/a?b#c", "/a"),
        ("?x", ""),
        ("", ""),
        ("/a%3Fb", "/a"),
        ("/a%3fb?c", "/a"),
        ("/a;jsessionid=b/c", "/a"),
        ("/a;b?c", "/a"),
        ("/a%3b", "/a%3b"),
    ],
)
def test_neither_query_nor_path_parameters_are_logged(path: str, logged: str) -> None:
    assert without_query(path) == logged


@pytest.mark.parametrize("hostile", ["\n{}", "\r\n", "\x00", "\x1b[2J", "\u2028", "\u202e", "\udcff", '"', "é"])
def test_hostile_text_can_neither_end_the_line_nor_leave_ascii(hostile: str) -> None:
    line = render_line(record(path=f"/{hostile}", host=hostile, sni=hostile, method=hostile))
    assert line.isascii()
    assert line.endswith(b"}\n")
    assert all(byte >= 0x20 for byte in line[:-1])
    assert json.loads(line)["host"] == hostile


@given(st.text(st.characters(exclude_categories=()), max_size=50))
def test_any_text_gives_one_line_of_printable_ascii(text: str) -> None:
    deny = Decision(allowed=False, reason=Reason.NO_POLICY, detail=text, steps=(Step(1, text, Pass(text)),))
    line = render_line(record(deny, path=text, host=text))
    assert line.count(b"\n") == 1
    assert line.isascii()
    assert json.loads(line)["detail"] == text


def test_what_is_kept_of_a_client_is_never_shown_for_another() -> None:
    renderer = LineRenderer()
    for common_name, sha256 in (("alice", "aa" * 32), ("bob", "bb" * 32), ("alice", "aa" * 32)):
        client = Decision(
            allowed=True, reason=Reason.ALLOWED, identity=identity(common_name=common_name, sha256=sha256)
        )
        line = json.loads(renderer.render(record(client, include=("common_name",))))
        assert (line["identity"], line["sha256"]) == ({"common_name": common_name}, sha256)


def test_other_fields_of_a_known_client_are_looked_up_anew() -> None:
    renderer = LineRenderer()
    for include in (("common_name",), ("kind",), ("common_name", "kind")):
        line = json.loads(renderer.render(record(include=include)))
        assert tuple(line["identity"]) == include


def test_the_memory_for_clients_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decision_line, "KNOWN_CLIENTS", 3)
    renderer = LineRenderer()
    for number in range(10):
        client = Decision(allowed=True, reason=Reason.ALLOWED, identity=identity(sha256=f"{number:064}"))
        assert json.loads(renderer.render(record(client)))["sha256"] == f"{number:064}"
        assert len(renderer._known) <= 3


def test_a_detail_of_the_longest_length_is_whole_and_a_longer_one_is_cut() -> None:
    longest = "x" * DETAIL_CHARACTERS
    for detail, shown in ((longest, longest), (longest + "x", f"{longest[:-1]}…")):
        outcome = Fail(Reason.NO_POLICY, detail)
        steps = (Step(1, "route", Pass(detail)), Step(8, "rules", outcome, (RuleResult("a", outcome),)))
        found = fields(record(Decision(allowed=False, reason=Reason.NO_POLICY, detail=detail, steps=steps)))
        step = found["steps"][1]
        assert [found["detail"], found["steps"][0]["detail"], step["detail"], step["rules"][0]["detail"]] == [shown] * 4


def test_of_very_many_steps_and_rules_the_first_are_shown() -> None:
    rules = tuple(RuleResult(f"rule {number}", Pass()) for number in range(SHOWN_RULES + 2))
    steps = (Step(1, "rules", Pass(), rules), Step(2, "rules", Pass(), rules[:SHOWN_RULES]))
    many = steps + tuple(Step(number, "more", Pass()) for number in range(3, SHOWN_STEPS + 2))
    found = fields(record(Decision(allowed=False, reason=Reason.NO_POLICY, steps=many)))["steps"]
    assert [step["step"] for step in found] == list(range(1, SHOWN_STEPS + 1))
    assert [rule["rule"] for rule in found[0]["rules"]] == [f"rule {number}" for number in range(SHOWN_RULES)]
    assert found[0]["rules_not_shown"] == 2
    assert len(found[1]["rules"]) == SHOWN_RULES
    assert "rules_not_shown" not in found[1]


def test_of_a_certificate_full_of_names_a_part_is_logged_and_the_cut_fields_are_named() -> None:
    full = identity(
        subject_dn="é" * 60_000, issuer_dn="x" * 60_000, sans=tuple(SubjectAltName("dns", "a") for _ in range(1_000))
    )
    line = render_line(record(Decision(allowed=True, reason=Reason.ALLOWED, identity=full)))
    told = json.loads(line)["identity"]
    assert told["subject"] == "é" * MAX_TEXT_CHARACTERS
    assert told["dns_names"] == ["a"] * MAX_LIST_ENTRIES
    assert told["truncated"] == ["subject", "dns_names"]
    assert len(line) < 15_000


def by_name(name: str) -> Decision:
    forwarded = ForwardedIdentity(f"spiffe://cluster.local/{name}", ("spiffe://cluster.local/waypoint",), ("xfcc",))
    return Decision(allowed=True, reason=Reason.ALLOWED_BY_FORWARDED_IDENTITY, policy="mesh", forwarded=forwarded)


def test_a_bare_name_is_told_with_who_said_so_and_never_for_another() -> None:
    renderer = LineRenderer()
    for name in ("cart", "till", "cart"):
        decision = by_name(name)
        line = json.loads(renderer.render(record(decision, identity=decision.forwarded)))
        assert line["identity"] == {
            "spiffe_id": f"spiffe://cluster.local/{name}",
            "forwarded_by": ["spiffe://cluster.local/waypoint"],
        }
        assert line["sha256"] is None
