"""``kind``: what sort of credential the certificate is."""

from collections.abc import Sequence
from dataclasses import dataclass

from extauthz.model.identity import CertIdentity, Kind
from extauthz.model.outcome import Fail, Outcome, Pass
from extauthz.model.reason import Reason


@dataclass(frozen=True, slots=True)
class KindRule:
    """The certificate is of one of these kinds."""

    kinds: frozenset[Kind]
    key: str = "kind"

    def check(self, identity: CertIdentity) -> Outcome:
        """Pass with the kind."""
        if identity.kind not in self.kinds:
            return Fail(Reason.KIND_NOT_ALLOWED, f"{identity.kind.value!r} is not in {sorted(self.kinds)}")
        return Pass(f"it is {identity.kind.value!r}")


def kind_rule(kinds: Sequence[Kind]) -> KindRule:
    """Require one of these kinds."""
    return KindRule(frozenset(kinds))
