"""The fields of custom resources, from ``tests/data/manifest_fields``: a strict schema for each kind."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

TABLES: Final = Path(__file__).parents[1] / "data" / "manifest_fields"
ENUM: Final = "one of "
LEAVES: Final[Mapping[str, Mapping[str, object]]] = {
    "string": {"type": "string", "minLength": 1},
    "integer": {"type": "integer"},
    "boolean": {"type": "boolean"},
    "duration": {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?(ms|s|m|h)$"},
    "gateway duration": {"type": "string", "pattern": "^([0-9]{1,5}(h|m|s|ms)){1,4}$"},  # of the Gateway API
    "map of string": {"type": "object", "additionalProperties": {"type": "string"}, "minProperties": 1},
}
MAY_BE_EMPTY: Final = "group"
"""The one text that means something when it is empty: the core API group."""


def schemas(folder: Path = TABLES) -> dict[str, dict[str, Any]]:
    """Return a JSON schema (draft 4) for each ``apiVersion kind``, and for ``MeshConfig``, which is no resource."""
    found: dict[str, dict[str, Any]] = {}
    for table in sorted(folder.glob("*.yaml")):
        for kind, fields in YAML(typ="safe").load(table).items():
            assert kind not in found, f"{kind} stands twice in the tables"
            found[kind] = _schema(fields if kind == "MeshConfig" else {**_resource(kind), **fields})
    return found


def _resource(kind: str) -> dict[str, object]:
    version, _, name = kind.partition(" ")
    metadata = {"name!": "string", "namespace": "string", "labels": "map of string", "annotations": "map of string"}
    return {"apiVersion!": f"{ENUM}{version}", "kind!": f"{ENUM}{name}", "metadata!": metadata}


def _schema(fields: object, name: str = "") -> dict[str, Any]:
    if isinstance(fields, list):
        (item,) = fields
        return {"type": "array", "minItems": 1, "items": _schema(item)}
    if isinstance(fields, str):
        if fields.startswith(ENUM):
            return {"enum": fields.removeprefix(ENUM).split(", ")}
        return {"type": "string"} if name == MAY_BE_EMPTY else dict(LEAVES[fields])
    assert isinstance(fields, dict)
    properties = {key.removesuffix("!"): _schema(value, key.removesuffix("!")) for key, value in fields.items()}
    required = [key.removesuffix("!") for key in fields if key.endswith("!")]
    # Draft 4 knows no empty list of required properties.
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        **({"required": required} if required else {}),
    }
