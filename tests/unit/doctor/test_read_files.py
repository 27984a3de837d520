import json
from pathlib import Path

import pytest

from extauthz.doctor import read_files
from extauthz.doctor.finding import UnreadableError
from extauthz.doctor.read_files import read_documents, read_json, read_text
from support.doctor import write


def test_several_documents_are_numbered_and_empty_ones_left_out(tmp_path: Path) -> None:
    path = write(tmp_path / "a.yaml", "a: 1\n---\n---\nb: 2\n")
    assert [(one["a"].text or one["b"].text, one.path) for one in read_documents(path)] == [("1", (0,)), ("2", (2,))]


def test_anchors_and_yaml_in_braces_are_read(tmp_path: Path) -> None:
    path = write(tmp_path / "a.yaml", "{a: &x {b: 1}, c: *x}")
    (document,) = read_documents(path)
    assert document.at("c", "b").text == "1"


def test_json_is_read_as_such(tmp_path: Path) -> None:
    assert read_json(write(tmp_path / "a", json.dumps({"a": [1]}))).at("a").texts == ("1",)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "cannot be read: No such file"),
        (b"\xff\xff", "is not UTF-8"),
        (b"{", "is not valid JSON"),
        (b"[" * 100_000, "JSON"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(tmp_path: Path, content: bytes | None, why: str) -> None:
    path = tmp_path / "a.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UnreadableError, match=why) as caught:
        read_json(path)
    assert str(caught.value).startswith(str(path))


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a", "abc")
    assert read_text(path, 3) == "abc"
    with pytest.raises(UnreadableError, match="larger than 2 bytes"):
        read_text(path, 2)


def test_yaml_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_files, "LARGEST_YAML", 3)
    with pytest.raises(UnreadableError, match="give it as JSON"):
        read_documents(write(tmp_path / "a.yaml", "a: 1"))


def test_what_the_parser_lets_through_is_refused_too(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="is not valid YAML"):
        read_documents(write(tmp_path / "a.yaml", "a: !!int x\n"))
