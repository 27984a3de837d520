"""``max_lifetime``: how long the certificate was made to live (notAfter - notBefore)."""

from dataclasses import dataclass
from datetime import timedelta

from extauthz.model.identity import CertIdentity
from extauthz.model.outcome import Fail, Outcome, Pass
from extauthz.model.reason import Reason


@dataclass(frozen=True, slots=True)
class MaxLifetimeRule:
    """The certificate's whole lifetime is no longer than this."""

    longest: timedelta
    key: str = "max_lifetime"

    def check(self, identity: CertIdentity) -> Outcome:
        """Pass with the lifetime."""
        lifetime = identity.not_after - identity.not_before
        if lifetime > self.longest:
            return Fail(Reason.LIFETIME_TOO_LONG, f"it lives {lifetime}, longer than {self.longest}")
        return Pass(f"it lives {lifetime}, no longer than {self.longest}")


def max_lifetime_rule(longest: timedelta) -> MaxLifetimeRule:
    """Require a lifetime of at most this."""
    return MaxLifetimeRule(longest)
