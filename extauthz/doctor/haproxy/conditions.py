"""What stands behind ``if`` and ``unless``, as far as it is about the answer that a script left in a variable."""

import enum
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

_WORDS: Final = frozenset({"if", "unless"})
_OR: Final = frozenset({"or", "||"})
_VARIABLE: Final = re.compile(r"var\(([^,)]+)")
_CONSTANT: Final = re.compile(r"^(?:str|bool|int)\((.*)\)$")
_DENYING: Final = frozenset(
    {"0", "401", "403", "deny", "denied", "error", "fail", "failed", "false", "no", "none", "off"}
)
"""Values that are no allowance, whatever a script means by them."""


class Enforcement(enum.Enum):
    """Whom a rule that refuses requests refuses."""

    FULL = enum.auto()
    """Every request for which no variable says that it is allowed."""
    PARTIAL = enum.auto()
    """The same, but for some requests or of some."""
    OPEN = enum.auto()
    """Those for which a variable says so: not those for which the script failed."""
    NONE = enum.auto()
    """It is not about a variable."""


@dataclass(frozen=True, slots=True)
class _Term:
    test: str
    negated: bool

    @property
    def is_answer(self) -> bool:
        """Whether it holds for whoever a script allowed: not if any answer will do, or a denial."""
        if not self.asks_a_variable or "-m found" in self.test:
            return False
        return _DENYING.isdisjoint(self.test.partition(")")[2].split())

    @property
    def asks_a_variable(self) -> bool:
        """Whether it is about what somebody left in a variable."""
        return "var(" in self.test


def has_condition(words: Sequence[str]) -> bool:
    """Say whether a rule holds under a condition."""
    return not _WORDS.isdisjoint(words)


def enforcement(words: Sequence[str], acls: Mapping[str, str]) -> Enforcement:
    """Return what a rule that refuses does; ``acls`` are names -> what they test."""
    position = next((index for index, word in enumerate(words) if word in _WORDS), None)
    if position is None:
        return Enforcement.FULL  # it refuses everything
    alternatives = list(_alternatives(words[position + 1 :], acls))
    if not any(term.asks_a_variable for terms in alternatives for term in terms):
        return Enforcement.NONE
    return _if(alternatives) if words[position] == "if" else _unless(alternatives)


def allowing_variables(words: Sequence[str], acls: Mapping[str, str]) -> Iterator[str]:
    """Yield the variables that say to a rule that a request is allowed."""
    position = next((index for index, word in enumerate(words) if word in _WORDS), len(words))
    for term in _terms(words[position + 1 :], acls):
        if term is not None and term.is_answer:
            yield from _VARIABLE.findall(term.test)


def denies(value: Sequence[str]) -> bool:
    """Say whether what is put into a variable is a denial, in some word for it."""
    return bool(value) and _CONSTANT.sub(r"\1", value[0]).strip("\"'").lower() in _DENYING


def _if(alternatives: list[list[_Term]]) -> Enforcement:
    refusing = [terms for terms in alternatives if any(term.is_answer and term.negated for term in terms)]
    if any(all(term.is_answer and term.negated for term in terms) for terms in refusing):
        return Enforcement.FULL
    return Enforcement.PARTIAL if refusing else Enforcement.OPEN


def _unless(alternatives: list[list[_Term]]) -> Enforcement:
    letting_in = [any(term.is_answer and not term.negated for term in terms) for terms in alternatives]
    if all(letting_in):
        return Enforcement.FULL
    return Enforcement.PARTIAL if any(letting_in) else Enforcement.OPEN


def _alternatives(words: Sequence[str], acls: Mapping[str, str]) -> Iterator[list[_Term]]:
    terms: list[_Term] = []
    for term in _terms(words, acls):
        if term is None:
            yield terms
            terms = []
        else:
            terms.append(term)
    yield terms


def _terms(words: Sequence[str], acls: Mapping[str, str]) -> Iterator[_Term | None]:
    """Yield each test of a condition, and None for each ``or``."""
    negated = False
    inside: list[str] | None = None
    for word in words:
        if inside is not None:
            if word == "}":
                yield _Term(" ".join(inside), negated)
                inside, negated = None, False
            else:
                inside.append(word)
        elif word in _OR:
            yield None
        elif word in {"!", "{", "!{"}:
            negated ^= word.startswith("!")
            inside = [] if word.endswith("{") else None
        else:
            name = word.removeprefix("!")
            yield _Term(acls.get(name, ""), negated ^ word.startswith("!"))
            negated = False
