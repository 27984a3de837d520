"""``policy_oids``: the leaf's certificate policies (RFC 5280 §4.2.1.4), as the leaf asserts them.

Policy mappings and constraints along the path are not evaluated.
"""

import re
from collections.abc import Sequence

from extauthz.model.reason import Reason
from extauthz.policy.patterns import ExactPattern, PatternError
from extauthz.policy.rules.base import Rule
from extauthz.policy.rules.quantified import Quantifier, quantified_rule

_OID = re.compile(r"[0-2](\.(0|[1-9][0-9]*)){1,30}")


def policy_oids_rule(oids: Sequence[str], quantifier: Quantifier = Quantifier.ANY) -> Rule:
    """Require these policy OIDs, dotted. Raises PatternError."""
    wanted = [ExactPattern(oid, dotted_oid(oid)) for oid in oids]
    return quantified_rule(
        "policy_oids", Reason.POLICY_OID_NOT_ALLOWED, lambda identity: identity.policy_oids, wanted, quantifier
    )


def dotted_oid(text: str) -> str:
    """Return the OID if it is written in dotted form. Raises PatternError."""
    if _OID.fullmatch(text) is None:
        raise PatternError(f"{text!r} is not a dotted object identifier such as '2.16.840.1.101.3.2.1.3.13'")
    return text
