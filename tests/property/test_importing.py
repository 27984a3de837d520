"""Imports: whatever the matcher, the policy takes no name that Envoy's matcher does not."""

import re
from string import ascii_letters

from hypothesis import given
from hypothesis import strategies as st

from extauthz.config.typed_san import SAN_RULES
from extauthz.importing.san_pattern import CannotExpressError, Kind, SanType, StringMatcher, escaped, san_patterns
from extauthz.model.identity import SubjectAltName
from extauthz.model.outcome import Pass
from support.identities import identity

PARTS = st.sampled_from(["a", "B", ".", "*", "@", "/", ":", "re:", "10", "+", "\\", "[", "(", "|", "$", "é", "1"])
TEXTS = st.lists(PARTS, min_size=1, max_size=6).map("".join)
LITERAL: list[Kind] = ["exact", "prefix", "suffix", "contains"]
MATCHERS = st.builds(StringMatcher, st.sampled_from(LITERAL), TEXTS, st.booleans())
TYPES: list[SanType] = ["dns", "uri", "email", "upn"]


def accepts(matcher: StringMatcher, san_type: str, name: str) -> bool:
    """Say what Envoy would, but for letter case that does not count in a host."""
    text = matcher.text
    if matcher.ignore_case or san_type == "dns":
        text, name = text.lower(), name.lower()
    if san_type in ("email", "upn"):
        folded = {text, _lower_host(text), *([text.lower()] if matcher.kind in ("suffix", "contains") else [])}
        return any(_compares(matcher.kind, one, other) for one in folded for other in (name, _lower_host(name)))
    if san_type == "dns" and matcher.kind == "exact" and name.startswith("*."):
        return name == text or name[2:] == text.partition(".")[2]
    return _compares(matcher.kind, text, name)


def _compares(kind: Kind, text: str, name: str) -> bool:
    match kind:
        case "exact":
            return name == text
        case "prefix":
            return name.startswith(text)
        case "suffix":
            return name.endswith(text)
    return text in name


def _lower_host(text: str) -> str:
    local, at, host = text.rpartition("@")
    return local + at + host.lower()


@given(MATCHERS, st.sampled_from(TYPES), TEXTS, TEXTS, st.booleans())
def test_no_name_is_taken_that_envoy_would_refuse(
    matcher: StringMatcher, san_type: SanType, before: str, after: str, around: bool
) -> None:
    name = before + matcher.text + after if around else before
    try:
        patterns = san_patterns(san_type, matcher)
    except CannotExpressError:
        return
    rule = SAN_RULES[san_type](patterns)
    taken = isinstance(rule.check(identity(sans=(SubjectAltName(san_type, name),))), Pass)
    assert not taken or accepts(matcher, san_type, name)


@given(MATCHERS, st.sampled_from(["uri", "dns"]), TEXTS)
def test_the_text_itself_is_taken(matcher: StringMatcher, san_type: SanType, around: str) -> None:
    name = {
        "exact": matcher.text,
        "prefix": matcher.text + around,
        "suffix": around + matcher.text,
        "contains": around + matcher.text + around,
    }[matcher.kind]
    rule = SAN_RULES[san_type](san_patterns(san_type, matcher))
    assert isinstance(rule.check(identity(sans=(SubjectAltName(san_type, name),))), Pass)


@given(st.text(alphabet=ascii_letters + r"\.+*?()|[]{}^$ @/:-#é", max_size=12))
def test_an_escaped_text_matches_itself(text: str) -> None:
    assert re.fullmatch(escaped(text), text) is not None
