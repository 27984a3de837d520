"""Envoy's ``StringMatcher`` over subjectAltNames -> patterns of ``require.san``.

A matcher of Envoy looks at the name as text, and minds letter case unless ``ignore_case`` is set. Patterns here know
what sort of name they look at: DNS names have no letter case (RFC 4343) and neither has the host of a mailbox (RFC 5280
§7.5). An ``exact`` matcher of Envoy over DNS names has none either, and takes a wildcard in the certificate for every
name below it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Literal

from extauthz.config.typed_san import SAN_RULES
from extauthz.policy.patterns import REGEX_PREFIX, PatternError

Kind = Literal["exact", "prefix", "suffix", "contains", "safe_regex"]
SanType = Literal["dns", "uri", "email", "upn", "ip"]

_META = re.compile(r"[\\.+*?()|\[\]{}^$]")
"""What means something to RE2. Nothing else is escaped, so that names stay readable."""
_OCTETS = re.compile(r"(?:(?:0|[1-9][0-9]{0,2})\.){1,3}")


class CannotExpressError(ValueError):
    """A matcher without a counterpart; the message is the end of a sentence that starts with it."""


@dataclass(frozen=True, slots=True)
class StringMatcher:
    """What a name must look like."""

    kind: Kind
    text: str
    ignore_case: bool = False

    def __str__(self) -> str:
        return f"{self.kind}: {self.text!r}"


def san_patterns(san_type: SanType, matcher: StringMatcher) -> list[str]:
    """Return the patterns that match what the matcher does, one of which is enough. Raises CannotExpressError."""
    if not matcher.text:
        raise CannotExpressError("is empty: no name could be told by it")
    if not matcher.text.isprintable():
        raise CannotExpressError("holds a character that does not print, which no configuration may hold")
    patterns = _WRITERS[san_type](matcher)
    for pattern in patterns:
        try:
            SAN_RULES[san_type]([pattern])
        except PatternError as error:
            raise CannotExpressError(f"would be {pattern!r}, which cannot be used: {error}") from None
    return patterns


def overlooks_case(san_type: SanType, matcher: StringMatcher) -> str | None:
    """Say where the pattern takes names in other letter case than Envoy would; None where it takes the same."""
    if matcher.ignore_case:
        return None
    if san_type == "dns" and matcher.kind != "exact":
        return "DNS names are compared in any letter case (RFC 4343); Envoy compares them in the one that is written"
    if san_type in ("email", "upn"):
        return "the host after the @ is compared in any letter case (RFC 5280 §7.5); Envoy minds it"
    return None


def escaped(text: str) -> str:
    """Return an RE2 expression that matches this text and nothing else."""
    return _META.sub(lambda found: f"\\{found[0]}", text)


def _dns(matcher: StringMatcher) -> list[str]:
    if matcher.kind != "exact":
        return [_expression(matcher, matcher.text)]
    name = matcher.text.lower()
    _, dot, parent = name.partition(".")
    if not dot or "*" in name:
        return [_literal(name)]
    return [_literal(name), rf"{REGEX_PREFIX}\*\.{escaped(parent)}"]  # the certificate of a wildcard above it


def _uri(matcher: StringMatcher) -> list[str]:
    return [_text_pattern(matcher, matcher.text)]


def _mailbox(matcher: StringMatcher) -> list[str]:
    # What is compared has its host in lower case: the pattern must have it, too. A suffix without @ is part of the
    # host; a prefix without one of the local part; and what is contained could be in either, so it stays as it is,
    # which misses the host where it has capitals: that is stricter.
    text = matcher.text
    if matcher.kind == "suffix" or (matcher.kind in ("exact", "prefix", "contains") and "@" in text):
        local, at, host = text.rpartition("@")
        text = local + at + host.lower()
    return [_text_pattern(matcher, text)]


def _ip(matcher: StringMatcher) -> list[str]:
    text = matcher.text.lower()
    if matcher.kind == "exact":
        try:
            address = ip_address(text)
        except ValueError:
            raise CannotExpressError("is no IP address, so it matches no name of this type") from None
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            raise CannotExpressError("is an IPv4 address in IPv6 form; here it is the same as the plain IPv4 address")
        if str(address) != text:
            raise CannotExpressError(f"is never how Envoy writes an address; that would be {str(address)!r}")
        return [text]
    if matcher.kind == "prefix" and _OCTETS.fullmatch(text):
        octets = text.rstrip(".").split(".")
        return [f"{'.'.join(octets + ['0'] * (4 - len(octets)))}/{8 * len(octets)}"]
    raise CannotExpressError("compares the text of IP addresses; here they are compared as addresses and networks")


_WRITERS: dict[SanType, Callable[[StringMatcher], list[str]]] = {
    "dns": _dns,
    "uri": _uri,
    "email": _mailbox,
    "upn": _mailbox,
    "ip": _ip,
}


def _text_pattern(matcher: StringMatcher, text: str) -> str:
    if matcher.kind == "exact" and not matcher.ignore_case:
        return _literal(text)
    return _expression(matcher, text)


def _literal(text: str) -> str:
    return REGEX_PREFIX + escaped(text) if "*" in text or text.startswith(REGEX_PREFIX) else text


def _expression(matcher: StringMatcher, text: str) -> str:
    if matcher.kind == "safe_regex":  # RE2 over the whole value on both sides; `ignore_case` has no say there
        return REGEX_PREFIX + text
    flags = "(?i)" if matcher.ignore_case else ""
    before = ".*" if matcher.kind in ("suffix", "contains") else ""
    after = ".*" if matcher.kind in ("prefix", "contains") else ""
    return f"{REGEX_PREFIX}{flags}{before}{escaped(text)}{after}"
