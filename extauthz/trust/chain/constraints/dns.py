"""dNSName constraints: "any DNS name that can be constructed by simply adding zero or more labels to the left".

A dot in front, which the RFC does not know, is used for "subdomains only". It is read so for permitted subtrees, and
for excluded ones as if it were not there: each time the stricter way. A wildcard in a certificate's name stands for
every label, so it is excluded as soon as one of the names that it stands for is. What is no DNS name at all (a space
at its end, two dots in a row) might be read as one within an excluded subtree, so it is excluded too.
"""

from collections.abc import Iterable
from typing import Final

from extauthz.trust.chain.constraints.unprocessable import UnprocessableConstraint

_CHARACTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_.")


class DnsTrees:
    """A set of DNS subtrees."""

    __slots__ = ("_names", "_parents", "_subdomains")

    def __init__(self, constraints: Iterable[str]) -> None:
        """Take the constraints; ``UnprocessableConstraint`` for one that is no DNS name."""
        self._names: set[str] = set()
        self._subdomains: set[str] = set()
        for text in constraints:
            name = text.lower().removesuffix(".")
            if not _is_name(name.removeprefix(".")):
                raise UnprocessableConstraint
            (self._subdomains if name.startswith(".") else self._names).add(name.removeprefix("."))
        self._parents = {name.partition(".")[2] for name in self._names | self._subdomains}

    def permit(self, value: str) -> bool:
        """Say whether a name lies within one of the subtrees."""
        name = value.lower().removesuffix(".")
        return name in self._names or any(
            above in self._names or above in self._subdomains for above in _ancestors(name)
        )

    def exclude(self, value: str) -> bool:
        """Say whether a name, or one that its wildcard stands for, may lie within one of the subtrees."""
        name = value.lower().removesuffix(".")
        if name in self._subdomains or self.permit(name):
            return True
        first, _, rest = name.partition(".")
        if first == "*":
            return rest in self._parents or not _is_name(rest)
        return not _is_name(name)


def _is_name(name: str) -> bool:
    """Say whether this is a DNS name, without the dot at its end; the empty one is the root of all."""
    return not name or (_CHARACTERS.issuperset(name) and "" not in name.split("."))


def _ancestors(name: str) -> Iterable[str]:
    """Yield what is left of a name after each of its dots, and at last nothing: the root of all."""
    for at, character in enumerate(name):
        if character == ".":
            yield name[at + 1 :]
    yield ""
