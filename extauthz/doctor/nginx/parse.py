"""The syntax of nginx.conf: words, blocks, comments and quotes, and nothing of what the directives mean.

The parser that F5 publishes for Python (crossplane) had its last release years ago and calls itself alpha. This one is
smaller than the code that would fit that one in, and it keeps the line of every directive.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from extauthz.doctor.finding import UnreadableError

DEEPEST_BLOCK = 32
"""Levels. http, server, location, a location in it, if: files of real programs have five or six."""

_SPACE = re.compile(r"(?:\s|#[^\n]*)+")
_QUOTED = re.compile(r"""(["'])((?:\\.|(?!\1)[^\\])*)\1""", re.DOTALL)
_WORD = re.compile(r"(?:\\.|\$\{[^}]*\}|[^\s;{}\\])+", re.DOTALL)
_ESCAPED = re.compile(r"""\\(["'\\ ;{}])""")
_NAMED = frozenset({"error_page", "location", "upstream"})
"""Directives that nginx does not take without a word behind them."""
_PROGRAM = "_by_lua_block"
"""Directives with this end have a program in Lua in their braces."""
_PROGRAM_PARTS = re.compile(r""""(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|--[^\n]*|[{}]""", re.DOTALL)
"""Texts and comments of Lua, in which braces are no braces, and braces."""


@dataclass(frozen=True, slots=True, eq=False)
class Directive:
    """One directive with its arguments, without quotes; ``block`` is None where it ends with a semicolon.

    Equal only to itself: the same words stand in many places.
    """

    name: str
    arguments: tuple[str, ...]
    file: str
    line: int
    block: "tuple[Directive, ...] | None" = None

    def own(self, name: str) -> "list[Directive]":
        """Return the directives of this name directly in the block."""
        return [one for one in self.block or () if one.name == name]

    def __str__(self) -> str:
        return " ".join((self.name, *self.arguments))


def parse(text: str, file: str) -> tuple[Directive, ...]:
    """Parse a whole file. Raises UnreadableError with the line of what is wrong."""
    return _Parser(text, file).parse()


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    line: int
    is_sign: bool
    """One of ``;``, ``{`` and ``}``, rather than a word."""


class _Parser:
    def __init__(self, text: str, file: str) -> None:
        self._text = text
        self._file = file
        self._position = 0
        self._line = 1

    def parse(self) -> tuple[Directive, ...]:
        return tuple(self._block(depth=0))

    def _block(self, depth: int) -> Iterator[Directive]:
        if depth > DEEPEST_BLOCK:
            raise self._error(f"blocks are nested more than {DEEPEST_BLOCK} levels deep")
        while (token := self._next()) is not None:
            if token.is_sign and token.text == "}":
                if depth == 0:
                    raise self._error("a } without its {")
                return
            if token.is_sign:
                raise self._error(f"a directive cannot begin with {token.text}")
            yield self._directive(token, depth)
        if depth > 0:
            raise self._error("a block does not end")

    def _directive(self, name: _Token, depth: int) -> Directive:
        arguments: list[str] = []
        while (token := self._next()) is not None:
            if not token.is_sign:
                arguments.append(token.text)
            elif not arguments and name.text in _NAMED:
                raise self._error(f"{name.text} has nothing behind it")
            elif token.text == ";":
                return Directive(name.text, tuple(arguments), self._file, name.line)
            elif token.text == "{" and name.text.endswith(_PROGRAM):
                self._skip_program()
                return Directive(name.text, tuple(arguments), self._file, name.line, ())
            elif token.text == "{":
                block = tuple(self._block(depth + 1))
                return Directive(name.text, tuple(arguments), self._file, name.line, block)
            else:
                break
        raise self._error(f"the directive {name.text[:40]!r} does not end with ; or a block")

    def _next(self) -> _Token | None:
        if (space := _SPACE.match(self._text, self._position)) is not None:
            self._advance(space.end())
        if self._position == len(self._text):
            return None
        line, sign = self._line, self._text[self._position]
        if sign in ";{}":
            self._advance(self._position + 1)
            return _Token(sign, line, is_sign=True)
        if sign in "\"'":
            quoted = _QUOTED.match(self._text, self._position)
            if quoted is None:
                raise self._error("a quote does not end")
            self._advance(quoted.end())
            return _Token(_ESCAPED.sub(r"\1", quoted[2]), line, is_sign=False)
        word = _WORD.match(self._text, self._position)
        if word is None:
            raise self._error(f"{sign!r} cannot stand here")
        self._advance(word.end())
        return _Token(_ESCAPED.sub(r"\1", word[0]), line, is_sign=False)

    def _skip_program(self) -> None:
        depth = 1
        for found in _PROGRAM_PARTS.finditer(self._text, self._position):
            depth += {"{": 1, "}": -1}.get(found[0], 0)
            if depth == 0:
                self._advance(found.end())
                return
        raise self._error("a block does not end")

    def _advance(self, to: int) -> None:
        self._line += self._text.count("\n", self._position, to)
        self._position = to

    def _error(self, why: str) -> UnreadableError:
        return UnreadableError(f"{self._file}:{self._line}: this is not an nginx configuration: {why}")
