"""Values of a file that are no trees, or no small ones: aliases of YAML make circles of a line, and millions of ten."""

from typing import Final

from extauthz.doctor.finding import UnreadableError

DEEPEST: Final = 200
"""Levels. Configurations of real proxies have some thirty; whoever goes through them does so by recursion."""
MOST_YAML_VALUES: Final = 500_000
"""Values in one document, an alias counted as what it stands for. A megabyte of YAML has a tenth of it."""


def bounded(value: object, name: str, *, most: int | None = None) -> object:
    """Return a value that is read from a file of this name. Raises UnreadableError if it is too much to go through."""
    known: dict[int, tuple[int, int]] = {}
    inside: set[int] = set()

    def measured(one: object, depth: int) -> tuple[int, int]:
        """Return how many values there are in one, and how many levels of them."""
        inner = one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
        if not inner:
            return 1, 0
        if id(one) in inside:
            raise UnreadableError(f"{name} contains itself by an alias")
        if depth > DEEPEST:
            raise UnreadableError(f"{name} is nested more than {DEEPEST} levels deep")
        if id(one) not in known:
            inside.add(id(one))
            parts = [measured(each, depth + 1) for each in inner]
            inside.discard(id(one))
            known[id(one)] = 1 + sum(size for size, _ in parts), 1 + max(height for _, height in parts)
        size, height = known[id(one)]
        if depth + height - 1 > DEEPEST:
            raise UnreadableError(f"{name} is nested more than {DEEPEST} levels deep")
        if most is not None and size > most:
            raise UnreadableError(f"{name} has more than {most} values; what its aliases stand for counts too")
        return size, height

    measured(value, 1)
    return value
