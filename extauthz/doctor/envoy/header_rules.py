"""Headers on their way to extauthz, and identity headers on their way to the upstream."""

from collections.abc import Iterator

import re2

from extauthz.doctor.code import Code
from extauthz.doctor.envoy.view import EnvoyView
from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding
from extauthz.doctor.located import Located
from extauthz.doctor.wiring import XFCC


def source_header(view: EnvoyView, wants: Expectations) -> Iterator[Finding]:
    """Expect that the header that a source reads is among those that Envoy sends."""
    for chain in view.authorized_chains:
        for authorizer in chain.authorizers:
            over_http = authorizer.asks_over_http
            if not (wants.reads("xfcc") or over_http):
                continue
            disallowed = authorizer.config["disallowed_headers"]
            if matches(disallowed, XFCC):
                yield disallowed.found(Code.ENVOY_SOURCE_HEADER_DROPPED, XFCC)
                continue
            allowed = authorizer.config["allowed_headers"]
            older = authorizer.config.at("http_service", "authorization_request", "allowed_headers")
            # Without a list gRPC sends every header, and HTTP none but the few that it always sends.
            limited = over_http or allowed.given
            if limited and not matches(allowed, XFCC) and not matches(older, XFCC):
                yield allowed.found(Code.ENVOY_SOURCE_HEADER_DROPPED, XFCC)


def identity_over_http(view: EnvoyView, wants: Expectations) -> Iterator[Finding]:
    """Expect that every identity header of the answer replaces what the client sent under its name."""
    for chain in view.authorized_chains:
        for authorizer in chain.authorizers:
            if authorizer.asks_over_http:
                node = authorizer.config.at("http_service", "authorization_response", "allowed_upstream_headers")
                missing = [name for name in wants.identity_headers if not matches(node, name)]
                if missing:
                    yield node.found(Code.ENVOY_HTTP_IDENTITY_NOT_COPIED, ", ".join(missing))


def mutations(view: EnvoyView, wants: Expectations) -> Iterator[Finding]:
    """Expect that nothing keeps extauthz from setting and removing identity headers."""
    for chain in view.authorized_chains:
        for authorizer in chain.authorizers:
            rules = authorizer.config["decoder_header_mutation_rules"]
            refused = [name for name in wants.identity_headers if _is_refused(rules, name)]
            if refused:
                yield rules.found(Code.ENVOY_MUTATIONS_REFUSED, ", ".join(refused))


def matches(patterns: Located, name: str) -> bool:
    """Say whether a list of string matchers has one for a header's name, given in lower case."""
    return any(matches_one(one, name) for one in patterns["patterns"].items)


def matches_one(matcher: Located, name: str) -> bool:
    """Say whether a string matcher is for a text; where it ignores case, in lower case."""
    exact, prefix, suffix, inside = (matcher[one].text for one in ("exact", "prefix", "suffix", "contains"))
    if matcher["ignore_case"].is_true:
        exact, prefix, suffix, inside = exact.lower(), prefix.lower(), suffix.lower(), inside.lower()
    if exact:
        return name == exact
    if prefix:
        return name.startswith(prefix)
    if suffix:
        return name.endswith(suffix)
    if inside:
        return inside in name
    return _fits(matcher.at("safe_regex", "regex").text, name)


def _is_refused(rules: Located, name: str) -> bool:
    """Say what Envoy's rules do with a name, in the order in which they override each other."""
    if _fits(rules.at("disallow_expression", "regex").text, name):
        return True
    if _fits(rules.at("allow_expression", "regex").text, name):
        return False
    return rules["disallow_all"].is_true


def _fits(expression: str, name: str) -> bool:
    if not expression:
        return False
    try:
        return re2.fullmatch(expression, name) is not None
    except re2.error:  # Envoy would refuse it too
        return False
