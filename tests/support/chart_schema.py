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

from support.custom_resources import custom_problems, is_defined
from support.helm import Document
from support.manifest_fields import schemas

CUSTOM: Final = schemas()
_FOLDER: Final = Path(str(kubernetes_validate.__file__)).parent / "kubernetes-json-schema"


def problems(documents: Sequence[Document], kubernetes: str) -> list[Sequence[str]]:
    """Return for each manifest what is wrong with it in a release of Kubernetes, each with its place."""
    defined = iter(custom_problems([one for one in documents if is_defined(one)]))
    return [
        next(defined) if is_defined(one) else _problems(json.dumps(one, sort_keys=True), kubernetes)
        for one in documents
    ]


@cache
def _problems(text: str, kubernetes: str) -> Sequence[str]:
    document = json.loads(text)
    api_version, kind = str(document.get("apiVersion")), str(document.get("kind"))
    name = f"{api_version} {kind}"
    if name in CUSTOM:
        validator: Any = jsonschema.Draft4Validator(CUSTOM[name])
    elif (validator := _core(api_version, kind, kubernetes)) is None:
        return (f"{name} is not of Kubernetes {kubernetes}, in no package, and not in tests/data/manifest_fields",)
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
