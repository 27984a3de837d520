"""docs/doctor.md lists every finding with the words of the program, and no other."""

import re
from pathlib import Path

from extauthz.doctor.catalogue.catalogue import CATALOGUE
from extauthz.doctor.code import Code, Severity

PAGE = (Path(__file__).parents[2] / "docs" / "doctor.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `([a-z0-9_]+)` \| ([a-z]+) \| (.*)\. \| (.*)\. \|$", re.MULTILINE)
SEVERITY_ROW = re.compile(r"^\| `([a-z]+)` \|", re.MULTILINE)


def test_each_code_has_one_row_with_the_words_of_the_program() -> None:
    rows = [tuple(part.replace("`", "") for part in row) for row in ROW.findall(PAGE)]
    program = [(code, one.severity, one.meaning, one.remedy) for code, one in CATALOGUE.items()]
    assert sorted(rows) == sorted(program)


def test_each_code_is_in_the_section_of_its_program() -> None:
    for section in PAGE.split("\n## ")[1:]:
        heading = section.partition("\n")[0].lower()
        for code, *_ in ROW.findall(section):
            assert Code(code).partition("_")[0] in heading


def test_each_severity_is_explained() -> None:
    assert SEVERITY_ROW.findall(PAGE)[: len(Severity)] == list(Severity)
