"""Files of other products: YAML with any number of documents, or JSON, as values that know where they stand.

Unlike the project's own configuration they may use anchors, aliases and merge keys. Objects are never built from tags.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from extauthz.config.key_path import KeyPath, dotted

MAX_INPUT_BYTES = 64 << 20
"""Bytes of one file. Configuration dumps of large meshes have tens of MiB; as JSON they are read in seconds."""


class UnreadableError(ValueError):
    """A file that is no YAML or JSON, or holds nothing to import; the message is a sentence that names it."""


@dataclass(frozen=True, slots=True)
class Node:
    """A value and where it stands."""

    value: object
    file: str
    path: KeyPath = ()
    position: tuple[int, int] | None = None
    """Line and column from 1; None in JSON, which is read without them."""

    @property
    def place(self) -> str:
        """Where it stands, for people."""
        file = self.file if self.position is None else f"{self.file}:{self.position[0]}:{self.position[1]}"
        return f"{file}: {dotted(self.path)}" if self.path else file

    def child(self, key: str) -> "Node | None":
        """Return what stands at a key of a mapping; None for an absent key, a null, and in anything but a mapping."""
        if not isinstance(self.value, Mapping) or self.value.get(key) is None:
            return None
        return Node(self.value[key], self.file, (*self.path, key), self._position_of(key))

    def names(self) -> list[str]:
        """Return the keys of a mapping that have a value; none for anything else."""
        if not isinstance(self.value, Mapping):
            return []
        return [key for key, value in self.value.items() if isinstance(key, str) and value is not None]

    def items(self) -> Iterator["Node"]:
        """Yield the items of a list. What is no list stands for a list of it."""
        if isinstance(self.value, Sequence) and not isinstance(self.value, str | bytes):
            for index, value in enumerate(self.value):
                yield Node(value, self.file, (*self.path, index), self._position_of(index))
        else:
            yield self

    def text(self) -> str | None:
        """Return the text of a scalar; None for anything else. ``true`` and numbers are text to whoever wrote them."""
        if isinstance(self.value, bool):
            return "true" if self.value else "false"
        return str(self.value) if isinstance(self.value, str | int | float) else None

    def _position_of(self, key: str | int) -> tuple[int, int] | None:
        if not isinstance(self.value, CommentedMap | CommentedSeq):
            return self.position
        try:
            line, column = self.value.lc.data[key][:2]
        except (KeyError, TypeError):  # it came through a merge key, and stands somewhere else
            return self.position
        return line + 1, column + 1


def read_foreign(content: bytes, file: str) -> list[Node]:
    """Return the documents of a file, empty ones left out. Raises UnreadableError."""
    if len(content) > MAX_INPUT_BYTES:
        raise UnreadableError(f"{file} is larger than {MAX_INPUT_BYTES} bytes, the most that is read")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableError(f"{file} is not UTF-8: the byte 0x{content[error.start]:02x} stands in it") from None
    try:
        if text.lstrip().startswith("{"):
            return [Node(_json(text), file)]
        documents = list(YAML(typ="rt", pure=True).load_all(text))
    except json.JSONDecodeError as error:
        raise UnreadableError(f"{file}:{error.lineno}:{error.colno}: this is not JSON: {error.msg}") from None
    except RecursionError:
        raise UnreadableError(f"{file} is nested too deep to be read") from None
    except (MarkedYAMLError, YAMLError) as error:
        _refuse_yaml(error, file)
    except Exception as error:  # noqa: BLE001  (the translation of a third-party parser's own failures)
        # As in the project's own reader: what int() and list access raise inside the parser is bad syntax, too.
        raise UnreadableError(f"{file} is not YAML: {type(error).__name__}") from None
    return [Node(document, file, (), _start(document)) for document in documents if document is not None]


def _start(document: object) -> tuple[int, int]:
    if isinstance(document, CommentedMap | CommentedSeq):
        return document.lc.line + 1, document.lc.col + 1
    return 1, 1


def _refuse_yaml(error: YAMLError, file: str) -> NoReturn:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    place = "" if mark is None else f":{mark.line + 1}:{mark.column + 1}"
    problem = " ".join(str(getattr(error, "problem", None) or type(error).__name__).split())
    raise UnreadableError(f"{file}{place}: this is not YAML: {problem}") from None


class _DuplicateKeyError(ValueError):
    """A key that stands twice in one mapping."""


def _json(text: str) -> object:
    try:
        return json.loads(text, object_pairs_hook=_without_duplicates)
    except _DuplicateKeyError as error:
        raise json.JSONDecodeError(str(error), text, 0) from None


def _without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    mapping = dict(pairs)
    if len(mapping) != len(pairs):
        raise _DuplicateKeyError("a key stands twice in one object")
    return mapping
