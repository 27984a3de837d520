"""What a rule says of a forwarded identity: a SPIFFE ID in the words of a proxy, without a certificate."""

from functools import partial

from extauthz.model.forwarded import ForwardedIdentity
from extauthz.model.outcome import Fail, Outcome
from extauthz.model.reason import Reason
from extauthz.policy.rules.all_of import AllOf
from extauthz.policy.rules.any_of import AnyOfRule
from extauthz.policy.rules.base import Rule
from extauthz.policy.rules.negation import NotRule
from extauthz.policy.rules.spiffe_id import SpiffeIdRule


def check_forwarded(rule: Rule, forwarded: ForwardedIdentity) -> Outcome:
    """Return what one condition says. All but ``spiffe_id``, and what is made of it, is undecided and so fails.

    That holds for conditions on alternative names too: a certificate may have more of them than a proxy forwards.
    """
    check = partial(check_forwarded, forwarded=forwarded)
    match rule:
        case SpiffeIdRule():
            return rule.check_id(forwarded.spiffe_id)
        case AllOf():
            return rule.combined(check)
        case AnyOfRule():
            return rule.combined(check)
        case NotRule():
            return rule.combined(check)
        case _:
            detail = "only a certificate can show it, and none was forwarded"
            return Fail(Reason.FORWARDED_IDENTITY_INSUFFICIENT, detail, undecided=True)
