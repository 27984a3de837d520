"""``dns:*.example.com``: one subjectAltName pattern with its type, for the callers of a listener."""

from collections.abc import Callable, Sequence

from extauthz.policy.patterns import PatternError
from extauthz.policy.rules.all_of import AllOf
from extauthz.policy.rules.any_of import any_of_rule
from extauthz.policy.rules.base import Rule
from extauthz.policy.rules.subject_alt_name import (
    san_dns_rule,
    san_email_rule,
    san_ip_rule,
    san_upn_rule,
    san_uri_rule,
)

SAN_RULES: dict[str, Callable[[Sequence[str]], Rule]] = {
    "dns": san_dns_rule,
    "ip": san_ip_rule,
    "uri": san_uri_rule,
    "email": san_email_rule,
    "upn": san_upn_rule,
}
"""Type of a subjectAltName -> what compiles a list of patterns for it."""


def typed_san_rule(text: str) -> Rule:
    """Compile ``TYPE:PATTERN``. Raises PatternError."""
    san_type, separator, pattern = text.partition(":")
    if not separator or san_type not in SAN_RULES or not pattern:
        raise PatternError(
            f"{text!r} is not a typed name; write one of {', '.join(SAN_RULES)}, a colon and a pattern, "
            "such as 'dns:*.example.com'"
        )
    return SAN_RULES[san_type]([pattern])


def any_of_sans(texts: Sequence[str]) -> Rule:
    """Compile a list of ``TYPE:PATTERN`` of which one must hold. Raises PatternError."""
    return any_of_rule([AllOf((typed_san_rule(text),)) for text in texts])
