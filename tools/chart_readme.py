"""Write what the chart's README says of its files, or with ``--check`` say whether it is up to date.

Between ``<!-- values: … -->`` and ``<!-- values: end -->`` stands a table for each section of values.yaml, made of its
comments. Between ``<!-- file: ci/… -->`` and ``<!-- file: end -->`` stands that file.
"""

import difflib
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

CHART: Final = Path(__file__).parent.parent / "charts" / "extauthz"
PAGE: Final = CHART / "README.md"
_LINE: Final = re.compile(r"(?P<indent> *)(?P<key>[A-Za-z]+):(?: (?P<value>.*))?")
_BLOCK: Final = re.compile(r"(<!-- (values|file): ([^>]*?) ?-->\n)(.*?)(<!-- \2: end -->)", re.DOTALL)


class UndocumentedError(ValueError):
    """A value without a comment."""


@dataclass(frozen=True, slots=True)
class Documented:
    """One value: its path, what its comment says, its default, and the section it is in."""

    path: tuple[str, ...]
    text: str
    default: object
    section: str


def documented(text: str) -> Sequence[Documented]:
    """Return every value that has a comment, in order. Raises UndocumentedError for those without.

    A mapping with a comment is one value; one without is the sum of what is below it.
    """
    values = YAML(typ="safe").load(text)
    return list(_rows(text.splitlines(), values))


def _rows(lines: Sequence[str], values: Mapping[str, Any]) -> Iterator[Documented]:
    section = ""
    comment: list[str] = []
    path: list[str] = []
    whole: int | None = None  # the indent of a mapping with a comment: what is below it has been told
    for line in lines:
        stripped = line.strip()
        if stripped.startswith("## "):
            section = stripped.removeprefix("## ")
        elif stripped.startswith("# "):
            comment.append(stripped.removeprefix("# "))
        elif (match := _LINE.fullmatch(line)) is not None:
            indent = len(match["indent"])
            path = [*path[: indent // 2], match["key"]]
            if whole is not None and indent <= whole:
                whole = None
            if whole is None:
                default = _at(values, path)
                if comment:
                    yield Documented(tuple(path), " ".join(comment), default, section)
                    whole = indent
                elif not isinstance(default, dict) or not default:
                    raise UndocumentedError(f"values.yaml: {'.'.join(path)} has no comment")
            comment = []
        elif not stripped:
            comment = []


def _at(values: Any, path: Sequence[str]) -> object:  # noqa: ANN401  (a document)
    for key in path:
        values = values[key]
    return values


def tables(text: str) -> str:
    """Return a table for each section."""
    parts: list[str] = []
    section = ""
    for row in documented(text):
        if row.section != section:
            section = row.section
            parts += ["", f"### {section}", "", "| value | default | meaning |", "|---|---|---|"]
        default = json.dumps(row.default).replace("|", "\\|")
        parts.append(f"| `{'.'.join(row.path)}` | `{default}` | {row.text.replace('|', '&#124;')} |")
    return "\n".join(parts).lstrip("\n") + "\n"


def page(committed: str) -> str:
    """Return the page with everything between its marks made anew."""

    def anew(match: re.Match[str]) -> str:
        if match[2] == "values":
            return f"{match[1]}{tables((CHART / 'values.yaml').read_text(encoding='utf-8'))}{match[5]}"
        return f"{match[1]}```yaml\n{(CHART / match[3]).read_text(encoding='utf-8')}```\n{match[5]}"

    return _BLOCK.sub(anew, committed)


def run(arguments: Sequence[str]) -> int:
    """Write the page, or compare it."""
    committed = PAGE.read_text(encoding="utf-8")
    text = page(committed)
    if list(arguments) != ["--check"]:
        PAGE.write_text(text, encoding="utf-8")
        return 0
    if committed == text:
        return 0
    name = PAGE.relative_to(CHART.parent.parent).as_posix()
    print("\n".join(difflib.unified_diff(committed.splitlines(), text.splitlines(), name, "made anew", lineterm="")))
    print(f"{name} is out of date: run `make docs`", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
