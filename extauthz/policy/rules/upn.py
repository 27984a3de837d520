"""``upn``: the Microsoft user principal name, for policies about people. The patterns are those of ``san.upn``."""

from collections.abc import Sequence

from extauthz.model.reason import Reason
from extauthz.policy.rules.base import Rule
from extauthz.policy.rules.mailbox import mailbox_rule


def upn_rule(texts: Sequence[str]) -> Rule:
    """Require a user principal name; the prefix is exact, the suffix caseless. Raises PatternError."""
    return mailbox_rule("upn", Reason.UPN_NOT_ALLOWED, lambda identity: identity.upns, texts)
