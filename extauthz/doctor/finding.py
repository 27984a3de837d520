"""One thing that was found, and where."""

from dataclasses import dataclass

from extauthz.doctor.code import Code, Severity


@dataclass(frozen=True, slots=True)
class Advice:
    """What a code stands for, in words."""

    severity: Severity
    meaning: str
    """What happens because of it: one sentence, without its full stop."""
    remedy: str
    """What to do about it: one sentence, without its full stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A code at a place. What it means and what to do stands in the catalogue."""

    code: Code
    file: str
    """The file as it was named on the command line, or as another file includes it."""
    line: int = 0
    """From 1; 0 where only the path is known."""
    path: str = ""
    """The dotted path of keys from the top of the file; for nginx the blocks around and the directive."""
    detail: str = ""
    """What is particular here: names, a value. May repeat text from the file."""

    @property
    def place(self) -> str:
        """Where it is, for people."""
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {self.path}" if self.path else where


class UnreadableError(ValueError):
    """A file that cannot be examined, and why, as a sentence that starts with its name."""
