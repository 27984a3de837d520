"""Fields of Envoy's messages: protobuf's JSON form takes ``snake_case`` and ``lowerCamelCase`` for each of them."""

import re
from collections.abc import Iterator

from extauthz.importing.foreign import Node

_HUMP = re.compile(r"(?<=[a-z0-9])([A-Z])")


def snake_case(key: str) -> str:
    """Return the name of a field as it stands in the .proto file."""
    return _HUMP.sub(lambda found: f"_{found[0].lower()}", key)


def field(node: Node | None, name: str) -> Node | None:
    """Return the value of a field, given its name in snake case; None where it is not set."""
    if node is None:
        return None
    return next((node.child(key) for key in node.names() if snake_case(key) == name), None)


def fields(node: Node | None, name: str) -> Iterator[Node]:
    """Yield the items of a repeated field."""
    found = field(node, name)
    if found is not None:
        yield from found.items()


def text_field(node: Node | None, name: str) -> str:
    """Return a field of text, empty where it is not set: to protobuf the two are the same."""
    found = field(node, name)
    return "" if found is None else found.text() or ""


def is_true(node: Node | None, name: str) -> bool:
    """Say whether a field of a truth value is set. Anything but an explicit no counts as yes."""
    return text_field(node, name) not in ("", "false")


def type_of(node: Node | None) -> str:
    """Return the last part of ``@type``, such as ``DownstreamTlsContext``; empty without one."""
    return text_field(node, "@type").rpartition(".")[2]
