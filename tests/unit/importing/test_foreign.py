import pytest

from extauthz.importing import foreign
from extauthz.importing.foreign import Node, UnreadableError, read_foreign


def one(text: str) -> Node:
    (node,) = read_foreign(text.encode(), "f")
    return node


def child(node: Node, *keys: str) -> Node:
    for key in keys:
        found = node.child(key)
        assert found is not None
        node = found
    return node


def test_every_document_of_a_file_is_read_and_empty_ones_are_not() -> None:
    nodes = read_foreign(b"# nothing\n---\na: 1\n---\n---\nb: 2\n", "f")
    assert [node.names() for node in nodes] == [["a"], ["b"]]
    assert [node.place for node in nodes] == ["f:3:1", "f:6:1"]


def test_places_are_those_of_keys_and_items() -> None:
    node = one("a:\n  b:\n  - c: 1\n")
    assert child(node, "a", "b").place == "f:2:3: a.b"
    (item,) = child(node, "a", "b").items()
    assert item.place == "f:3:5: a.b[0]"
    assert child(item, "c").place == "f:3:5: a.b[0].c"


def test_json_has_paths_and_no_lines() -> None:
    node = one('\n {"a": [{"b": null}, {"b": 2}]}')
    assert node.place == "f"
    assert [item.place for item in child(node, "a").items()] == ["f: a[0]", "f: a[1]"]
    assert [item.child("b") is None for item in child(node, "a").items()] == [True, False]


def test_aliases_and_merge_keys_stand_for_what_they_name() -> None:
    node = one("a: &x {k: 1, l: 2}\nb:\n  <<: *x\n  l: 3\nc: *x\n")
    assert child(node, "b", "k").text() == "1"
    assert child(node, "b", "l").text() == "3"
    assert child(node, "c", "k").text() == "1"
    assert child(node, "b", "k").place.startswith("f:2:")  # of the mapping that takes it in


def test_a_value_that_contains_itself_is_read_and_ends() -> None:
    assert child(one("a: &x\n  b: *x\n  c: 1\n"), "a").names() == ["c"]


def test_on_and_off_are_text_and_truth_values_have_one() -> None:
    node = one("a: on\nb: true\nc: False\nd: 1\ne: [x]\nf: 1.5\n")
    assert [child(node, key).text() for key in "abcdef"] == ["on", "true", "false", "1", None, "1.5"]


def test_what_is_no_mapping_has_no_keys_and_what_is_no_list_is_its_own_item() -> None:
    node = one("- x\n- y\n")
    assert (node.names(), node.child("x")) == ([], None)
    (scalar,) = child(one("a: x"), "a").items()
    assert scalar.text() == "x"


def test_a_document_that_is_a_scalar_is_one_too() -> None:
    assert one("just text\n").text() == "just text"


def test_nulls_and_keys_that_are_no_text_do_not_count() -> None:
    assert one("a:\n1: x\nb: y\n").names() == ["b"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a: b: c", "f:1:5: this is not YAML"),
        (b"a: [1", "f:1:6: this is not YAML"),
        (b"a: 1\na: 2\n", "f:2:1: this is not YAML: found duplicate key"),
        (b'{"a": 1', "f:1:8: this is not JSON"),
        (b'{"a": {"b": 1, "b": 2}}', "f:1:1: this is not JSON: a key stands twice"),
        (b"\xff", "f is not UTF-8: the byte 0xff stands in it"),
        (b"{" + b'"a":{' * 100_000, "f is nested too deep to be read"),
        (b"[" * 100_000, "f is nested too deep to be read"),
        (b"a: \x01", "f.*: this is not YAML"),
        (b"!!int x", "f is not YAML: ValueError"),
    ],
)
def test_what_cannot_be_read_is_one_sentence_with_its_place(content: bytes, message: str) -> None:
    with pytest.raises(UnreadableError, match=f"^{message}"):
        read_foreign(content, "f")


def test_no_more_is_read_than_is_sensible(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foreign, "MAX_INPUT_BYTES", 3)
    with pytest.raises(UnreadableError, match="larger than 3 bytes"):
        read_foreign(b"a: 1", "f")


def test_no_object_is_built_from_a_tag() -> None:
    node = one("a: !!python/object/apply:os.getcwd []\n")
    assert child(node, "a").text() is None
