"""Send every scenario's request, compare what came back with what must come back, and say so."""

import itertools
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from extauthz.demo.access_log import LoggedDecision
from extauthz.demo.client import Answer, HttpsClient
from extauthz.demo.files import revoke
from extauthz.demo.scenarios import AFTER_REVOCATION, BEFORE_REVOCATION, FORGED, IDENTITY_PREFIX, SCENARIOS, Scenario
from extauthz.demo.stack import DemoStack
from extauthz.demo.upstream import REQUEST_HEADER, echoed_headers

REVOCATION_TIMEOUT = 15.0
"""Seconds for a replaced CRL to take effect; it is a matter of a second."""
REVOCATION_POLL = 0.1
"""Seconds between two requests while waiting for that."""


@dataclass(frozen=True, slots=True)
class Result:
    """One request, what came of it, and in what it differs from what the scenario says."""

    scenario: Scenario
    answer: Answer
    decision: LoggedDecision
    identity: Mapping[str, str]
    """The identity headers that the upstream saw, without their prefix; empty when it saw no request."""
    problems: tuple[str, ...]
    note: str = ""
    """What was measured beside the answer."""


def run_scenarios(stack: DemoStack) -> Iterator[Result]:
    """Send each request of ``SCENARIOS`` and then the revocation of a connected client; yield each result."""
    numbers = itertools.count(1)
    for scenario in SCENARIOS:
        with stack.client(scenario.client, leaf_only=scenario.leaf_only) as client:
            yield _ask(stack, client, scenario, str(next(numbers)))
    yield from _revoke_while_connected(stack, numbers)


def _revoke_while_connected(stack: DemoStack, numbers: Iterator[int]) -> Iterator[Result]:
    name = BEFORE_REVOCATION.client
    with stack.client(name) as client:
        before = _ask(stack, client, BEFORE_REVOCATION, str(next(numbers)))
        yield before
        revoke(stack.files, stack.pki, str(name))
        replaced = time.monotonic()
        while True:
            after = _ask(stack, client, AFTER_REVOCATION, str(next(numbers)))
            waited = time.monotonic() - replaced
            if after.answer.status != before.answer.status or waited > REVOCATION_TIMEOUT:
                break
            time.sleep(REVOCATION_POLL)
    problems = after.problems
    if after.decision.connection != before.decision.connection:
        problems = (*problems, "it came over another TLS connection")
    note = f"denied {waited:.1f} s after the CRL file was replaced, on the same TLS connection"
    yield Result(after.scenario, after.answer, after.decision, after.identity, problems, note)


def _ask(stack: DemoStack, client: HttpsClient, scenario: Scenario, number: str) -> Result:
    headers = [("host", f"localhost:{stack.port}"), (REQUEST_HEADER, number), *scenario.headers]
    if scenario.bound_to is not None:
        certificate = stack.pki.clients[scenario.bound_to].credential.certificate
        token = stack.tokens.bound_token(scenario.bound_to, certificate, datetime.now(UTC))
        headers.append(("authorization", f"Bearer {token}"))
    answer = client.request(scenario.method, scenario.path, headers)
    decision = stack.log.decision(number)
    reached = stack.upstream.saw(number)
    problems = [*_verdict_problems(scenario, answer, decision)]
    if reached != scenario.allowed:
        problems.append("it reached the upstream" if reached else "it did not reach the upstream")
    seen: Mapping[str, Sequence[str]] = {}
    if reached:
        try:
            seen = echoed_headers(answer.body)
        except ValueError as error:
            problems.append(str(error))
        problems += _header_problems(scenario, seen)
    identity = {
        name.removeprefix(IDENTITY_PREFIX): ", ".join(values)
        for name, values in seen.items()
        if name.startswith(IDENTITY_PREFIX)
    }
    return Result(scenario, answer, decision, identity, tuple(problems))


def _verdict_problems(scenario: Scenario, answer: Answer, decision: LoggedDecision) -> Iterator[str]:
    if answer.status != scenario.status:
        yield f"status {answer.status}, expected {scenario.status}"
    if decision.reason != scenario.reason:
        yield f"reason {decision.reason or '(none)'}, expected {scenario.reason}"
    if not scenario.allowed and _body_decision_id(answer.body) != decision.decision_id:
        yield "the decision_id in the body is not the one in Envoy's log"


def _header_problems(scenario: Scenario, seen: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for name, value in scenario.upstream.items():
        values = list(seen.get(IDENTITY_PREFIX + name, ()))
        if values != [value]:
            yield f"the upstream saw {IDENTITY_PREFIX}{name}: {values}, expected {value}"
    for name, lines in seen.items():
        if any(FORGED in line for line in lines):
            yield f"the upstream saw the client's own {name}"


def _body_decision_id(body: bytes) -> str | None:
    """Return the ``decision_id`` of a problem document (RFC 9457), None when the body is not one."""
    try:
        return str(json.loads(body)["decision_id"])
    except (KeyError, TypeError, ValueError):
        return None
