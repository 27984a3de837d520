"""The one reference that a reload replaces."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from extauthz.model.decision import Decision
from extauthz.model.request import AuthRequest
from extauthz.observe.decision_log import DecisionLogSettings
from extauthz.service.garbage import Retired

Question = TypeVar("Question")
Answer = TypeVar("Answer")
_Question_contra = TypeVar("_Question_contra", contravariant=True)
_Answer_co = TypeVar("_Answer_co", covariant=True)


class Decider(Protocol):
    """What the service needs of ``extauthz.engine.Engine``."""

    @property
    def memories(self) -> tuple[Retired, ...]:
        """What remembers clients, and is to be freed bit by bit once no engine in use has it."""
        ...

    def decide(self, request: AuthRequest, now: datetime) -> Decision:
        """Decide one request."""
        ...


class Reader(Protocol[_Question_contra]):
    """Reads the questions of one API."""

    def read(self, question: _Question_contra, /) -> AuthRequest:
        """Read of a question what the engine looks at. Raises DecodeError."""
        ...


class Writer(Protocol[_Answer_co]):
    """Writes the answers of one API."""

    def write(self, decision: Decision, decision_id: str, /) -> _Answer_co:
        """Return the answer for one decision."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation(Generic[Question, Answer]):
    """Everything of one API that follows the configuration, complete, so that no answer ever mixes two of them."""

    engine: Decider
    reader: Reader[Question]
    writer: Writer[Answer]
    decision_log: DecisionLogSettings | None
    """None: no decision is logged."""
    digest: str
    """Short form, for log lines."""
    callers: Any = None
    """Who may ask, and where, in the form of the API. gRPC's is a rule; None: every caller that can connect."""


class EngineHolder(Generic[Question, Answer]):
    """Holds the generation in use of one API. Reading ``current`` once gives a consistent view for one request."""

    def __init__(self) -> None:
        self.current: Generation[Question, Answer] | None = None
        """None until the first configuration is loaded, and while one is that has nothing for this API."""

    def replace(self, generation: Generation[Question, Answer] | None) -> None:
        """Publish another generation: one assignment, seen by every request that begins after it."""
        self.current = generation
