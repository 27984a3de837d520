"""docs/headers.md lists every header with its field, and every field that can be mapped."""

import re
from pathlib import Path

from extauthz.headers import DEFAULT_PREFIX, EMITTED, FIELDS

PAGE = (Path(__file__).parents[2] / "docs" / "headers.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `([a-z0-9-]+)` \| `([a-z0-9_]+)` \|", re.MULTILINE)


def test_each_emitted_header_has_one_row_with_its_field() -> None:
    rows = ROW.findall(PAGE)
    assert rows == list(EMITTED.items())
    assert f"`{DEFAULT_PREFIX}`" in PAGE


def test_each_further_field_is_named() -> None:
    (sentence,) = re.findall(r"Beside the fields above it knows (.*?)\.\n", PAGE, re.DOTALL)
    assert set(re.findall(r"`([a-z0-9_]+)`", sentence)) == set(FIELDS) - set(EMITTED.values())
