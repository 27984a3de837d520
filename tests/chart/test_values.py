"""Every value is documented, and changes something."""

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import pytest
from chart_readme import UndocumentedError, documented
from ruamel.yaml import YAML

from support.chart_changes import CHANGES
from support.chart_values import MINIMAL, merged, nested
from support.helm import CHART, HELM4, HELMS, RefusedError, render

TEXT: Final = (CHART / "values.yaml").read_text()
DEFAULTS: Final = YAML(typ="safe").load(TEXT)
SCHEMA: Final = json.loads((CHART / "values.schema.json").read_text())
ROWS: Final = documented(TEXT)
NOT_READ: Final = {("global",)}
"""For charts that have this one as a part: Helm wants the key."""


def test_every_value_has_a_change_to_try() -> None:
    assert {".".join(row.path) for row in ROWS if row.path not in NOT_READ} == set(CHANGES)


def same(path: str) -> bool:
    """Say whether the manifests stay the same when one value is another one. What was refused before is no longer."""
    around, other = CHANGES[path]
    before = merged(MINIMAL, around)
    after = render(HELM4, values=merged(before, nested(path, other)))
    try:
        return render(HELM4, values=before).documents == after.documents
    except RefusedError:
        return False


def test_every_value_changes_something() -> None:
    with ThreadPoolExecutor(2) as pool:
        unchanged = [path for path, it_is in zip(CHANGES, pool.map(same, CHANGES), strict=True) if it_is]
    assert unchanged == []


def broken_when_empty(path: str) -> bool:
    """Say whether a template breaks over a key with nothing behind it, as is left where all of it is commented out."""
    around, _ = CHANGES[path]
    try:
        render(HELM4, values=merged(merged(MINIMAL, around), nested(path, None)))
    except RefusedError as refused:
        return "These values cannot be used:" not in str(refused)
    return False


def test_a_mapping_or_list_may_be_left_empty_or_is_refused_in_words() -> None:
    paths = [".".join(row.path) for row in ROWS if isinstance(row.default, dict | list) and row.path not in NOT_READ]
    assert len(paths) > 30
    with ThreadPoolExecutor(2) as pool:
        broken = [path for path, it_is in zip(paths, pool.map(broken_when_empty, paths), strict=True) if it_is]
    assert broken == []


def test_every_value_has_a_comment() -> None:
    leaves = set(paths(DEFAULTS))
    told = {row.path for row in ROWS}
    assert all(any(leaf[: len(path)] == path for path in told) for leaf in leaves)
    assert all(row.text and row.section for row in ROWS)


@pytest.mark.parametrize("text", ["a: 1\n", "a:\n  # told\n  b: 1\n  c: 1\n", "# told\n\na: 1\n"])
def test_a_value_without_a_comment_is_noticed(text: str) -> None:
    with pytest.raises(UndocumentedError, match=r"has no comment"):
        documented(text)


def paths(values: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for key, value in values.items():
        if isinstance(value, dict) and value:
            yield from paths(value, (*path, key))
        else:
            yield (*path, key)


def below(values: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object]]:
    """Yield sections and single values with their paths; a mapping that is one value is no section."""
    told = {row.path for row in ROWS}
    for key, value in values.items():
        if isinstance(value, dict) and (*path, key) not in told:
            yield from below(value, (*path, key))
        yield (*path, key), value


def required(path: tuple[str, ...]) -> bool:
    """Say whether the schema refuses a null there, which Helm takes for nothing."""
    found: Mapping[str, Any] = SCHEMA
    for key in path[:-1]:
        found = found["properties"][key]
    return path[-1] in found.get("required", ())


def test_no_section_and_no_switch_may_be_null() -> None:
    """A template would stumble over it, or a switch that is on by default would be off."""
    told = {row.path for row in ROWS}
    found = [path for path, value in below(DEFAULTS) if isinstance(value, bool) or path not in told]
    assert len(found) > 50
    assert [path for path in found if not required(path)] == []


def stumbles(path: str) -> str:
    """Return what Helm says of a null that is neither taken nor refused by the schema or a check; "" for none."""
    around, _ = CHANGES[path]
    try:
        render(HELM4, values=merged(merged(MINIMAL, around), nested(path, None)))
    except RefusedError as error:
        said = str(error)
        return "" if "These values cannot be used" in said or "missing property" in said else said
    return ""


def test_a_text_that_is_null_is_taken_or_refused_by_its_name_and_never_an_error_of_a_template() -> None:
    paths = [".".join(path) for path, value in below(DEFAULTS) if isinstance(value, str)]
    with ThreadPoolExecutor(2) as pool:
        found = dict(zip(paths, pool.map(stumbles, paths), strict=True))
    assert {path: said for path, said in found.items() if said} == {}


@pytest.mark.parametrize("helm", HELMS)
@pytest.mark.parametrize("path", ["networkPolicy", "networkPolicy.enabled", "networkPolicy.egress.restrict"])
def test_no_null_opens_the_network(path: str, helm: str) -> None:
    with pytest.raises(RefusedError, match="missing property"):
        render(helm, values=merged(MINIMAL, nested(path, None)))
