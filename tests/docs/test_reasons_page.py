"""docs/decisions.md lists every reason, and no other."""

import re
from pathlib import Path

from extauthz.model.reason import ALLOW_REASONS, Reason

PAGE = (Path(__file__).parents[2] / "docs" / "decisions.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `([a-z_]+)` \|", re.MULTILINE)


def rows(heading: str) -> list[str]:
    section = PAGE.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return ROW.findall(section)


def test_each_deny_reason_has_one_row() -> None:
    assert sorted(rows("Deny")) == sorted(reason for reason in Reason if reason not in ALLOW_REASONS)


def test_each_allow_reason_has_one_row() -> None:
    assert sorted(rows("Allow")) == sorted(ALLOW_REASONS)
