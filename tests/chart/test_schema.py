"""Every value has a type and bounds, and is refused outside of them."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import jsonschema
import pytest
from chart_readme import documented
from chart_schema import schema
from ruamel.yaml import YAML

from extauthz.config.json_schema import config_schema
from support.chart_values import MINIMAL, merged, nested
from support.helm import CHART, HELMS, RefusedError, render

TEXT: Final = (CHART / "values.yaml").read_text()
DEFAULTS: Final = YAML(typ="safe").load(TEXT)
SCHEMA: Final = json.loads((CHART / "values.schema.json").read_text())
ROWS: Final = documented(TEXT)
WHOLE: Final = {
    ("config",),
    ("updateStrategy",),
    *((("probes", name)) for name in ("startup", "liveness", "readiness")),
}
"""One value each, though their keys are known."""


def test_the_schema_is_one_and_takes_the_defaults() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert list(jsonschema.Draft7Validator(SCHEMA).iter_errors(DEFAULTS)) == []


def test_the_schema_knows_every_value_and_no_other() -> None:
    for row in ROWS:
        known_below = "properties" in schema_at(row.path)
        assert known_below == (row.path in WHOLE), row.path
    assert set(SCHEMA["properties"]) == set(DEFAULTS)
    for path, found in closed(SCHEMA, ()):
        defaults: Any = DEFAULTS
        for key in path:
            defaults = defaults[key]
        assert set(defaults) <= set(found["properties"]), path
        if not any(path[: len(whole)] == whole for whole in WHOLE):
            assert set(defaults) == set(found["properties"]), path


def schema_at(path: tuple[str, ...]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = SCHEMA
    for key in path:
        assert found["additionalProperties"] is False, path
        found = found["properties"][key]
    return found


def closed(schema: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """Yield every mapping with keys of its own, as far as values.yaml has it. The configuration is the program's."""
    if "properties" in schema and path not in {("config",), ("updateStrategy",)}:
        yield path, schema
        for key, inner in schema["properties"].items():
            yield from closed(inner, (*path, key))


WRONG: Final[Mapping[str, object]] = {
    "string": 7,
    "boolean": "yes",
    "integer": "7",
    "array": {"a": 1},
    "object": ["a"],
}


def wrong_values() -> Iterator[tuple[str, object]]:
    """Yield for each value one that it must not have: by its type, by its words, by its bounds, by its shape."""
    for row in ROWS:
        schema = schema_at(row.path)
        path = ".".join(row.path)
        if "$ref" in schema:
            schema = SCHEMA["definitions"][schema["$ref"].rpartition("/")[2]]
        kind = schema["type"]
        yield path, WRONG[kind] if isinstance(kind, str) else True
        if "enum" in schema:
            yield path, "other"
        if "pattern" in schema:
            yield path, "~"
        for bound, step in (("minimum", -1), ("maximum", 1)):
            if bound in schema:
                yield path, schema[bound] + step
        for wrong in wrong_mappings(schema.get("additionalProperties")):
            yield path, wrong
        if kind == "array":
            yield path, [True]


def wrong_mappings(others: object) -> Iterator[object]:
    """Yield mappings that are wrong, by what a schema says of keys that it does not name."""
    if others is False:
        yield {"unknown": 7}
    if isinstance(others, dict) and others.get("type") == "string":
        yield {"a": 7}
        if "pattern" in others:
            yield {"a": "not a label"}


def test_the_schema_refuses_what_a_value_must_not_be() -> None:
    validator = jsonschema.Draft7Validator(SCHEMA)
    tried = list(wrong_values())
    assert len(tried) > len(ROWS)
    for path, wrong in tried:
        errors = list(validator.iter_errors(merged(DEFAULTS, nested(path, wrong))))
        assert [".".join(map(str, one.absolute_path)) for one in errors], f"{path} may be {wrong!r}"
        assert all(".".join(map(str, one.absolute_path)).startswith(path) for one in errors)


