"""What pydantic found, as one sentence each: what is wrong, and what would be right."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from extauthz.config.expected import branches_at, is_required, keys_at, node_at, words
from extauthz.config.key_path import KeyPath
from extauthz.config.schema.branch import BRANCH, UNKNOWN_BRANCH

SHOWN_CHARACTERS = 80
"""Characters of a value that a message repeats."""
SIMILAR = 0.6
"""How alike (0 to 1) an unknown key and a known one must be for a suggestion."""

_KEY_ERROR = "[key]"
"""The last part of pydantic's location when a mapping's key is refused rather than its value."""
_OLD_BOOLEANS = frozenset({"yes", "no", "on", "off", "y", "n"})


@dataclass(frozen=True, slots=True)
class SchemaError:
    """One error of the schema: where, what, and what to take out so that the rest can still be checked."""

    path: KeyPath
    message: str
    """Empty where the error only follows from another one."""
    removal: KeyPath
    at_key: bool = False
    """The key is wrong, rather than its value."""
    meant: KeyPath | None = None
    """The key that an unknown one is probably a misspelling of."""


def schema_errors(errors: Sequence[Mapping[str, Any]]) -> list[SchemaError]:
    """Put the errors of one ``ValidationError`` into words, and leave out those that only follow from others."""
    found = [_schema_error(error) for error in errors]
    meant = {one.meant for one in found}
    # A list that is too short although it has items lost them to mistakes that are reported already.
    follows = [
        (error["type"] == "missing" and one.path in meant) or (error["type"] == "too_short" and bool(error["input"]))
        for error, one in zip(errors, found, strict=True)
    ]
    return [replace(one, message="") if silent else one for one, silent in zip(found, follows, strict=True)]


def _schema_error(error: Mapping[str, Any]) -> SchemaError:
    location: KeyPath = error["loc"]
    path = _plain(location)
    kind: str = error["type"]
    if kind == "extra_forbidden":
        known = keys_at(location[:-1])
        suggestion = similar_key(path[-1], known)
        meant = None if suggestion is None else (*path[:-1], suggestion)
        return SchemaError(path, unknown_key(path[-1], known), path, at_key=True, meant=meant)
    if kind == UNKNOWN_BRANCH and isinstance(error["input"], dict):
        # The value at `type` is what is wrong, or it is not there at all.
        return _unknown_type(error, path)
    if kind == "missing":
        return _missing(location)
    if path and path[-1] == _KEY_ERROR:
        return SchemaError(path[:-1], _message(error, location), path[:-1], at_key=True)
    return SchemaError(path, _message(error, location), path)


def _missing(location: KeyPath) -> SchemaError:
    path = _plain(location)
    # Without one of its keys a mapping cannot be checked further; the whole file can, section by section.
    return SchemaError(path, f"is missing; it must be {_expected(location)}", path[:-1] or path)


def _unknown_type(error: Mapping[str, Any], path: KeyPath) -> SchemaError:
    chosen = error["input"].get("type")
    known = words({"enum": branches_at(error["loc"], "type")})
    if chosen is None:
        return SchemaError((*path, "type"), f"is missing; it must be {known}", path)
    return SchemaError((*path, "type"), f"must be {known}, not {shown(chosen)}", path)


def _message(error: Mapping[str, Any], location: KeyPath) -> str:
    value = error["input"]
    match error["type"]:
        case "value_error":
            return str(error["ctx"]["error"])
        case "too_short" | "string_too_short":
            return empty_value(value, required=is_required(location) if location else True)
        case "greater_than_equal" | "less_than_equal":
            node = node_at(location) or {}
            return f"{value} is out of range; it must be from {node.get('minimum')} to {node.get('maximum')}"
        case _:
            return wrong_type(value, location)


def wrong_type(value: object, location: KeyPath) -> str:
    """Say that a value is none of what the schema expects at this place."""
    expected = _expected(location)
    message = f"must be {expected}, not {shown(value)}"
    if expected.startswith("a string") and isinstance(value, int | float):
        return f"{message}; write it in quotes"
    if expected == "true or false" and isinstance(value, str) and value.lower() in _OLD_BOOLEANS:
        return f"{message}; YAML 1.2 has no other words for them"
    if expected in {"a whole number", "a number"} and isinstance(value, str):
        return f"{message}; write digits without quotes"
    choices = (node_at(location) or {}).get("enum", ())
    if isinstance(value, str) and (suggestion := similar_key(value, [one for one in choices if isinstance(one, str)])):
        return f"{message}; did you mean `{suggestion}`?"
    return message


def no_value(path: KeyPath) -> str:
    """Say that a key stands there with nothing after it."""
    instead = "" if is_required(path) else ", or be left out"
    return f"has no value; it must be {_expected(path)}{instead}"


def empty_value(value: object, *, required: bool) -> str:
    """Say that a text, list or mapping may not be empty."""
    instead = "" if required else ", or leave the key out"
    if isinstance(value, str):
        return "must not be empty text"
    kind, content = ("mapping", "entry") if isinstance(value, dict) else ("list", "item")
    return f"must not be an empty {kind}; write at least one {content}{instead}"


def unknown_key(key: object, known: Sequence[str]) -> str:
    """Say that a key is unknown, and which one may be meant."""
    suggestion = similar_key(key, known)
    if suggestion is not None:
        return f"unknown key; did you mean `{suggestion}`?"
    return f"unknown key; known here are {', '.join(known)}"


def similar_key(key: object, known: Sequence[str]) -> str | None:
    """Return the known key that this one is most like, if any is."""
    normal = str(key)[:SHOWN_CHARACTERS].lower().replace("-", "_")
    return next(iter(difflib.get_close_matches(normal, known, n=1, cutoff=SIMILAR)), None)


def shown(value: object) -> str:
    """Name a value in a message, bounded in length."""
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, str):
        return f"the string {value[:SHOWN_CHARACTERS]!r}"
    return f"`{str(value).lower()}`" if isinstance(value, bool) else f"the number {value}"


def _expected(location: KeyPath) -> str:
    node = node_at(location)
    return "something else" if node is None else words(node)


def _plain(location: KeyPath) -> KeyPath:
    """Return the path in the file: pydantic's location without the names of branches."""
    return tuple(part for part in location if not (isinstance(part, str) and part.startswith(BRANCH)))
