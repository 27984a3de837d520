"""The Kubernetes manifests under ``examples/``: their documents, checked as an API server would check them."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import jsonschema
from kubernetes_validate.utils import ValidationError, validate
from ruamel.yaml import YAML

from support.custom_resources import custom_problems, is_defined
from support.manifest_fields import schemas

EXAMPLES: Final = Path(__file__).parents[2] / "examples"
SETS: Final = ("contour", "envoy-gateway", "gateway-api", "istio")
KUBERNETES: Final = "1.37"
"""Of core kinds. They are all old enough for any release in use."""
MESH_CONFIG: Final = "mesh-config.yaml"
"""Values of a chart, and no resources."""
SCHEMAS: Final = schemas()

Document = Mapping[str, Any]


def is_configuration(path: Path) -> bool:
    """Say whether a file is extauthz's own."""
    return path.name.startswith("extauthz")


def manifest_files() -> list[Path]:
    """Return every file with resources in it."""
    files = [path for name in SETS for path in sorted((EXAMPLES / name).glob("*.yaml"))]
    return [path for path in files if path.name != MESH_CONFIG and not is_configuration(path)]


def configuration_files() -> list[Path]:
    """Return every configuration of extauthz that goes with manifests."""
    files = [path for name in SETS for path in sorted((EXAMPLES / name).glob("*.yaml"))]
    return [path for path in files if is_configuration(path)]


def documents(path: Path) -> list[Document]:
    """Return the documents of one file. A key that stands twice raises."""
    return list(YAML(typ="safe").load_all(path))


def document(path: Path, kind: str, name: str) -> Document:
    """Return the one document of a kind with a name."""
    (found,) = [one for one in documents(path) if one["kind"] == kind and one["metadata"]["name"] == name]
    return found


def problems(resources: Sequence[Document]) -> list[Sequence[str]]:
    """Return for each resource what is wrong by the strict schema of its kind; an unknown kind is wrong."""
    defined = iter(custom_problems([one for one in resources if is_defined(one)]))
    return [next(defined) if is_defined(one) else list(_problems(one)) for one in resources]


def _problems(resource: Document) -> Iterator[str]:
    version, kind = resource.get("apiVersion"), resource.get("kind")
    if kind is not None and version in {"v1", "networking.k8s.io/v1"}:
        yield from _of_core_kind(dict(resource))
    elif (schema := SCHEMAS.get(f"{version} {kind}")) is not None:
        yield from against(schema, resource)
    else:
        yield f"{version} {kind} has no schema: not in a package, and not in tests/data/manifest_fields"


def against(schema: Mapping[str, Any], value: object) -> list[str]:
    """Return every violation of a schema, with its place."""
    errors = jsonschema.Draft4Validator(schema).iter_errors(value)
    return [f"{'.'.join(map(str, error.absolute_path))}: {error.message}" for error in errors]


def _of_core_kind(resource: dict[str, Any]) -> Iterator[str]:
    try:
        validate(resource, KUBERNETES, strict=True)
    except ValidationError as error:
        yield str(error)
