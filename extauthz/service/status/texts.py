"""Texts of any origin, made fit to be shown: printable, bounded; and durations in words."""

from typing import Final

NAME_CHARACTERS: Final = 200
"""Of a name: a label, a subject, an address."""
SENTENCE_CHARACTERS: Final = 600
"""Of a problem. Those of the configuration have a place, what is wrong, and what would be right."""
SHOWN_SENTENCES: Final = 20
"""Of a list of problems. Whoever has more begins with these; the log has all."""
_MINUTE: Final = 60
_HOUR: Final = 3600
_DAY: Final = 86_400


def shown(text: str, most: int = NAME_CHARACTERS) -> str:
    """Return a text without what is invisible or turns the direction of its neighbours, cut to so many characters.

    What Python does not count as printable is written as an escape. Markup is none of its business.
    """
    cut = text if len(text) <= most else f"{text[: most - 1]}…"
    if cut.isprintable():
        return cut
    return "".join(one if one.isprintable() else f"\\u{{{ord(one):x}}}" for one in cut)


def sentences(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Return sentences fit to be shown, the first of them, and how many more there are."""
    first = tuple(shown(one, SENTENCE_CHARACTERS) for one in texts[:SHOWN_SENTENCES])
    more = len(texts) - len(first)
    return (*first, f"and {more} more; the log has all of them") if more else first


def duration(seconds: float) -> str:
    """Return a length of time in its two largest units, rounded down: ``3 d 4 h``, ``5 min 0 s``, ``7 s``."""
    whole = int(abs(seconds))
    if whole >= _DAY:
        return f"{whole // _DAY} d {whole % _DAY // _HOUR} h"
    if whole >= _HOUR:
        return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"
    return f"{whole // _MINUTE} min {whole % _MINUTE} s" if whole >= _MINUTE else f"{whole} s"
