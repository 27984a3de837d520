"""``extended_key_usage``: the purposes that the leaf asserts (RFC 5280 §4.2.1.12).

A certificate without the extension asserts no purpose and does not match; ``anyExtendedKeyUsage`` matches only where
it is asked for by name.
"""

from collections.abc import Sequence

from extauthz.identity.key_purposes import EXTENDED_KEY_USAGES
from extauthz.model.reason import Reason
from extauthz.policy.patterns import ExactPattern, PatternError
from extauthz.policy.rules.base import Rule
from extauthz.policy.rules.policy_oids import dotted_oid
from extauthz.policy.rules.quantified import Quantifier, quantified_rule

EXTENDED_KEY_USAGE = "extended_key_usage"
"""The rule's key."""
_KNOWN_NAMES = frozenset(EXTENDED_KEY_USAGES.values())


def extended_key_usage_rule(usages: Sequence[str], quantifier: Quantifier = Quantifier.ANY) -> Rule:
    """Require these usages, by name (``clientAuth``) or dotted OID. Raises PatternError."""
    wanted = [ExactPattern(usage, _shown_name(usage)) for usage in usages]
    return quantified_rule(
        EXTENDED_KEY_USAGE,
        Reason.EXTENDED_KEY_USAGE_NOT_ALLOWED,
        lambda identity: identity.extended_key_usage,
        wanted,
        quantifier,
    )


def _shown_name(usage: str) -> str:
    """Return the usage as an identity shows it: by name where it has one."""
    if usage in _KNOWN_NAMES:
        return usage
    if not usage[:1].isdigit():
        raise PatternError(f"{usage!r} is no known extended key usage; known are {', '.join(sorted(_KNOWN_NAMES))}")
    return EXTENDED_KEY_USAGES.get(dotted_oid(usage), usage)
