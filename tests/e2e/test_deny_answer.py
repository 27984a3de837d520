"""A denied client learns that it was denied, and a number to quote: nothing else, unless the operator wants it."""

import pytest

from support.edge import Edge, StartEdge
from support.edge_pki import Client

SALES_ONLY = {"name": "sales-only", "when": {}, "require": {"organizational_unit": ["Sales"]}}
TELLTALES = ("reason", "policy", "sales", "unit", "alice", "ops", "cn=", "issuing", "x-client-cert")


@pytest.fixture(scope="module")
def silent(start_edge: StartEdge) -> Edge:
    return start_edge(policies=[SALES_ONLY])


@pytest.mark.parametrize("http2", [False, True], ids=["http1", "http2"])
def test_a_deny_tells_nothing_but_its_id(silent: Edge, alice: Client, http2: bool) -> None:
    answer = silent.ask(alice, http2=http2)
    assert answer.status == 403
    assert answer.header("content-type") == "application/problem+json"
    assert answer.header("cache-control") == "no-store"
    problem = answer.json()
    assert set(problem) == {"type", "title", "status", "decision_id"}
    assert (problem["type"], problem["title"], problem["status"]) == ("about:blank", "Forbidden", 403)
    assert {name for name, _ in answer.headers} == {"content-type", "cache-control", "content-length", "date", "server"}
    spoken = (answer.body.decode() + repr(answer.headers)).lower().replace(problem["decision_id"], "")
    assert [word for word in TELLTALES if word in spoken] == []
    assert not silent.reached(answer)


def test_the_id_is_that_of_both_logs(silent: Edge, alice: Client) -> None:
    answer = silent.ask(alice, "/orders?token=secret")
    decision_id = answer.json()["decision_id"]
    assert silent.logged(answer)["extauthz"]["decision_id"] == decision_id
    line = silent.decided(answer)
    assert line["decision_id"] == decision_id
    assert (line["decision"], line["reason"]) == ("deny", "organizational_unit_not_allowed")
    assert (line["policy"], line["path"], line["sha256"]) == ("sales-only", "/orders", alice.leaf.sha256.hex())
    assert "secret" not in (silent.directory / "decisions.jsonl").read_text()


def test_ids_differ_from_request_to_request(silent: Edge, alice: Client) -> None:
    ids = [silent.ask(alice).json()["decision_id"] for _ in range(5)]
    assert len(set(ids)) == 5


@pytest.fixture(scope="module")
def talkative(start_edge: StartEdge) -> Edge:
    return start_edge(policies=[SALES_ONLY], deny={"expose_reason": True, "status": 404})


def test_expose_reason_tells_reason_and_policy_but_no_detail(talkative: Edge, alice: Client) -> None:
    answer = talkative.ask(alice)
    assert answer.status == 404
    problem = answer.json()
    assert problem == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "decision_id": problem["decision_id"],
        "reason": "organizational_unit_not_allowed",
        "policy": "sales-only",
    }


def test_a_plain_text_body_is_one_line(start_edge: StartEdge, alice: Client) -> None:
    edge = start_edge(policies=[SALES_ONLY], deny={"body": "text"})
    answer = edge.ask(alice)
    assert answer.header("content-type") == "text/plain; charset=utf-8"
    assert answer.body.decode() == f"access denied; decision_id={edge.logged(answer)['extauthz']['decision_id']}"
