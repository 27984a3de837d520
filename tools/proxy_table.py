"""Write the table of proxies into the pages that have a place for it, or with ``--check`` say whether it is up to date.

It is made of docs/proxies.yaml, whose every cell a test proves against the real proxy.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

ROOT: Final = Path(__file__).parent.parent
DATA: Final = ROOT / "docs" / "proxies.yaml"
PAGES: Final = (ROOT / "README.md", ROOT / "docs" / "proxies.md")
BEGIN: Final = "<!-- proxies: made of docs/proxies.yaml by `make docs` -->\n"
END: Final = "<!-- proxies: end -->\n"


def capabilities() -> Mapping[str, Mapping[str, Any]]:
    """Return what stands in the file: ``columns`` with their titles and values, ``proxies`` with a value for each."""
    content: Mapping[str, Mapping[str, Any]] = YAML(typ="safe", pure=True).load(DATA)
    return content


def table() -> str:
    """Return the table in Markdown."""
    content = capabilities()
    columns = content["columns"]
    rows = [["proxy", *(column["title"] for column in columns.values())]]
    rows.append(["---"] * len(rows[0]))
    for name, proxy in content["proxies"].items():
        cells = [column["values"][proxy[key]] for key, column in columns.items()]
        rows.append([f"[{proxy['title']}]({{examples}}{name}/)", *cells])
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def written(page: Path) -> str:
    """Return a page with the table in its place. Raises ValueError when the place is not marked exactly once."""
    text = page.read_text(encoding="utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise ValueError(f"{page} does not mark one place for the table: {BEGIN.strip()} … {END.strip()}")
    before, _, rest = text.partition(BEGIN)
    examples = "examples/" if page.parent == ROOT else "../examples/"
    return f"{before}{BEGIN}{table().replace('{examples}', examples)}{END}{rest.partition(END)[2]}"


def with_place() -> list[Path]:
    """Return the pages that have a place for the table."""
    return [page for page in PAGES if BEGIN in page.read_text(encoding="utf-8")]


def run(arguments: list[str]) -> int:
    """Write the pages, or compare them."""
    stale = [page for page in with_place() if page.read_text(encoding="utf-8") != written(page)]
    if arguments == ["--check"]:
        for page in stale:
            print(f"{page.relative_to(ROOT)} is out of date: run `make docs`", file=sys.stderr)
        return 1 if stale else 0
    for page in stale:
        page.write_text(written(page), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
