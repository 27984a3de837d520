"""One thing that is not the same in the imported configuration, or needs a hand, and where it stood."""

from dataclasses import dataclass
from enum import StrEnum


class Weight(StrEnum):
    """What a remark means for what was written."""

    NOTE = "note"
    """Nothing is lost: something is left to do, or to know."""
    LEFT_OUT = "left out"
    """Something has no counterpart. What was written is stricter without it, or the message says in which case not."""
    DENIED = "denied"
    """What was written for it denies every request until somebody decides."""


@dataclass(frozen=True, slots=True)
class Remark:
    """One line for the operator."""

    place: str
    """``file:line:column: path``, or ``file: path`` where lines are not known."""
    weight: Weight
    message: str
    """May hold text of the input: whoever shows it makes it printable."""

    def __str__(self) -> str:
        return f"{self.place}: {self.weight}: {self.message}"

    @property
    def loses(self) -> bool:
        """Whether the import is not complete."""
        return self.weight is not Weight.NOTE
