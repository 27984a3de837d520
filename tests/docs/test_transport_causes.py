"""docs/operations.md says of every cause of the native transport when it comes, and of no other."""

import re
from pathlib import Path

from extauthz.transport.cause import Cause

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")


def test_page_and_program_agree() -> None:
    table = PAGE.partition("| `cause` | when |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == [cause.value for cause in Cause]
