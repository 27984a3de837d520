"""The syntax of haproxy.cfg: sections of lines, lines of words, quotes and comments."""

import re
from dataclasses import dataclass
from typing import Final

from extauthz.doctor.code import Code
from extauthz.doctor.finding import Finding, UnreadableError

_SECTIONS: Final = frozenset(
    {
        "global", "defaults", "frontend", "backend", "listen", "cache", "crt-store", "fcgi-app", "http-errors",
        "log-forward", "log-profile", "mailers", "peers", "program", "resolvers", "ring", "traces", "userlist",
    }
)  # fmt: skip
_WORD: Final = re.compile(r"""(?:\\.|"(?:\\.|[^"\\])*"|'[^']*'|[^\s"'\\#])+""")
_GAP: Final = re.compile(r"\s*(?:#.*)?")
_PIECE: Final = re.compile(
    r"""\\(?P<escaped>.)|"(?P<double>(?:\\.|[^"\\])*)"|'(?P<single>[^']*)'|(?P<plain>[^\s"'\\#]+)"""
)
_ESCAPED: Final = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a section, as words without their quotes."""

    words: tuple[str, ...]
    file: str
    number: int
    section: str
    """The first line of the section around, for a finding."""

    def found(self, code: Code, detail: str = "") -> Finding:
        """Return a finding about this line."""
        path = f"{self.section} > {self.words[0]}" if " ".join(self.words) != self.section else self.section
        return Finding(code=code, file=self.file, line=self.number, path=path, detail=detail or str(self))

    def __str__(self) -> str:
        return " ".join(self.words)


@dataclass(frozen=True, slots=True)
class Section:
    """One section: its first line, and those below it."""

    head: Line
    lines: tuple[Line, ...]

    @property
    def kind(self) -> str:
        """What it is, such as ``frontend``."""
        return self.head.words[0]

    @property
    def name(self) -> str:
        """Its name; empty for those that have none."""
        return self.head.words[1] if len(self.head.words) > 1 else ""


def parse(text: str, file: str) -> list[Section]:
    """Parse a whole file. Raises UnreadableError with the line of what is wrong."""
    sections: list[tuple[Line, list[Line]]] = []
    for number, raw in enumerate(text.splitlines(), 1):
        words = _words(raw, file, number)
        if words and words[0] in _SECTIONS:
            sections.append((Line(words, file, number, " ".join(words)), []))
        elif words and sections:
            head, lines = sections[-1]
            lines.append(Line(words, file, number, str(head)))
        elif words and not words[0].startswith("."):  # .if and the like may stand before the first section
            raise UnreadableError(f"{file}:{number}: this is not a configuration of HAProxy: it begins with no section")
    return [Section(head, tuple(lines)) for head, lines in sections]


def _words(raw: str, file: str, number: int) -> tuple[str, ...]:
    words, position = [], 0
    while (position := _end_of_gap(raw, position)) < len(raw):
        word = _WORD.match(raw, position)
        if word is None:
            raise UnreadableError(
                f"{file}:{number}: this is not a configuration of HAProxy: a quote or a line does not end"
            )
        words.append("".join(map(_plain, _PIECE.finditer(word[0]))))
        position = word.end()
    return tuple(words)


def _end_of_gap(raw: str, position: int) -> int:
    gap = _GAP.match(raw, position)
    return len(raw) if gap is None else gap.end()


def _plain(piece: re.Match[str]) -> str:
    if piece["double"] is not None:
        return _ESCAPED.sub(r"\1", piece["double"])
    return piece["escaped"] or piece["single"] or piece["plain"] or ""
