"""One decision as one line of JSON.

Whatever a client or a certificate says stands inside JSON strings of plain ASCII, so it can neither end the line nor
steer a terminal. Never in a line: the query (it carries secrets), path parameters, a password before the host, header
values, whole certificates.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from extauthz.identity.bounded_form import bounded
from extauthz.identity.json_form import forwarded_to_json, to_json
from extauthz.model.decision import RuleResult, Step
from extauthz.model.forwarded import ForwardedIdentity
from extauthz.model.identity import CertIdentity
from extauthz.model.outcome import Fail, Outcome
from extauthz.model.reason import Reason

SHOWN_CHARACTERS = 2048
"""Characters that a line keeps of a host, path, SNI or method. Envoy accepts up to 8 MiB of headers, and records wait
in memory: the bound is what makes a full queue small."""
DETAIL_CHARACTERS = 1_000
"""Characters that a line keeps of one detail. What a client says in it was cut to 200 where it was put in; this holds
for whatever was put together from such parts, and of a character outside the BMP the line makes twelve."""
SHOWN_STEPS = 16
"""Steps in a line; ``decide`` has ten."""
SHOWN_RULES = 32
"""Rules of a step in a line. The step's own detail names the first that failed, wherever it stands."""

_AFTER_PATH = re.compile("[?#;]|%3[fF]")

KNOWN_CLIENTS = 4_096
"""Of which what is always the same in a line is kept, a KiB or so each: it takes most of the time that a line takes."""

_quoted = json.encoder.encode_basestring_ascii
"""A text as JSON has it, in plain ASCII."""


class DecisionRecord(NamedTuple):
    """What the deciding thread hands over: references only, nothing formatted, and nothing that no line needs."""

    at: datetime
    decision_id: str
    allowed: bool
    reason: Reason
    detail: str
    policy: str
    sources: tuple[str, ...]
    sha256: str | None
    identity: CertIdentity | ForwardedIdentity | None
    """None also where ``include`` asks for nothing of a certificate. A bare name has no ``sha256``."""
    steps: tuple[Step, ...]
    """Of a deny only."""
    api: str
    seconds: float
    digest: str
    include: tuple[str, ...]
    method: str
    host: str
    path: str
    sni: str


class _Fixed(NamedTuple):
    """What is the same in all lines about one client, policy and verdict, as JSON without its braces."""

    verdict: str
    """What stands before the request's own fields."""
    client: str
    """What stands after them."""


class LineRenderer:
    """Renders records. Keeps what it wrote of clients that are let in again and again; used by one thread only."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], _Fixed] = {}

    def render(self, record: DecisionRecord) -> bytes:
        """Return the line, with its newline.

        Every field is there in every line, in the same order, but ``steps``, which explains a deny.
        """
        fixed = self._allow(record) if record.allowed else _fixed(record)
        return (
            f'{{"time":"{_time(record.at)}","decision_id":{_quoted(record.decision_id)},{fixed.verdict},'
            f'"duration_us":{round(record.seconds * 1_000_000)},"method":{_quoted(record.method)},'
            f'"host":{_quoted(record.host)},"path":{_quoted(without_query(record.path))},"sni":{_quoted(record.sni)},'
            f"{fixed.client}}}\n"
        ).encode("ascii")

    def _allow(self, record: DecisionRecord) -> _Fixed:
        key = (
            record.sha256 or record.identity,  # a bare name has no fingerprint to be told by
            record.include,
            record.policy,
            record.digest,
            record.sources,
            record.reason,
            record.detail,
            record.api,
        )
        fixed = self._known.get(key)
        if fixed is None:
            if len(self._known) >= KNOWN_CLIENTS:
                self._known.clear()
            fixed = self._known[key] = _fixed(record)
        return fixed


def _fixed(record: DecisionRecord) -> _Fixed:
    verdict = {
        "decision": "allow" if record.allowed else "deny",
        "reason": record.reason.value,
        "detail": _shown_detail(record.detail),
        "policy": record.policy,
        "config": record.digest,
        "api": record.api,
    }
    client: dict[str, object] = {
        "sources": record.sources,
        "sha256": record.sha256,
        "identity": _identity(record),
    }
    if not record.allowed:
        client["steps"] = [_step_fields(step) for step in record.steps[:SHOWN_STEPS]]
    return _Fixed(_without_braces(verdict), _without_braces(client))


def _identity(record: DecisionRecord) -> dict[str, object]:
    """Return what is told of the client. Of an identity without certificate its name: it has no fingerprint."""
    identity = record.identity
    if isinstance(identity, ForwardedIdentity):
        return forwarded_to_json(identity)
    return {} if identity is None else _selected(identity, record.include)


def _selected(identity: CertIdentity, include: tuple[str, ...]) -> dict[str, object]:
    every = to_json(identity)
    selected, truncated = bounded({name: every[name] for name in include})
    if truncated:
        selected["truncated"] = truncated
    return selected


def _without_braces(fields: Mapping[str, object]) -> str:
    return json.dumps(fields, separators=(",", ":"))[1:-1]


def _time(at: datetime) -> str:
    utc = at if at.tzinfo is UTC else at.astimezone(UTC)
    return utc.isoformat(timespec="microseconds").replace("+00:00", "Z")


def without_query(path: str) -> str:
    """Cut off a request target what may carry secrets: query, fragment, path parameters (``;jsessionid=…``).

    Cut at ``%3f`` too: some server behind decodes it and finds a query.
    """
    return _AFTER_PATH.split(path, maxsplit=1)[0]


def without_userinfo(host: str) -> str:
    """Return the host of ``user:password@host``."""
    return host.rpartition("@")[2]


def _step_fields(step: Step) -> dict[str, object]:
    fields: dict[str, object] = {"step": step.number, "name": step.name, **_outcome_fields(step.outcome)}
    if step.rules:
        fields["rules"] = [_rule_fields(rule) for rule in step.rules[:SHOWN_RULES]]
    if len(step.rules) > SHOWN_RULES:
        fields["rules_not_shown"] = len(step.rules) - SHOWN_RULES
    return fields


def _rule_fields(result: RuleResult) -> dict[str, object]:
    return {"rule": result.rule, **_outcome_fields(result.outcome)}


def _outcome_fields(outcome: Outcome) -> dict[str, object]:
    if isinstance(outcome, Fail):
        return {"result": "fail", "reason": outcome.reason.value, "detail": _shown_detail(outcome.detail)}
    return {"result": "pass", "detail": _shown_detail(outcome.detail)}


def _shown_detail(detail: str) -> str:
    return detail if len(detail) <= DETAIL_CHARACTERS else f"{detail[: DETAIL_CHARACTERS - 1]}…"
