"""Our messages are Envoy's: same names, numbers, types and bytes as the official ones, of which they are a part.

The official descriptors are those of the ``xds-protos`` package, installed by itself into a directory (its top-level
``envoy`` package must not meet another one in the environment):

    python -m pip install --no-deps --target .tools/xds-protos xds-protos

``EXTAUTHZ_XDS_PROTOS`` names another directory. Both sides register the same message names with protobuf, so each
lives in a process of its own: this file, run as a program, is that process.
"""

import base64
import importlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor, FileDescriptor
from google.protobuf.json_format import MessageToDict, ParseDict

REPOSITORY = Path(__file__).resolve().parents[2]
OFFICIAL_DIRECTORY = Path(os.environ.get("EXTAUTHZ_XDS_PROTOS", REPOSITORY / ".tools" / "xds-protos"))
INSTALL = "python -m pip install --no-deps --target .tools/xds-protos xds-protos"

OURS = "extauthz.wire.proto."
MODULES = (
    "envoy.config.core.v3.address_pb2",
    "envoy.config.core.v3.base_pb2",
    "envoy.service.auth.v3.attribute_context_pb2",
    "envoy.service.auth.v3.external_auth_pb2",
    "envoy.type.v3.http_status_pb2",
)
TIMEOUT = 60.0
"""Seconds for one process; each takes about one."""

Facts = dict[str, dict[str, Any]]
"""Full name of a message, enum or service -> what is said of its fields, values or methods, by name."""


# ---- in a process of its own ---------------------------------------------------------------------------------
def field_facts(field: FieldDescriptor) -> dict[str, object]:
    kind = field.message_type or field.enum_type
    oneof = field.containing_oneof
    return {
        "number": field.number,
        "type": field.type,
        "type_name": kind.full_name if kind else None,
        "repeated": field.is_repeated,
        "packed": field.is_packed,
        "presence": field.has_presence,
        "oneof": oneof.name if oneof else None,
    }


def message_facts(message: Descriptor) -> Iterable[tuple[str, dict[str, Any]]]:
    facts = {field.name: field_facts(field) for field in message.fields}
    yield message.full_name, {**facts, "(map entry)": message.GetOptions().map_entry}
    for nested in message.nested_types:
        yield from message_facts(nested)
    for enum in message.enum_types:
        yield enum_facts(enum)


def enum_facts(enum: EnumDescriptor) -> tuple[str, dict[str, Any]]:
    return enum.full_name, {value.name: value.number for value in enum.values}


def file_facts(file: FileDescriptor) -> Facts:
    facts: Facts = {file.name: {"package": file.package}}
    for message in file.message_types_by_name.values():
        facts.update(message_facts(message))
    facts.update(enum_facts(enum) for enum in file.enum_types_by_name.values())
    for service in file.services_by_name.values():
        facts[service.full_name] = {
            method.name: [
                method.input_type.full_name,
                method.output_type.full_name,
                method.client_streaming,
                method.server_streaming,
            ]
            for method in service.methods
        }
    return facts


def serve(prefix: str, command: str, name: str) -> str:
    modules = {module: importlib.import_module(prefix + module) for module in MODULES}
    messages = modules["envoy.service.auth.v3.external_auth_pb2"]
    match command:
        case "describe":
            facts: Facts = {}
            for module in modules.values():
                facts.update(file_facts(module.DESCRIPTOR))
            return json.dumps(facts)
        case "encode":
            message = ParseDict(json.load(sys.stdin), getattr(messages, name)())
            return base64.b64encode(message.SerializeToString(deterministic=True)).decode()
        case "decode":
            message = getattr(messages, name).FromString(base64.b64decode(sys.stdin.read()))
            return json.dumps(MessageToDict(message, preserving_proto_field_name=True))
        case _:
            raise ValueError(command)


if __name__ == "__main__":
    print(serve(sys.argv[1], sys.argv[2], sys.argv[3]))  # noqa: T201  (the answer of the process)
    sys.exit()


