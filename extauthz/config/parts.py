"""What one load takes over from the one before: every part that would be built the same, with all that it remembers.

A part is built from its inputs and sees nothing else, so equal inputs make equal parts, and the old one has clients
that it knows. Which settings a part depends on is therefore said once, by the fields of its inputs.
"""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar


class Inputs(Protocol):
    """Everything that one part is built from. Compared by value."""

    @property
    def name(self) -> str:
        """Tells it from other parts of its kind."""
        ...


Built = TypeVar("Built")
Given = TypeVar("Given", bound=Inputs)


class Parts:
    """The parts of one load. For one thread, while it builds."""

    def __init__(self, before: "Parts | None" = None) -> None:
        """``before``: those of the load that is in use."""
        self._before = {} if before is None else before.kept
        self.kept: dict[tuple[type[Inputs], str], tuple[Inputs, Any]] = {}
        """By kind and name."""

    def take(self, inputs: Given, build: Callable[[Given], Built]) -> Built:
        """Return the part that was built from equal inputs before; build it where there is none."""
        key = type(inputs), inputs.name
        known = self._before.get(key)
        found = known if known is not None and known[0] == inputs else (inputs, build(inputs))
        self.kept[key] = found
        part: Built = found[1]
        return part

    def settle(self) -> None:
        """Let go of what was not taken over."""
        self._before = {}
