"""What the schema expects at a place, in words for people."""

from collections.abc import Iterator, Mapping
from typing import Any

from extauthz.config.json_schema import config_schema
from extauthz.config.key_path import KeyPath
from extauthz.config.schema.branch import BRANCH, TEXT

Node = Mapping[str, Any]
"""One JSON Schema object."""

_ONE = {
    "string": "a string",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "a mapping",
}
_MANY = {"string": "strings", "integer": "whole numbers", "object": "mappings", "array": "lists"}


def node_at(location: KeyPath) -> Node | None:
    """Return the schema of a place, or None where the schema knows none.

    ``location`` is a path of keys and indices, or one of pydantic's, which also names the branches of unions.
    """
    node: Node | None = config_schema()
    for part in location:
        if node is None:
            return None
        node = _below(_resolved(node), part)
    return None if node is None else _resolved(node)


def keys_at(location: KeyPath) -> tuple[str, ...]:
    """Return the keys that a mapping at this place may have."""
    node = node_at(location)
    return () if node is None else tuple(key for option in _options(node) for key in option.get("properties", ()))


def branches_at(location: KeyPath, key: str) -> list[object]:
    """Return the values of ``key`` that choose among the alternatives of a union at this place."""
    node = node_at(location)
    return [] if node is None else [option["properties"][key]["const"] for option in _options(node)]


def is_required(location: KeyPath) -> bool:
    """Say whether the mapping around this place must have this key."""
    node = node_at(location[:-1])
    return isinstance(location[-1], int) or (node is not None and location[-1] in node.get("required", ()))


def words(node: Node) -> str:
    """Say what a value of this schema is, such as ``a list of strings`` or ``one of leaf, chain``."""
    node = _resolved(node)
    if "oneOf" in node:
        kinds = [option["properties"]["type"]["const"] for option in _options(node) if _is_typed(option)]
        if kinds:
            return f"a mapping whose `type` is one of {', '.join(kinds)}"
        return " or ".join(words(option) for option in node["oneOf"])
    if (choices := _choices(node)) is not None:
        return choices[0] if len(choices) == 1 else f"one of {', '.join(choices)}"
    if node["type"] == "array":
        return f"a list of {_plural(node['items'])}"
    example = f' such as "{node["examples"][0]}"' if "examples" in node else ""
    return _ONE[node["type"]] + example


def _is_typed(option: Node) -> bool:
    return "const" in option.get("properties", {}).get("type", {})


def _plural(node: Node) -> str:
    node = _resolved(node)
    if "oneOf" in node:
        return " or ".join(dict.fromkeys(_plural(option) for option in node["oneOf"]))
    if (choices := _choices(node)) is not None:
        return ", ".join(choices)
    return _MANY[node["type"]]


def _choices(node: Node) -> list[str] | None:
    if "const" in node:
        return [_literal(node["const"])]
    return [_literal(choice) for choice in node["enum"]] if "enum" in node else None


def _literal(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _below(node: Node, part: str | int) -> Node | None:
    if isinstance(part, int):
        return next((option["items"] for option in _options(node) if "items" in option), None)
    if part.startswith(BRANCH):
        return next((option for option in node["oneOf"] if _is_branch(option, part)), None)
    found: Node | None = None
    for option in _options(node):
        # `additionalProperties` is False in a mapping with fixed keys.
        found = found or option.get("properties", {}).get(part) or option.get("additionalProperties") or None
    return found


def _is_branch(option: Node, tag: str) -> bool:
    name = option.get("$ref", "").rpartition("/")[2]
    return not name if tag == TEXT else name == tag.removeprefix(BRANCH)


def _options(node: Node) -> Iterator[Node]:
    if "oneOf" in node:
        for option in node["oneOf"]:
            yield _resolved(option)
    else:
        yield node


def _resolved(node: Node) -> Node:
    if "$ref" not in node:
        return node
    definition: Node = config_schema()["$defs"][node["$ref"].rpartition("/")[2]]
    return definition
