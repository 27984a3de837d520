"""What an API server would say to the chart's manifests: strict schemas of Kubernetes by release and of others."""

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import jsonschema
import kubernetes_validate
from referencing import Registry, Resource

from support.helm import Document
from support.manifest_fields import TABLES, schemas

CUSTOM: Final = {**schemas(TABLES), **schemas(TABLES.parent / "chart_fields")}
_FOLDER: Final = Path(str(kubernetes_validate.__file__)).parent / "kubernetes-json-schema"


def problems(document: Document, kubernetes: str) -> Sequence[str]:
    """Return what is wrong with one manifest in a release of Kubernetes, each with its place."""
    return _problems(json.dumps(document, sort_keys=True), kubernetes)


@cache
def _problems(text: str, kubernetes: str) -> Sequence[str]:
    document = json.loads(text)
    name = f"{document.get('apiVersion')} {document.get('kind')}"
    if name in CUSTOM:
        validator: Any = jsonschema.Draft4Validator(CUSTOM[name])
    elif (validator := _core(document["apiVersion"], document["kind"], kubernetes)) is None:
        return (f"{name} is neither of Kubernetes {kubernetes} nor in tests/data",)
    found = [f"{'.'.join(map(str, one.absolute_path))}: {one.message}" for one in validator.iter_errors(document)]
    return (*found, *(f"{place}: null" for place in _nulls(document)))


@cache
def _core(api_version: str, kind: str, kubernetes: str) -> Any | None:  # noqa: ANN401  (a validator, which has no type)
    folder = _FOLDER / f"v{kubernetes}-local-strict"
    # The names of the files leave out the group's domain, as kubernetes_validate does.
    group = re.sub(r"^([^./]*)(?:\.[^/]*)?/", r"\1-", api_version)
    file = folder / f"{kind.lower()}-{group}.json"
    if not file.exists():
        return None
    schema = json.loads(file.read_text())
    known: Registry[Any] = Registry()
    registry = Resource.from_contents(schema) @ (_definitions(folder) @ known)
    return jsonschema.Draft202012Validator(schema, registry=registry)


@cache
def _definitions(folder: Path) -> Resource[Any]:
    return Resource.from_contents(json.loads((folder / "_definitions.json").read_text()))


def _nulls(value: object, place: str = "") -> Sequence[str]:
    """Return the places with nothing: an API server takes them, and they say that a template forgot something."""
    if value is None:
        return [place]
    if isinstance(value, Mapping):
        return [found for key, one in value.items() for found in _nulls(one, f"{place}.{key}".lstrip("."))]
    if isinstance(value, list):
        return [found for index, one in enumerate(value) for found in _nulls(one, f"{place}.{index}")]
    return []
