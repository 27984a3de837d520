"""docs/threat-model.md: every claim names tests that exist, every setting that weakens something is in its table."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
ROW = re.compile(r"^\| ([A-Z])(\d+) \| (.*) \|$", re.MULTILINE)
REFERENCE = re.compile(r"\b([A-Z]\d+)\b")
COLUMNS = 3
"""Of a claim, without its number: what may be tried, what stands against it, by what that is proven."""


def claims() -> dict[str, list[str]]:
    return {letter + number: rest.split(" | ") for letter, number, rest in ROW.findall(PAGE)}


def section(heading: str) -> str:
    return PAGE.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]


@cache
def functions_of(path: str) -> frozenset[str]:
    """Return the test functions of a file. Parameters are no part of a name."""
    file = ROOT / path
    if not file.is_file():
        return frozenset()
    nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    functions = (node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(one.name for one in functions if one.name.startswith("test_"))


def test_there_are_claims_of_everybody_who_may_lie() -> None:
    letters = [name[0] for name in claims()]
    assert set(letters) == set("CPNHRAOMWS")
    for letter in set(letters):
        numbers = [int(number) for one, number, _ in ROW.findall(PAGE) if one == letter]
        assert numbers == list(range(1, len(numbers) + 1)), letter


@pytest.mark.parametrize("name", claims())
def test_each_claim_has_its_columns_and_names_a_test(name: str) -> None:
    columns = claims()[name]
    assert len(columns) == COLUMNS
    assert NAMED.search(columns[-1]), columns[-1]
    assert NAMED.sub("", columns[-1]).strip(" ,") == ""


def test_each_test_that_the_page_names_exists() -> None:
    named = NAMED.findall(PAGE)
    assert len(named) > len(claims())
    assert [f"{path}::{test}" for path, test in named if test not in functions_of(path)] == []


def test_each_claim_that_the_page_refers_to_is_one() -> None:
    text = NAMED.sub("", section("What each setting protects") + section("Who is trusted"))
    named = set(REFERENCE.findall(text))
    assert len(named) > 10
    assert named <= claims().keys()


def test_each_setting_of_an_ugly_name_is_in_the_table_of_settings() -> None:
    ugly = set(re.findall(r"\bunsafe_\w+", CONFIGURATION))
    assert len(ugly) > 5
    assert ugly <= set(re.findall(r"\bunsafe_\w+", section("What each setting protects")))


def test_each_setting_of_the_table_is_in_the_reference() -> None:
    rows = re.findall(r"^\| (`.*?) \|", section("What each setting protects"), re.MULTILINE)
    keys = {key for row in rows for key in re.findall(r"`([a-z_.\[\]*]+)`", row)}
    leaves = {key.rpartition(".")[2].removeprefix("*_") for key in keys} - {"failure_mode_allow", "contains"}
    assert {leaf for leaf in leaves if f"`{leaf.removesuffix('[]')}`" not in CONFIGURATION} == set()


def test_a_test_that_is_not_there_would_be_noticed() -> None:
    assert "test_a_test_that_is_not_there_would_be_noticed" in functions_of("tests/docs/test_threat_model.py")
    assert functions_of("tests/docs/test_nothing.py") == frozenset()
