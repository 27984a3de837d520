"""Resources with one key misspelt each, to see that a schema knows every key."""

import copy
from collections.abc import Iterator, Mapping
from typing import Any, Final

MAPS: Final = ("annotations", "context", "customRequestHeaders", "labels", "matchLabels", "options", "selector")
"""Below these keys stand names of our own, unless something other than texts stands there."""

Document = Mapping[str, Any]


def misspelt(resource: Document) -> Iterator[tuple[Document, str]]:
    """Yield the resource with one key misspelt, for each key that a schema should know."""
    for path in key_paths(resource):
        changed: Any = copy.deepcopy(resource)
        inner = changed
        for step in path[:-1]:
            inner = inner[step]
        inner[f"{path[-1]}x"] = inner.pop(path[-1])
        yield changed, ".".join(map(str, path))


def key_paths(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from key_paths(item, (*path, index))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield (*path, key)
            if key not in MAPS or not all(isinstance(one, str) for one in item.values()):
                yield from key_paths(item, (*path, key))
