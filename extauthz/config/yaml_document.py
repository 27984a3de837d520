"""YAML to plain values, and for each value the place where it stands.

Read from ruamel's events rather than through its constructor, so that every duplicate key is seen (not only the
first), nothing is ever built from a tag, and nesting is bounded before anything recurses. Anchors, aliases, merge
keys and tags are refused: a file that decides who gets in should read the same from top to bottom.
"""

import re
from collections.abc import Iterator

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, StringMark
from ruamel.yaml.events import (
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from extauthz.config.document import TOP, Document, Mistake, Place
from extauthz.config.key_path import KeyPath
from extauthz.config.yaml_scalar import plain_scalar

CONFIG_SIZE = 1 << 20
"""Bytes of the largest configuration file. A ConfigMap cannot hold more, and it keeps the parse time bounded."""
NESTING = 32
"""Levels of the deepest value. The schema's own deepest path has about ten; the rest is for nested ``any_of``."""
YAML_VERSION = (1, 2)

_RAW_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
"""Characters that YAML forbids, and those that some editors show as a line break where YAML 1.2 has none."""
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
"""Characters that no value may hold, however they are written: with bidi controls a value shows as another one."""
_SHOWN_TEXT = 60


def read_document(raw: bytes) -> tuple[Document | None, tuple[Mistake, ...]]:
    """Parse the bytes of one file into its document and what is wrong with its YAML.

    The document is None where nothing can be read (not UTF-8, a syntax error). Otherwise it holds everything that
    could be read, and the first of each pair of duplicate keys.
    """
    if len(raw) > CONFIG_SIZE:
        return None, (Mistake((), TOP, f"the file is larger than {CONFIG_SIZE} bytes, the most that is read"),)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8", "replace")
        message = f"the byte 0x{raw[error.start]:02x} is not UTF-8; save the file as UTF-8"
        return None, (Mistake((), _place_after(before), message),)
    if (control := _RAW_CONTROL.search(text)) is not None:
        message = f"the control character U+{ord(control.group()):04X} may not stand in a YAML file; remove it"
        return None, (Mistake((), _place_after(text[: control.start()]), message),)
    reader = _Reader(text)
    try:
        document = reader.read()
    except _UnreadableError as error:
        return None, (*reader.mistakes, error.mistake)
    return document, tuple(reader.mistakes)


def _place_after(text: str) -> Place:
    lines = re.split(r"\r\n|\r|\n", text)
    return Place(len(lines), len(lines[-1]) + 1)


class _UnreadableError(Exception):
    """The rest of the file cannot be read."""

    def __init__(self, mistake: Mistake) -> None:
        super().__init__(mistake.message)
        self.mistake = mistake


class _Reader:
    """One pass over the events of one file."""

    def __init__(self, text: str) -> None:
        self.mistakes: list[Mistake] = []
        self._keys: dict[KeyPath, Place] = {}
        self._values: dict[KeyPath, Place] = {}
        self._refused: set[KeyPath] = set()
        self._last = TOP
        self._events = self._all_events(text)

    def read(self) -> Document | None:
        value: object = None
        documents = 0
        for event in self._events:
            if not isinstance(event, DocumentStartEvent):
                continue
            documents += 1
            if documents > 1:
                self._report((), event, "a second document starts here; keep one document in the file")
                break
            if event.version not in {None, YAML_VERSION}:
                self._report((), event, "only YAML 1.2 is read; remove the %YAML directive")
            value = self._node(next(self._events), (), 0)
        if documents == 0:
            self.mistakes.append(Mistake((), TOP, "the file is empty; it must start with `version: 1`"))
            return None
        return Document(value, self._keys, self._values, frozenset(self._refused))

    def _all_events(self, text: str) -> Iterator[Event]:
        """Yield the parser's events; whatever stops the parser becomes one mistake with its place."""
        try:
            for event in YAML(typ="safe", pure=True).parse(text):
                self._last = _place(event.start_mark)
                yield event
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            raise _UnreadableError(_syntax_mistake(_place(mark), error)) from None
        except Exception as error:  # noqa: BLE001  (the translation of a third-party parser's own failures)
            # The parser lets through what int(), chr() and list access raise on odd input; that, too, is bad syntax.
            raise _UnreadableError(_syntax_mistake(self._last, error)) from None

    def _node(self, event: Event, path: KeyPath, depth: int) -> object:
        self._values[path] = _place(event.start_mark)
        if depth > NESTING:
            message = f"the value is nested more than {NESTING} levels deep"
            raise _UnreadableError(Mistake(path, _place(event.start_mark), message))
        if isinstance(event, CollectionStartEvent | ScalarEvent):
            if event.anchor is not None:
                self._report(path, event, f"the anchor `&{event.anchor}` is not allowed; remove it")
            if event.tag is not None:
                self._report(path, event, f"the tag `{event.tag}` is not allowed; remove it")
        if isinstance(event, MappingStartEvent):
            return self._mapping(path, depth)
        if isinstance(event, SequenceStartEvent):
            return self._sequence(path, depth)
        if isinstance(event, ScalarEvent):
            try:
                return _scalar(event)
            except ValueError as error:
                message = str(error)
        else:
            message = "an alias is not allowed; write the value out here"
        self._refused.add(path)
        self._report(path, event, message)
        return None

    def _mapping(self, path: KeyPath, depth: int) -> dict[str, object]:
        mapping: dict[str, object] = {}
        while not isinstance(event := next(self._events), MappingEndEvent):
            key = self._key(event, path)
            value_event = next(self._events)
            if key is None or key in mapping:
                self._skip(value_event, depth + 1)
                continue
            self._keys[(*path, key)] = _place(event.start_mark)
            # Set first: in a mapping that is not yet complete, the key is taken all the same.
            mapping[key] = None
            mapping[key] = self._node(value_event, (*path, key), depth + 1)
        return mapping

    def _key(self, event: Event, path: KeyPath) -> str | None:
        """Return the key, or None after saying why it cannot be one."""
        if not isinstance(event, ScalarEvent):
            self._report(path, event, "a key must be plain text, not an alias, a list or a mapping")
            self._skip(event, 0)
            return None
        if event.anchor is not None or event.tag is not None:
            self._report(path, event, "a key must be plain text; remove its anchor or tag")
        try:
            key = _scalar(event)
        except ValueError as error:
            self._report(path, event, f"this key cannot be used: {error}")
            return None
        if not isinstance(key, str):
            self._report(path, event, f"the key `{event.value[:_SHOWN_TEXT]}` is not text; write it in quotes")
            return None
        if key == "<<" and event.style is None:
            self._report((*path, key), event, "merge keys are not allowed; write the keys out here")
            return None
        if (first := self._keys.get((*path, key))) is not None:
            message = f"duplicate key; the first one is at {first.line}:{first.column}; keep one of them"
            self._report((*path, key), event, message)
        return key

    def _sequence(self, path: KeyPath, depth: int) -> list[object]:
        items: list[object] = []
        while not isinstance(event := next(self._events), SequenceEndEvent):
            items.append(self._node(event, (*path, len(items)), depth + 1))
        return items

    def _skip(self, event: Event, depth: int) -> None:
        """Read past a value that is not kept."""
        if depth > NESTING:
            raise _UnreadableError(Mistake((), _place(event.start_mark), "the value is nested too deep"))
        if isinstance(event, MappingStartEvent | SequenceStartEvent):
            while not isinstance(inner := next(self._events), MappingEndEvent | SequenceEndEvent):
                self._skip(inner, depth + 1)

    def _report(self, path: KeyPath, event: Event, message: str) -> None:
        self.mistakes.append(Mistake(path, _place(event.start_mark), message))


def _place(mark: StringMark | None) -> Place:
    return TOP if mark is None else Place(mark.line + 1, mark.column + 1)


def _syntax_mistake(place: Place, error: Exception) -> Mistake:
    if not isinstance(error, MarkedYAMLError):
        return Mistake((), place, f"this is not valid YAML near here: {str(error) or type(error).__name__}")
    parts = [" ".join(part.split()) for part in (error.context, error.problem) if part]
    return Mistake((), place, f"this is not valid YAML: {', '.join(parts)}")


def _scalar(event: ScalarEvent) -> object:
    """Return the value of a scalar. Raises ValueError for one that no setting can use."""
    text = event.value
    if not text.isascii():
        # JSON writes characters beyond U+FFFF as two escapes; the parser leaves them as two surrogates.
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    if (control := _CONTROL.search(text)) is not None:
        raise ValueError(f"a value may not hold the character U+{ord(control.group()):04X}")
    return plain_scalar(text) if event.implicit[0] else text
