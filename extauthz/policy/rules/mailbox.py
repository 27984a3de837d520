"""The shape of the rules on ``local@host`` names: the local part is exact, the host part caseless (RFC 5280 §7.5)."""

from collections.abc import Callable, Sequence

from extauthz.model.identity import CertIdentity
from extauthz.model.reason import Reason
from extauthz.policy.patterns import REGEX_PREFIX, Pattern, compile_segments
from extauthz.policy.rules.base import Rule, ValuesRule


def mailbox_rule(
    key: str, reason: Reason, values: Callable[[CertIdentity], tuple[str, ...]], texts: Sequence[str]
) -> Rule:
    """Require that one of the values matches one of these patterns. Raises PatternError."""
    return ValuesRule(
        key,
        reason,
        lambda identity: tuple([_normal_mailbox(value) for value in values(identity)]),
        tuple(_mailbox_pattern(text) for text in texts),
    )


def _mailbox_pattern(text: str) -> Pattern:
    return compile_segments(text if text.startswith(REGEX_PREFIX) else _normal_mailbox(text), "@", lower=False)


def _normal_mailbox(value: str) -> str:
    local, at, host = value.rpartition("@")
    return local + at + (host.lower() if host.isascii() else "".join([_lower(one) for one in host]))


def _lower(character: str) -> str:
    """Return the lower case, but none in ASCII of another character: the Kelvin sign is no k."""
    lower = character.lower()
    return lower if character.isascii() or not lower.isascii() else character
