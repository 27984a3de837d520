"""How much memory a judgement takes, so that those that are kept are bounded whatever clients present."""

from collections.abc import Sequence
from sys import getsizeof
from typing import Final

from extauthz.model.decision import Decision, Step
from extauthz.model.request import AuthRequest

JUDGEMENT_BYTES: Final = 4 * 1024
"""A judgement without its texts."""
TEXT_FACTOR: Final = 4
"""How often a text of the identity is held: in the identity, in a header, and in what is serialised of the two."""
STEP_BYTES: Final = 192
"""One step or one rule that is told."""


def cost_of(request: AuthRequest, decision: Decision, steps: Sequence[Step], leaf: bytes | None) -> int:
    """Estimate what a judgement takes in memory, in bytes, and rather too much of what may be hostile.

    ``request`` is that of which it was made, ``steps`` and ``leaf`` what is kept beside its decision.

    Texts are asked for their size, as one wide character makes a text four times as large.
    """
    material = getsizeof(request.source_certificate)
    material += sum([getsizeof(line) for lines in request.headers.values() for line in lines])
    told = {*decision.steps, *steps}
    outcomes = [step.outcome for step in told] + [rule.outcome for step in told for rule in step.rules]
    told_bytes = sum([STEP_BYTES + getsizeof(outcome.detail) for outcome in outcomes])
    texts = sum([len(value) for _, value in decision.headers.set])
    if (identity := decision.identity) is not None:
        texts += getsizeof(identity.subject_dn) + getsizeof(identity.issuer_dn)
        texts += sum([getsizeof(san.value) for san in identity.sans])
        listed = (
            *identity.extended_key_usage,
            *identity.policy_oids,
            *identity.organizational_units,
            *identity.warnings,
        )
        texts += sum(map(getsizeof, listed))
    leaf_bytes = 0 if leaf is None else len(leaf)
    return JUDGEMENT_BYTES + material + leaf_bytes + told_bytes + TEXT_FACTOR * texts
