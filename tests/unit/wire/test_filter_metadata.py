"""A Struct becomes plain Python values, and only when somebody asks."""

from collections.abc import Mapping

import pytest
from google.protobuf.struct_pb2 import Struct, Value

from extauthz.wire.filter_metadata import FilterMetadata
from extauthz.wire.proto.envoy.config.core.v3.base_pb2 import Metadata


def metadata(**namespaces: Mapping[str, object]) -> FilterMetadata:
    message = Metadata()
    for name, values in namespaces.items():
        message.filter_metadata[name].update(values)  # type: ignore[arg-type]  # JSON values
    return FilterMetadata(message.filter_metadata)


def test_every_kind_of_value_becomes_its_python_counterpart() -> None:
    values = {"text": "a", "number": 3, "yes": True, "none": None, "list": [1.5, "b", {"c": []}], "object": {"d": {}}}
    converted = metadata(ns=values)["ns"]
    assert converted == values
    assert isinstance(converted, dict)
    assert isinstance(converted["number"], float)
    assert converted["yes"] is True
    assert isinstance(converted["list"], list)
    assert isinstance(converted["object"], dict)


def test_a_value_without_a_kind_is_none() -> None:
    message = Metadata()
    message.filter_metadata["ns"].CopyFrom(Struct(fields={"odd": Value()}))
    assert FilterMetadata(message.filter_metadata)["ns"] == {"odd": None}


def test_an_unknown_namespace_is_a_key_error_and_stays_unknown() -> None:
    known = metadata(ns={})
    with pytest.raises(KeyError, match="other"):
        known["other"]
    assert known.get("other", {"default": 1}) == {"default": 1}
    assert list(known) == ["ns"]


def test_it_reads_like_any_mapping() -> None:
    known = metadata(a={"x": 1.0}, b={})
    assert len(known) == 2
    assert "a" in known
    assert known == {"a": {"x": 1.0}, "b": {}}
    assert repr(known) == "FilterMetadata(['a', 'b'])"


def test_a_namespace_is_converted_once() -> None:
    known = metadata(a={"x": 1.0})
    assert known["a"] is known["a"]
