"""What is decided is said so that each proxy understands it, and complete."""

import json

import pytest

from extauthz.model.decision import Decision, HeaderMutations
from extauthz.model.reason import Reason
from extauthz.wire.deny import DenyAnswer
from extauthz.wire.http.answer import (
    DECISION_ID,
    INTERNAL_ERROR_ANSWER,
    MAX_FIELD_VALUE,
    TO_REMOVE,
    HttpAnswer,
    HttpAnswerWriter,
)
from extauthz.wire.http.dialect import PRESETS, Dialect

HEADERS = HeaderMutations(
    set=(("x-client-cert-cn", "alice"), ("x-client-cert-policy", "p")),
    remove=("x-client-cert-upn", "x_client_cert_upn"),
)
ALLOW = Decision(allowed=True, reason=Reason.ALLOWED, headers=HEADERS)


def writer(dialect: Dialect = Dialect.NGINX, answer: DenyAnswer | None = None) -> HttpAnswerWriter:
    return HttpAnswerWriter(answer or DenyAnswer(), PRESETS[dialect])


def fields(answer: HttpAnswer) -> dict[str, str]:
    lines = answer.fields.decode("ascii").split("\r\n")
    assert lines.pop() == ""
    pairs = [(name, value) for name, _, value in (line.partition(": ") for line in lines)]
    found = dict(pairs)
    assert len(found) == len(pairs), "a header stands twice"
    return found


def test_an_allow_is_200_with_the_identity() -> None:
    answer = writer().write(ALLOW, "id1")
    assert (answer.status, answer.body) == (200, b"")
    assert fields(answer) == {"x-client-cert-cn": "alice", "x-client-cert-policy": "p", DECISION_ID: "id1"}


def test_the_same_decision_again_has_another_id() -> None:
    one = writer()
    assert fields(one.write(ALLOW, "id1"))[DECISION_ID] == "id1"
    assert fields(one.write(ALLOW, "id2")) == {**fields(one.write(ALLOW, "id1")), DECISION_ID: "id2"}


def test_envoy_is_told_what_to_remove() -> None:
    assert fields(writer(Dialect.ENVOY_HTTP).write(ALLOW, "id"))[TO_REMOVE] == "x-client-cert-upn,x_client_cert_upn"


def test_caddy_gets_headers_without_a_value() -> None:
    found = fields(writer(Dialect.CADDY).write(ALLOW, "id"))
    assert found["x-client-cert-upn"] == ""
    assert "x_client_cert_upn" not in found


@pytest.mark.parametrize("dialect", [Dialect.NGINX, Dialect.INGRESS_NGINX, Dialect.TRAEFIK, Dialect.HAPROXY])
def test_the_others_remove_by_themselves(dialect: Dialect) -> None:
    assert set(fields(writer(dialect).write(ALLOW, "id"))) == {"x-client-cert-cn", "x-client-cert-policy", DECISION_ID}


@pytest.mark.parametrize("dialect", list(Dialect))
@pytest.mark.parametrize("status", [401, 403, 404, 429])
def test_a_deny_has_a_status_that_the_proxy_takes_for_one(dialect: Dialect, status: int) -> None:
    deny = Decision(allowed=False, reason=Reason.EXPIRED)
    answer = writer(dialect, DenyAnswer(status=status)).write(deny, "id")
    nginx = dialect in (Dialect.NGINX, Dialect.INGRESS_NGINX)
    expected = 403 if nginx and status not in (401, 403) else status
    assert (answer.status, json.loads(answer.body)["status"]) == (expected, expected)


def test_a_deny_tells_the_client_nothing_and_has_no_identity() -> None:
    deny = Decision(allowed=False, reason=Reason.EXPIRED, detail="secret", headers=HEADERS, policy="p")
    answer = writer().write(deny, "id1")
    assert fields(answer) == {
        "content-type": "application/problem+json",
        "cache-control": "no-store",
        DECISION_ID: "id1",
    }
    assert json.loads(answer.body) == {"type": "about:blank", "title": "Forbidden", "status": 403, "decision_id": "id1"}


def test_a_token_that_is_not_bound_is_401_with_its_challenge() -> None:
    deny = Decision(allowed=False, reason=Reason.TOKEN_BINDING_MISSING)
    answer = writer().write(deny, "id")
    assert answer.status == 401
    assert fields(answer)["www-authenticate"] == 'Bearer error="invalid_token"'


@pytest.mark.parametrize("value", ["a\r\nx: y", "a\nb", "a\0b", "é", "a\x7f", "a" * (MAX_FIELD_VALUE + 1)])
def test_a_value_that_could_break_out_of_its_line_is_never_written(value: str) -> None:
    decision = Decision(allowed=True, reason=Reason.ALLOWED, headers=HeaderMutations(set=(("x-a", value),)))
    with pytest.raises(ValueError, match="x-a is too long or not printable ASCII"):
        writer().write(decision, "id")


@pytest.mark.parametrize("name", ["X-A", "x a", "x:a", "", "x\r\ny"])
def test_neither_is_a_name_that_is_none(name: str) -> None:
    decision = Decision(allowed=True, reason=Reason.ALLOWED, headers=HeaderMutations(set=((name, "v"),)))
    with pytest.raises(ValueError, match="not a lower-case header name"):
        writer().write(decision, "id")


def test_the_last_resort_is_a_deny() -> None:
    assert (INTERNAL_ERROR_ANSWER.status, INTERNAL_ERROR_ANSWER.body) == (403, b"")
