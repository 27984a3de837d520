"""What Envoy wrote down about each request, with what extauthz told it about the decision."""

import json
from dataclasses import dataclass
from pathlib import Path

from extauthz.demo.process import ManagedProcess

FLUSH_TIMEOUT = 10.0
"""Seconds to wait for a line: Envoy writes when a stream ends and flushes in batches."""


@dataclass(frozen=True, slots=True)
class LoggedDecision:
    """One line of the access log. Empty strings where extauthz said nothing."""

    reason: str
    policy: str
    decision_id: str
    connection: str
    """Envoy's number of the TLS connection that the request came over."""


class AccessLog:
    """The JSON access log of the demo's Envoy."""

    def __init__(self, path: Path, envoy: ManagedProcess) -> None:
        self._path = path
        self._envoy = envoy

    def decision(self, request: str) -> LoggedDecision:
        """Return the line of the request with this number; waits for it. Raises DemoError when it never comes."""
        return self._envoy.wait_for(
            lambda: self._find(request), timeout=FLUSH_TIMEOUT, what=f"request {request} is not in its access log"
        )

    def _find(self, request: str) -> LoggedDecision | None:
        if not self._path.exists():
            return None
        for line in self._path.read_text().splitlines(keepends=True):
            if not line.endswith("\n"):
                break  # still being written
            entry = json.loads(line)
            if entry["request"] == request:
                said = entry["extauthz"] or {}
                return LoggedDecision(
                    reason=str(said.get("reason", "")),
                    policy=str(said.get("policy", "")),
                    decision_id=str(said.get("decision_id", "")),
                    connection=str(entry["connection"]),
                )
        return None
