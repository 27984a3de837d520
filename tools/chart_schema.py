"""Write the program's own schema into that of the chart's values, or with ``--check`` say whether it is up to date.

So a key of the configuration that does not exist is refused before anything reaches a cluster. What the chart itself
fills in is not required there. Everything else in values.schema.json is written by hand.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from extauthz.config.json_schema import config_schema

SCHEMA: Final = Path(__file__).parent.parent / "charts" / "extauthz" / "values.schema.json"
FILLED_IN: Final = frozenset({"version", "trust", "sources", "policies", "cert", "key", "file", "dialect"})
"""Keys that the chart adds, or whose absence it refuses with a better sentence."""
LOOK_AHEAD: Final = "^(?=[0-9])"
"""Helm's expressions cannot look ahead; here that only says that a duration is not empty."""
SHORTEST_DURATION: Final = 2
PLACES: Final = ("properties", "$defs")
"""Below these stand names and no keywords."""


def schema(committed: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of the values with that of the configuration made anew."""
    ours = _relaxed(config_schema(), names=False)
    ours = _told_apart(ours, ours["$defs"])
    config = {key: value for key, value in ours.items() if key not in {"$schema", "$defs", "title"}}
    properties = {**committed["properties"], "config": config}
    return {**committed, "properties": properties, "$defs": ours["$defs"]}


def _relaxed(value: Any, *, names: bool) -> Any:  # noqa: ANN401  (a JSON schema)
    """Take away what is required and the chart's to give, and the extensions that Helm does not know."""
    if isinstance(value, list):
        return [_relaxed(one, names=False) for one in value]
    if not isinstance(value, dict):
        return value
    found = {
        key: _relaxed(one, names=not names and key in PLACES)
        for key, one in value.items()
        if names or not key.startswith("x-")
    }
    if not names and isinstance(found.get("required"), list):
        found["required"] = [key for key in found["required"] if key not in FILLED_IN]
        if not found["required"]:
            del found["required"]
    if not names and str(found.get("pattern", "")).startswith(LOOK_AHEAD):
        found["pattern"] = f"^{found['pattern'].removeprefix(LOOK_AHEAD)}"
        found["minLength"] = SHORTEST_DURATION
    return found


def _told_apart(value: Any, definitions: Mapping[str, Any]) -> Any:  # noqa: ANN401  (a JSON schema)
    """Where one of several mappings is chosen by their `type`, say so: then Helm names the one mistake there is.

    Of `oneOf` it tells why each of all the others is not meant.
    """
    if isinstance(value, list):
        return [_told_apart(one, definitions) for one in value]
    if not isinstance(value, dict):
        return value
    types = _types(value.get("oneOf"), definitions)
    if types:
        chosen = [
            {"if": {"required": ["type"], "properties": {"type": {"const": name}}}, "then": one}
            for name, one in zip(types, value["oneOf"], strict=True)
        ]
        others = {key: one for key, one in value.items() if key != "oneOf"}
        kinds = {"type": "object", "required": ["type"], "properties": {"type": {"enum": types}}}
        return {**others, **kinds, "allOf": chosen}
    return {key: _told_apart(one, definitions) for key, one in value.items()}


def _types(choices: object, definitions: Mapping[str, Any]) -> list[str]:
    """Return the `type` of each choice, or nothing where one of them has none."""
    if not isinstance(choices, list):
        return []
    named = [definitions.get(str(one.get("$ref", "")).rpartition("/")[2], {}) for one in choices]
    types = [one.get("properties", {}).get("type", {}).get("const") for one in named]
    return types if all(types) else []


def run(arguments: Sequence[str]) -> int:
    """Write the schema, or compare it."""
    committed = SCHEMA.read_text(encoding="utf-8")
    text = json.dumps(schema(json.loads(committed)), indent=2, ensure_ascii=False) + "\n"
    if list(arguments) != ["--check"]:
        SCHEMA.write_text(text, encoding="utf-8")
        return 0
    if committed == text:
        return 0
    print("charts/extauthz/values.schema.json is out of date: run `make docs`", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
