"""What one configuration file says, as plain values, and where in the file each of them stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from extauthz.config.key_path import KeyPath, dotted
from extauthz.model.errors import Problem


class Place(NamedTuple):
    """Line and column, both from 1."""

    line: int
    column: int


TOP = Place(1, 1)


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing wrong at one place of the file. It becomes a ``Problem`` when the file's name is added."""

    path: KeyPath
    place: Place
    message: str

    def in_file(self, file: str) -> Problem:
        """Return the mistake as the operator sees it."""
        return Problem(file, self.place.line, self.place.column, dotted(self.path), self.message)


@dataclass(frozen=True, slots=True)
class Document:
    """The plain value of a file (dict, list, str, int, float, bool, None) and the places of what is in it."""

    value: object
    keys: Mapping[KeyPath, Place] = field(default_factory=dict)
    """Path of a mapping's entry -> the place of its key."""
    values: Mapping[KeyPath, Place] = field(default_factory=dict)
    """Path -> the place where its value starts."""
    refused: frozenset[KeyPath] = frozenset()
    """Paths whose value was refused and stands as None."""

    def place_of_key(self, path: KeyPath) -> Place:
        """Return where the key stands; for a list item, and for a path that is not there, see ``place_of_value``."""
        return self.keys.get(path) or self.place_of_value(path)

    def place_of_value(self, path: KeyPath) -> Place:
        """Return where the value starts; for a path that is not there, where its closest ancestor starts."""
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, TOP)

    def mistake(self, path: KeyPath, message: str) -> Mistake:
        """Make a mistake that stands at a value."""
        return Mistake(path, self.place_of_value(path), message)

    def mistake_at_key(self, path: KeyPath, message: str) -> Mistake:
        """Make a mistake that stands at a key."""
        return Mistake(path, self.place_of_key(path), message)
