"""The one reference that a reload replaces."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from extauthz.model.decision import Decision
from extauthz.model.request import AuthRequest
from extauthz.observe.decision_log import DecisionLogSettings
from extauthz.policy.rules.base import Rule
from extauthz.wire.answer_writer import AnswerWriter
from extauthz.wire.request import CheckRequestReader


class Decider(Protocol):
    """What the service needs of ``extauthz.engine.Engine``."""

    def forget_some(self, entries: int) -> bool:
        """Let up to so many kept results go; return whether any are left."""
        ...

    def decide(self, request: AuthRequest, now: datetime) -> Decision:
        """Decide one request."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """Everything that follows the configuration, complete, so that no answer ever mixes two of them."""

    engine: Decider
    reader: CheckRequestReader
    """Reads of a question what the engine looks at."""
    writer: AnswerWriter
    decision_log: DecisionLogSettings | None
    """None: no decision is logged."""
    digest: str
    """Short form, for log lines."""
    callers: Rule | None = None
    """What must hold for the certificate of a caller. None: every caller that can connect may ask."""


class EngineHolder:
    """Holds the generation in use. Reading ``current`` once gives a consistent view for one request."""

    def __init__(self) -> None:
        self.current: Generation | None = None
        """None until the first configuration is loaded."""

    def replace(self, generation: Generation) -> None:
        """Publish another generation: one assignment, seen by every request that begins after it."""
        self.current = generation
