"""The two exception families: hostile input (``DecodeError``) and the operator's configuration (``ConfigError``).

Code that calls a library translates what the library raises into one of these at that very place. Anything else
that reaches a transport is a defect of extauthz, and becomes a deny ``internal_error`` there.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from extauthz.model.reason import Reason


class DecodeError(Exception):
    """Input from outside that cannot be used, with the reason it is denied for.

    ``detail`` is for the operator (log, metadata of ``explain``); it never reaches the client.
    """

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class AuthenticationError(Exception):
    """What ``ClientCertAuthMethod.authenticate`` raises for any client that it does not accept."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong in what an operator wrote. ``line`` and ``column`` count from 1; 0 means "no place"."""

    file: str
    line: int
    column: int
    path: str
    """Dotted path of the key, such as ``policies[0].require.san``; empty for the whole file."""
    message: str
    """What is wrong and what would be right, as one sentence."""

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"

    @property
    def place(self) -> str:
        """Where it is, without a word of what stands there: file, line, column and key, as far as they are known."""
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{place}: {self.path}" if self.path else place


class ConfigError(Exception):
    """Everything that is wrong with a configuration, all at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)