def test_the_schema_refuses_a_misspelt_key_wherever_keys_are_known() -> None:
    validator = jsonschema.Draft7Validator(SCHEMA)
    for path, _ in closed(SCHEMA, ()):
        changed = merged(DEFAULTS, nested(".".join((*path, "misspelt")), 1))
        (error,) = validator.iter_errors(changed)
        assert "misspelt" in error.message


def test_the_schema_of_the_configuration_is_the_programs_own() -> None:
    assert schema(SCHEMA) == SCHEMA, "run `make docs`"
    assert set(SCHEMA["properties"]["config"]["properties"]) == set(config_schema()["properties"])
    assert "(?" not in json.dumps(list(strings(SCHEMA, "pattern"))), "Helm's expressions know no such thing"


def strings(value: object, key: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, one in value.items():
            if name == key and isinstance(one, str):
                yield one
            yield from strings(one, key)
    elif isinstance(value, list):
        for one in value:
            yield from strings(one, key)


@pytest.mark.parametrize("helm", HELMS)
def test_either_helm_refuses_a_misspelt_key_of_the_configuration(helm: str) -> None:
    wrong: dict[str, object] = {
        "policis": [],
        "listen": {"grpc": {"max_message_byte": 1}},
        "cache": {"clients": 0},
        "shutdown": {"grace": "10 s"},
        "revocation": None,
    }
    with pytest.raises(RefusedError) as refused:
        render(helm, values=merged(MINIMAL, {"config": wrong}))
    said = str(refused.value)
    for place in (
        "'policis'",
        "'max_message_byte'",
        "/config/cache/clients",
        "/config/shutdown/grace",
        "/config/revocation",
    ):
        assert place in said


@pytest.mark.parametrize("helm", HELMS)
def test_helm_names_the_place_of_each_wrong_value(helm: str) -> None:
    wrong: dict[str, object] = {
        "replicas": "2",
        "state.persistence.size": "large",
        "state.persistence.accessModes": ["ReadOnlyMany"],
        "state.persistence.retention.whenScaled": "Keep",
        "updateStrategy.type": "Rolling",
        "updateStrategy.rollingUpdate": {"maxSurges": 1},
        "grpc.port": 0,
        "reload.strategy": "never",
        "image.digest": "latest",
        "podLabels": {"a": 1},
        "trust.anchors": [{"configmap": "a"}],
        "prometheusRule.alerts": {"ExtauthzDown": {"severity": "page"}},
        "tlss": {},
        "networkPolicy.proxies": [{"podSelector": {"app": "envoy"}}],
        "networkPolicy.egress.crlPublishers": [{"ipBlock": {"cidr": "192.0.2.0/24"}, "podSelector": {}}],
        "envoyGateway.securityPolicy.statusOnError": 200,
    }
    values: Any = MINIMAL
    for path, value in wrong.items():
        values = merged(values, nested(path, value))
    with pytest.raises(RefusedError) as refused:
        render(helm, values=values)
    said = str(refused.value)
    assert "values don't meet the specifications of the schema" in said
    for path in wrong:
        assert all(key in said for key in path.split(".")), path


@pytest.mark.parametrize("helm", HELMS)
@pytest.mark.parametrize(
    ("sources", "said"),
    [
        ([{"type": "xfc"}], "/config/sources/0/type"),
        ([{"type": "xfcc", "elemnt": "only"}], "elemnt"),
        ([{}], "/config/sources/0"),
    ],
)
def test_a_mistake_in_one_source_is_told_once_and_not_for_every_other_type(
    helm: str, sources: list[dict[str, str]], said: str
) -> None:
    with pytest.raises(RefusedError) as refused:
        render(helm, values=merged(MINIMAL, {"config": {"sources": sources}}))
    told = [line.strip() for line in str(refused.value).splitlines() if line.strip().startswith("- at")]
    (mistake,) = [line for line in told if not line.endswith("'allOf' failed")]
    assert said in mistake
