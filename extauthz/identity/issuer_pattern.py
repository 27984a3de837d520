"""Which issuers the operator means: an exact DN, or an expression over the whole DN text."""

from typing import Final, Protocol

import re2

from extauthz.identity.names import NameKey, name_key_from_string

REGEX_PREFIX: Final = "re:"
_MEMORY_LIMIT: Final = 1 << 20
"""Bytes that RE2 may use for one expression: ample for any name, and a bound for a mistake."""


class IssuerPattern(Protocol):
    """One compiled pattern. ``text`` is what the operator wrote."""

    @property
    def text(self) -> str:
        """The pattern as written."""
        ...

    def matches(self, issuer_dn: str, issuer_key: NameKey) -> bool:
        """Say whether an issuer, given by text and comparison form, is meant."""
        ...


class _ExactIssuer:
    __slots__ = ("_key", "text")

    def __init__(self, text: str, key: NameKey) -> None:
        self.text = text
        self._key = key

    def matches(self, issuer_dn: str, issuer_key: NameKey) -> bool:
        """Compare by RFC 5280 §7.1: letter case and spaces do not count."""
        del issuer_dn
        return issuer_key == self._key


class _RegexIssuer:
    __slots__ = ("_expression", "text")

    def __init__(self, text: str, expression: "re2._Regexp") -> None:
        self.text = text
        self._expression = expression

    def matches(self, issuer_dn: str, issuer_key: NameKey) -> bool:
        """Say whether the expression matches the RFC 4514 text from the first character to the last."""
        del issuer_key
        return self._expression.fullmatch(issuer_dn) is not None


def issuer_pattern(text: str) -> IssuerPattern:
    """Compile ``CN=…,O=…`` or ``re:EXPRESSION`` (RE2, linear in time). Raises ``ValueError`` with a sentence."""
    if not text.startswith(REGEX_PREFIX):
        key = name_key_from_string(text)
        if not key:
            raise ValueError("an empty issuer name; write the issuer's DN, or 're:' and an expression over it")
        return _ExactIssuer(text, key)
    source = text.removeprefix(REGEX_PREFIX)
    if not source:
        raise ValueError("the expression after 're:' is empty")
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY_LIMIT
    try:
        return _RegexIssuer(text, re2.compile(source, options))
    except re2.error as error:
        raise ValueError(f"RE2 refuses the expression {source!r}: {_sentence(error)}") from None


def _sentence(error: Exception) -> str:
    return error.args[0].decode(errors="replace") if isinstance(error.args[0], bytes) else str(error)
