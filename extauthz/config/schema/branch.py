"""Which alternative of a union a value is meant as.

pydantic would otherwise try every alternative and report the mistakes of all of them; here the value's shape or its
``type`` chooses one, and only that one speaks. Tags start with NUL, which no value read from YAML can hold, so that
they can be told from keys in an error's location; the text after it names the model.
"""

from collections.abc import Callable, Mapping

from pydantic import BaseModel

BRANCH = "\0"
"""The first character of every tag."""
TEXT = BRANCH + "text"
"""The tag of an alternative that is no model."""
UNKNOWN_BRANCH = "unknown_branch"
"""The error type for a value that means none of the alternatives."""


def by_shape(mapping: str) -> Callable[[object], str]:
    """Choose the model with this tag for a mapping, and the text alternative for everything else."""

    def choose(value: object) -> str:
        return mapping if isinstance(value, dict | BaseModel) else TEXT

    return choose


def by_key(key: str, branches: Mapping[str, str]) -> Callable[[object], str | None]:
    """Choose by what stands at one key of a mapping; None when that names no branch."""

    def choose(value: object) -> str | None:
        chosen = value.get(key) if isinstance(value, dict) else getattr(value, key, None)
        return branches.get(chosen) if isinstance(chosen, str) else None

    return choose
