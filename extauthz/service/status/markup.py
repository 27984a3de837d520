"""HTML in small pieces. ``Markup`` is text that is HTML already; nothing else gets into a page but through ``text``."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Final, NewType

from extauthz.service.status.model import Standing
from extauthz.service.status.texts import duration

Markup = NewType("Markup", str)

NOTHING: Final = Markup('<span class="none">none</span>')
_STANDING_WORDS: Final = {Standing.GOOD: "ok", Standing.ATTENTION: "attention", Standing.BAD: "problem"}


def text(value: str) -> Markup:
    """Escape a text. It keeps its direction to itself."""
    return Markup(f"<bdi>{escape(value, quote=True)}</bdi>")


def code(value: str) -> Markup:
    """Return an exact value: an address, a digest."""
    return Markup(f"<code>{escape(value, quote=True)}</code>")


def number(value: int) -> Markup:
    """Return a count."""
    return Markup(f"{value:,}")


def yes_no(*, value: bool) -> Markup:
    """Return a truth value."""
    return Markup("yes" if value else "no")


def joined(parts: Iterable[Markup], between: str = " ") -> Markup:
    """Put pieces together. ``between`` is HTML."""
    return Markup(between.join(parts))


def moment(value: datetime | None) -> Markup:
    """Return a time, to the second; the attribute has the milliseconds."""
    if value is None:
        return NOTHING
    exact = value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return Markup(f'<time datetime="{exact}">{exact[:10]} {exact[11:19]}Z</time>')


def span(earlier: datetime, later: datetime) -> Markup:
    """Return the time between two moments in words; the attribute has the whole seconds."""
    seconds = int((later - earlier).total_seconds())
    return Markup(f'<data value="{seconds}">{duration(seconds)}</data>')


def until(at: datetime, end: datetime) -> Markup:
    """Return how long it is to a moment, or since it."""
    seconds = int((end - at).total_seconds())
    words = f"in {duration(seconds)}" if end >= at else f"{duration(seconds)} ago"
    return Markup(f'<data value="{seconds}">{words}</data>')


def badge(standing: Standing, words: str | None = None) -> Markup:
    """Return a standing: a word, which a colour only repeats."""
    shown = _STANDING_WORDS[standing] if words is None else words
    return Markup(f'<span class="badge {standing.value}">{escape(shown, quote=True)}</span>')


def bullets(sentences: Sequence[str]) -> Markup:
    """Return a list of sentences; one alone needs no bullet."""
    if len(sentences) == 1:
        return Markup(f'<div class="sentence">{text(sentences[0])}</div>')
    return Markup(f"<ul>{joined(Markup(f'<li>{text(one)}</li>') for one in sentences)}</ul>")


def facts(rows: Iterable[tuple[str, Markup]]) -> Markup:
    """Return a list of names and values. The names are ours."""
    pairs = joined(Markup(f"<div><dt>{name}</dt><dd>{value}</dd></div>") for name, value in rows)
    return Markup(f"<dl>{pairs}</dl>")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    head: str
    numeric: bool = False

    @property
    def of_class(self) -> str:
        """The attribute of its cells."""
        return ' class="n"' if self.numeric else ""


def table(name: str, caption: str, columns: Sequence[Column], rows: Sequence[Sequence[Markup]]) -> Markup:
    """Return a table. The first cell of each row is its head. On a narrow screen it scrolls by itself.

    ``name`` identifies it in the page; caption and heads are ours.
    """
    heads = joined(Markup(f'<th scope="col"{one.of_class}>{one.head}</th>') for one in columns)
    body = joined((_row(columns, cells) for cells in rows), "\n")
    return Markup(
        f'<div class="wide" role="region" aria-labelledby="{name}-caption" tabindex="0"><table>'
        f'<caption id="{name}-caption">{caption}</caption>\n<thead><tr>{heads}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody></table></div>"
    )


def section(name: str, title: str, *content: Markup) -> Markup:
    """Return a part of the page, with a title of ours."""
    inside = joined(content, "\n")
    return Markup(
        f'<section id="{name}" aria-labelledby="{name}-title"><h2 id="{name}-title">{title}</h2>\n{inside}</section>'
    )


def paragraph(words: Markup) -> Markup:
    """Return a paragraph."""
    return Markup(f"<p>{words}</p>")


def _row(columns: Sequence[Column], cells: Sequence[Markup]) -> Markup:
    first, *rest = zip(columns, cells, strict=True)
    others = joined((Markup(f"<td{column.of_class}>{cell}</td>") for column, cell in rest), "")
    return Markup(f'<tr><th scope="row"{first[0].of_class}>{first[1]}</th>{others}</tr>')
