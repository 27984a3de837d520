"""dNSName constraints: "any DNS name that can be constructed by simply adding zero or more labels to the left".

A dot in front, which the RFC does not know, is used for "subdomains only". It is read so for permitted subtrees, and
for excluded ones as if it were not there: each time the stricter way. A wildcard in a certificate's name stands for
every label, so it is excluded as soon as one of the names that it stands for is.
"""

from collections.abc import Iterable

from extauthz.trust.chain.constraints.unprocessable import UnprocessableConstraint


class DnsTrees:
    """A set of DNS subtrees."""

    __slots__ = ("_names", "_parents", "_subdomains")

    def __init__(self, constraints: Iterable[str]) -> None:
        """Take the constraints; ``UnprocessableConstraint`` for one that is not ASCII."""
        self._names: set[str] = set()
        self._subdomains: set[str] = set()
        for text in constraints:
            if not text.isascii():
                raise UnprocessableConstraint
            name = text.lower().removesuffix(".")
            (self._subdomains if name.startswith(".") else self._names).add(name.removeprefix("."))
        self._parents = {name.partition(".")[2] for name in self._names | self._subdomains}

    def permit(self, value: str) -> bool:
        """Say whether a name lies within one of the subtrees."""
        name = value.lower().removesuffix(".")
        return name in self._names or any(
            above in self._names or above in self._subdomains for above in _ancestors(name)
        )

    def exclude(self, value: str) -> bool:
        """Say whether a name, or one that its wildcard stands for, lies within one of the subtrees."""
        name = value.lower().removesuffix(".")
        if name in self._subdomains or self.permit(name):
            return True
        return name.startswith("*.") and name[2:] in self._parents


def _ancestors(name: str) -> Iterable[str]:
    """Yield what is left of a name after each of its dots, and at last nothing: the root of all."""
    for at, character in enumerate(name):
        if character == ".":
            yield name[at + 1 :]
    yield ""
