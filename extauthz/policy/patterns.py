"""Patterns: exact by default, ``*`` for one segment, ``**`` for any number, ``re:`` for a whole-value expression.

A pattern is compiled once, at load, into a value that cannot be wrong, and always covers the whole value: there is no
unanchored match here. Regular expressions run on RE2, whose time is linear in the input whatever the expression.
"""

from dataclasses import dataclass
from typing import Protocol

import re2

REGEX_PREFIX = "re:"
ONE_SEGMENT = "*"
ANY_SEGMENTS = "**"
REGEX_MEMORY_LIMIT = 1 << 20
"""Bytes that RE2 may use for one expression: ample for any name pattern, and a bound for a mistake."""


class PatternError(ValueError):
    """A pattern that cannot be compiled; the message is one sentence for the operator."""


class Pattern(Protocol):
    """One compiled pattern. ``text`` is what the operator wrote."""

    @property
    def text(self) -> str:
        """The pattern as written."""
        ...

    def matches(self, value: str) -> bool:
        """Say whether the whole value matches."""
        ...


@dataclass(frozen=True, slots=True)
class ExactPattern:
    """Equality, nothing else."""

    text: str
    value: str

    def matches(self, value: str) -> bool:
        """Say whether the value is exactly this one."""
        return value == self.value


@dataclass(frozen=True, slots=True)
class RegexPattern:
    """An RE2 expression that must match the whole value."""

    text: str
    expression: "re2._Regexp"

    def matches(self, value: str) -> bool:
        """Say whether the expression matches from the first character to the last."""
        try:
            return self.expression.fullmatch(value) is not None
        except UnicodeEncodeError:  # lone surrogates: bytes that were not UTF-8 match no pattern
            return False


@dataclass(frozen=True, slots=True)
class SegmentPattern:
    """A pattern with wildcards, compared segment by segment."""

    text: str
    separator: str
    parts: tuple[str, ...]

    def matches(self, value: str) -> bool:
        """Say whether the whole value matches, segment by segment."""
        return segments_match(self.parts, value.split(self.separator))


def segments_match(parts: tuple[str, ...], segments: list[str]) -> bool:
    """Match segments against parts; ``*`` takes one segment that is not empty, ``**`` any number, none included.

    Only the last ``**`` ever needs another try, so the work is bounded by ``len(parts) * len(segments)``.
    """
    if ANY_SEGMENTS not in parts:
        return len(parts) == len(segments) and all(map(_segment_matches, parts, segments))
    part = segment = 0
    retry_part = retry_segment = -1
    while segment < len(segments):
        if part < len(parts) and parts[part] == ANY_SEGMENTS:
            retry_part, retry_segment = part, segment
            part += 1
        elif part < len(parts) and _segment_matches(parts[part], segments[segment]):
            part += 1
            segment += 1
        elif retry_part >= 0:
            retry_segment += 1
            part, segment = retry_part + 1, retry_segment
        else:
            return False
    return all(rest == ANY_SEGMENTS for rest in parts[part:])


def _segment_matches(part: str, segment: str) -> bool:
    return segment != "" if part == ONE_SEGMENT else part == segment


def compile_segments(text: str, separator: str, *, lower: bool) -> Pattern:
    """Compile a pattern over values with segments (host labels, path or URI segments, mailbox parts).

    ``lower``: letter case does not count, and the values come in lower case.
    """
    if text.startswith(REGEX_PREFIX):
        return compile_regex(text, caseless=lower)
    value = text.lower() if lower else text
    parts = tuple(value.split(separator))
    for part in parts:
        if "*" in part and part not in (ONE_SEGMENT, ANY_SEGMENTS):
            raise PatternError(f"'*' must stand for a whole segment, not for a part of {part!r}; use a 're:' pattern")
    if ONE_SEGMENT in parts or ANY_SEGMENTS in parts:
        return SegmentPattern(text, separator, parts)
    return ExactPattern(text, value)


def compile_text(text: str) -> Pattern:
    """Compile a pattern over values without segments (a common name, an organization)."""
    if text.startswith(REGEX_PREFIX):
        return compile_regex(text)
    if "*" in text:
        raise PatternError(f"'*' has no meaning in {text!r}, which has no segments; use a 're:' pattern")
    return ExactPattern(text, text)


def compile_regex(text: str, *, caseless: bool = False) -> RegexPattern:
    """Compile ``re:EXPRESSION``; look-around and back-references are refused, as RE2 has neither.

    ``caseless`` is for values that are compared in lower case: an expression with a capital would never match.
    """
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = not caseless
    options.max_mem = REGEX_MEMORY_LIMIT
    source = text.removeprefix(REGEX_PREFIX)
    if not source:
        raise PatternError("the expression after 're:' is empty, so it would match only an empty value")
    try:
        return RegexPattern(text, re2.compile(source, options))
    except re2.error as error:
        raise PatternError(f"RE2 refuses the expression {source!r}: {_sentence(error)}") from None


def _sentence(error: Exception) -> str:
    first = error.args[0] if error.args else "no reason given"
    return first.decode(errors="replace") if isinstance(first, bytes) else str(first)


def matching(patterns: tuple[Pattern, ...], values: tuple[str, ...]) -> tuple[str, str] | None:
    """Return the first (value, pattern text) that match, or None."""
    for value in values:
        for pattern in patterns:
            if pattern.matches(value):
                return value, pattern.text
    return None
