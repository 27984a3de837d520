"""The READMEs beside the manifests name files that are there, and every one that is."""

import re

import pytest

from support.manifests import EXAMPLES, SETS

NAMED = re.compile(r"`((?:\.\./[a-z-]+/)?[a-z-]+\.yaml)`|-f ([a-z-]+\.yaml)")
LONGEST = 20
"""Lines: what is longer belongs into docs/."""


@pytest.mark.parametrize("name", SETS)
def test_a_readme_names_each_file_beside_it(name: str) -> None:
    text = (EXAMPLES / name / "README.md").read_text()
    named = {one or other for one, other in NAMED.findall(text)}
    assert {file for file in named if not (EXAMPLES / name / file).exists()} == set()
    assert {path.name for path in (EXAMPLES / name).glob("*.yaml")} <= named


@pytest.mark.parametrize("name", SETS)
def test_a_readme_is_short(name: str) -> None:
    assert len((EXAMPLES / name / "README.md").read_text().splitlines()) <= LONGEST
