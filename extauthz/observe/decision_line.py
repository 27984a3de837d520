"""One decision as one line of JSON.

Whatever a client or a certificate says stands inside JSON strings of plain ASCII, so it can neither end the line nor
steer a terminal. Never in a line: the query (it carries secrets), path parameters, a password before the host, header
values, whole certificates.
"""

import json
import re
from datetime import UTC, datetime
from typing import NamedTuple

from extauthz.identity.bounded_form import bounded
from extauthz.identity.json_form import to_json
from extauthz.model.decision import RuleResult, Step
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

KNOWN_CLIENTS = 256
"""Clients whose identity fields are kept: to make them takes half of the time that a line takes."""


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
    identity: CertIdentity | None
    """None also where ``include`` asks for nothing of it."""
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


class LineRenderer:
    """Renders records. Keeps the identity fields of clients that come again; used by one thread only."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, tuple[str, ...]], dict[str, object]] = {}

    def render(self, record: DecisionRecord) -> bytes:
        """Return the line, with its newline."""
        identity = record.identity
        selected = {} if identity is None else self._selected(identity, record.include)
        return json.dumps(_line_fields(record, selected), separators=(",", ":")).encode("ascii") + b"\n"

    def _selected(self, identity: CertIdentity, include: tuple[str, ...]) -> dict[str, object]:
        key = (identity.sha256, include)
        selected = self._known.get(key)
        if selected is None:
            every = to_json(identity)
            selected, truncated = bounded({name: every[name] for name in include})
            if truncated:
                selected["truncated"] = truncated
            if len(self._known) >= KNOWN_CLIENTS:
                self._known.clear()
            self._known[key] = selected
        return selected


def _line_fields(record: DecisionRecord, identity_fields: dict[str, object]) -> dict[str, object]:
    """Return the line's fields, in order. Every field is there in every line but ``steps``, which explains a deny."""
    fields: dict[str, object] = {
        "time": record.at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "decision_id": record.decision_id,
        "decision": "allow" if record.allowed else "deny",
        "reason": record.reason.value,
        "detail": _shown_detail(record.detail),
        "policy": record.policy,
        "config": record.digest,
        "api": record.api,
        "duration_us": round(record.seconds * 1_000_000),
        "method": record.method,
        "host": record.host,
        "path": without_query(record.path),
        "sni": record.sni,
        "sources": record.sources,
        "sha256": record.sha256,
        "identity": identity_fields,
    }
    if not record.allowed:
        fields["steps"] = [_step_fields(step) for step in record.steps[:SHOWN_STEPS]]
    return fields


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
