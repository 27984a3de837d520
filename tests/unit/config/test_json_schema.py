import json
from collections.abc import Iterator
from typing import Any

import pytest

from extauthz.config.expected import branches_at, is_required, keys_at, node_at, words
from extauthz.config.json_schema import DIALECT, config_schema
from extauthz.config.key_path import KeyPath

SCHEMA = config_schema()


def every_key() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for name, mapping in [("", SCHEMA), *SCHEMA["$defs"].items()]:
        for key, value in mapping.get("properties", {}).items():
            yield name, key, value


def test_schema_names_its_dialect_and_is_json() -> None:
    assert SCHEMA["$schema"] == DIALECT
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA


@pytest.mark.parametrize("name", SCHEMA["$defs"])
def test_every_mapping_is_closed_and_described(name: str) -> None:
    definition = SCHEMA["$defs"][name]
    assert definition["additionalProperties"] is False
    assert definition["description"].endswith(".")


@pytest.mark.parametrize(("name", "key", "value"), list(every_key()))
def test_every_key_is_described(name: str, key: str, value: dict[str, Any]) -> None:
    described = value if "description" in value else SCHEMA["$defs"][value["$ref"].rpartition("/")[2]]
    assert described["description"].endswith(".")


def test_nothing_may_be_null_and_no_default_is_null() -> None:
    text = json.dumps(SCHEMA)
    assert '"null"' not in text
    assert '"default": null' not in text


def test_defaults_are_written_as_in_the_file() -> None:
    grpc = SCHEMA["$defs"]["Grpc"]["properties"]
    assert grpc["max_connection_age"]["default"] == "5m"
    assert grpc["address"]["default"] == "127.0.0.1:9191"
    assert SCHEMA["$defs"]["Trust"]["properties"]["clock_skew"]["default"] == "0s"


def test_top_level_requires_what_has_no_default() -> None:
    assert SCHEMA["required"] == ["version", "trust", "policies"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), "a mapping"),
        (("version",), "1"),
        (("trust", "intermediates"), "a list of strings"),
        (("trust", "intermediates", 3), "a string"),
        (("trust", "chain"), "one of verify, issuer_name, unsafe_none"),
        (("trust", "clock_skew"), 'a string such as "90s"'),
        (("sources",), "a list of mappings"),
        (("sources", 0), "a mapping whose `type` is one of envoy_peer, xfcc, nginx, base64_der, rfc9440, aws_alb"),
        (("sources", 0, "element"), "one of only, last or a mapping"),
        (("sources", 0, "element", "from_right"), "a whole number"),
        (("pins", "cert_sha256"), "a list of strings or mappings"),
        (("identity", "profiles"), "a list of fpki, piv_i, dod, icam_test"),
        (("policies", 0, "require", "policy_oids"), "a list of strings or a mapping"),
        (("policies", 0, "require", "policy_oids", 0), "a string"),
        (("policies", 0, "require", "policy_oids", "all"), "a list of strings"),
        (("policies", 0, "require", "san_present"), "true"),
        (("policies", 0, "require", "any_of", 0, "not", "san", "dns"), "a list of strings"),
        (("headers", "map"), "a mapping"),
        (("deny", "expose_reason"), "true or false"),
        (("decision_log", "allow_sample"), "a number"),
    ],
)
def test_expectation_is_put_into_words(path: KeyPath, text: str) -> None:
    node = node_at(path)
    assert node is not None
    assert words(node) == text


@pytest.mark.parametrize(
    "path", [("x",), ("trust", "x"), ("trust", 0), ("trust", "chain", "x", "y"), ("sources", 0, "\0X")]
)
def test_unknown_places_have_no_expectation(path: KeyPath) -> None:
    assert node_at(path) is None
    assert keys_at(path) == ()
    assert branches_at(path, "type") == []


def test_required_keys_and_list_items_are_known() -> None:
    assert is_required(("policies", 0, "when"))
    assert is_required(("trust", "anchors", 0))
    assert not is_required(("trust", "anchors"))
    assert not is_required(("nothing", "here"))


def test_the_range_of_a_duration_is_in_the_schema() -> None:
    node = node_at(("trust", "clock_skew"))
    assert node is not None
    assert (node["x-shortest"], node["x-longest"]) == ("0s", "1h")
