"""The condition that every policy has without being told: a card alone is nobody.

A Card Authentication certificate works without a PIN: it "must not be interpreted as authenticating the presenter"
(FPKI Common Policy CP §1.4). So a policy that wants one has to say so, by its kind.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from extauthz.model.identity import CertIdentity, Kind
from extauthz.model.outcome import Fail, Outcome, Pass
from extauthz.model.reason import Reason
from extauthz.policy.rules.any_of import AnyOfRule
from extauthz.policy.rules.base import Rule
from extauthz.policy.rules.kind import KindRule

DEVICE_KINDS: Final = frozenset({Kind.PIV_CARD_AUTH, Kind.PIV_I_CARD_AUTH})
"""What proves that a card is there, and not that its holder is."""


_NO_DEVICE: Final = Pass("it is no device")
"""Nearly every client; made once."""


@dataclass(frozen=True, slots=True)
class DeviceRule:
    """A device is let in only by conditions that name its kind.

    ``rules`` are those of the policy. A `kind` condition inside one alternative of ``any_of`` counts where that
    alternative holds; one inside ``not`` asks for nothing. So this is a condition whose addition lets somebody in; it
    and the purposes of ``extended_key_usage``, which stand in for those of ``ClientUsageRule``, are the only ones.
    """

    rules: tuple[Rule, ...]
    key: str = "device"

    def check(self, identity: CertIdentity) -> Outcome:
        """Pass for everything that is no device, and for a device that was asked for."""
        kind = identity.kind
        if kind not in DEVICE_KINDS:
            if not identity.authenticates_card:
                return _NO_DEVICE
            # Its kind is what is left where the marks contradict, so no `kind` can have meant it.
            detail = f"it has a mark of Card Authentication and is {kind.value!r}, which is never accepted of a card"
            return Fail(Reason.KIND_NOT_ALLOWED, detail)
        if _asked_for(self.rules, identity):
            return Pass(f"the device {kind.value!r} is asked for by `kind`")
        detail = f"{kind.value!r} proves a card and not its holder; only a policy whose `kind` names it accepts it"
        return Fail(Reason.KIND_NOT_ALLOWED, detail)


def _asked_for(rules: Iterable[Rule], identity: CertIdentity) -> bool:
    """Say whether the rules, all of which must hold, name the kind of this identity."""
    for rule in rules:
        if isinstance(rule, KindRule) and identity.kind in rule.kinds:
            return True
        if isinstance(rule, AnyOfRule):
            for alternative in rule.alternatives:
                if _asked_for(alternative.rules, identity) and isinstance(alternative.check(identity), Pass):
                    return True
    return False