# ---- in the process of the tests -----------------------------------------------------------------------------
def ask(prefix: str, command: str, name: str = "", given: str = "") -> str:
    environment = dict(os.environ)
    if not prefix:
        if not (OFFICIAL_DIRECTORY / "envoy" / "service" / "auth" / "v3" / "external_auth_pb2.py").is_file():
            pytest.fail(f"Envoy's official messages are not in {OFFICIAL_DIRECTORY}; run: {INSTALL}")
        environment["PYTHONPATH"] = str(OFFICIAL_DIRECTORY)
    done = subprocess.run(
        [sys.executable, "-P", __file__, prefix, command, name],
        input=given,
        env=environment,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def ours() -> Facts:
    facts: Facts = json.loads(ask(OURS, "describe"))
    return facts


@pytest.fixture(scope="module")
def official() -> Facts:
    facts: Facts = json.loads(ask("", "describe"))
    return facts


def test_every_file_message_enum_and_service_is_an_official_one(ours: Facts, official: Facts) -> None:
    assert ours.keys() <= official.keys()
    assert "envoy.service.auth.v3.Authorization" in ours
    assert "envoy.service.auth.v3.AttributeContext.HttpRequest.HeadersEntry" in ours


def test_every_field_value_and_method_is_what_the_official_one_is(ours: Facts, official: Facts) -> None:
    different = {
        f"{name}.{member}": (said, official[name].get(member))
        for name, members in ours.items()
        for member, said in members.items()
        if said != official[name].get(member)
    }
    assert different == {}


def test_the_comparison_sees_fields_enums_maps_and_oneofs(ours: Facts) -> None:
    response = ours["envoy.service.auth.v3.CheckResponse"]
    assert response["ok_response"]["oneof"] == "http_response"
    assert response["status"]["oneof"] is None
    assert ours["envoy.config.core.v3.HeaderValueOption.HeaderAppendAction"]["OVERWRITE_IF_EXISTS_OR_ADD"] == 2
    assert ours["envoy.config.core.v3.Metadata.FilterMetadataEntry"]["(map entry)"] is True
    assert ours["envoy.service.auth.v3.Authorization"]["Check"][2:] == [False, False]


QUESTION = {
    "attributes": {
        "source": {
            "address": {"socket_address": {"address": "192.0.2.7", "port_value": 4711, "protocol": "TCP"}},
            "principal": "spiffe://example/a",
            "certificate": "-----BEGIN%20CERTIFICATE-----",
        },
        "destination": {"address": {"pipe": {"path": "@sock"}}, "principal": "p", "certificate": "c"},
        "request": {
            "time": "2026-03-01T12:00:00Z",
            "http": {
                "id": "1",
                "method": "GET",
                "headers": {"content-type": "a/b", "x_a": "b"},
                "header_map": {"headers": [{"key": "k", "value": "v"}, {"key": "k", "raw_value": "/w=="}]},
                "path": "/v1?a=b",
                "host": "a.example",
                "scheme": "https",
                "protocol": "HTTP/2",
            },
        },
        "context_extensions": {"policy": "payments"},
        "metadata_context": {"filter_metadata": {"ns": {"cnf": {"x5t#S256": "t"}, "n": 1.5, "l": [True, None]}}},
        "tls_session": {"sni": "a.example"},
    }
}
HEADERS = [
    {"header": {"key": "a", "value": "b"}, "append": False, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"},
]
ANSWERS: tuple[dict[str, Any], ...] = (
    {
        "status": {"code": 7},
        "denied_response": {"status": {"code": "Forbidden"}, "headers": HEADERS, "body": "no"},
        "dynamic_metadata": {"decision": "deny"},
    },
    {"status": {}, "ok_response": {"headers": HEADERS, "headers_to_remove": ["c"]}},
)
EXTRA = {
    "attributes": {
        "source": {"service": "s", "labels": {"a": "b"}, "certificate": "c"},
        "request": {"http": {"method": "GET", "size": "-1", "query": "q", "fragment": "f", "body": "b"}},
        "route_metadata_context": {"filter_metadata": {"r": {}}},
    }
}


@pytest.mark.parametrize(
    ("name", "message"),
    [("CheckRequest", QUESTION), ("CheckResponse", ANSWERS[0]), ("CheckResponse", ANSWERS[1])],
    ids=["question", "deny", "allow"],
)
def test_the_bytes_are_the_official_ones(name: str, message: dict[str, Any]) -> None:
    written = ask(OURS, "encode", name, json.dumps(message))
    assert written == ask("", "encode", name, json.dumps(message))
    assert json.loads(ask("", "decode", name, written)) == json.loads(ask(OURS, "decode", name, written))


def test_what_we_left_out_is_skipped() -> None:
    written = ask("", "encode", "CheckRequest", json.dumps(EXTRA))
    assert json.loads(ask(OURS, "decode", "CheckRequest", written)) == {
        "attributes": {"source": {"certificate": "c"}, "request": {"http": {"method": "GET"}}}
    }
