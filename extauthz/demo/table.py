"""A plain ASCII table that fits a terminal."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 120
"""Columns that the widest table takes."""
MINIMUM = 8
"""No column is cut below this width: less says nothing."""
_GAP = "  "
_CUT = "..."


@dataclass(frozen=True, slots=True)
class Column:
    """One column. A column that may be cut gives way when the table would be too wide; ``right`` aligns numbers."""

    title: str
    right: bool = False
    may_be_cut: bool = False


def render_table(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int = WIDTH) -> list[str]:
    """Return the lines of the table: titles, a rule, one line a row.

    The widest column that may be cut is cut first, down to ``MINIMUM``; when that is not enough the table is wider
    than ``width``. Characters outside printable ASCII stand as ``?``.
    """
    cells = [[_printable(cell) for cell in row] for row in rows]
    widths = [max(len(column.title), *(len(row[i]) for row in cells), 0) for i, column in enumerate(columns)]
    _shrink(columns, widths, width)
    rule = ["-" * one for one in widths]
    titles = [column.title for column in columns]
    return [_line(columns, widths, row) for row in (titles, rule, *cells)]


def _shrink(columns: Sequence[Column], widths: list[int], width: int) -> None:
    excess = sum(widths) + len(_GAP) * (len(widths) - 1) - width
    while excess > 0:
        candidates = [i for i, column in enumerate(columns) if column.may_be_cut and widths[i] > MINIMUM]
        if not candidates:
            return
        widths[max(candidates, key=lambda i: widths[i])] -= 1
        excess -= 1


def _line(columns: Sequence[Column], widths: Sequence[int], row: Sequence[str]) -> str:
    cells = []
    for column, width, cell in zip(columns, widths, row, strict=True):
        shown = cell if len(cell) <= width else cell[: width - len(_CUT)] + _CUT
        cells.append(shown.rjust(width) if column.right else shown.ljust(width))
    return _GAP.join(cells).rstrip()


def _printable(text: str) -> str:
    return "".join(character if " " <= character <= "~" else "?" for character in text)
