"""The shape of the rules on one identifier of a credential: exact values, and a doubt that a ``not`` must not miss."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from extauthz.model.identity import CertIdentity
from extauthz.model.outcome import Fail, Outcome, Pass
from extauthz.model.quoted import quoted
from extauthz.model.reason import Reason
from extauthz.policy.rules.base import shown


@dataclass(frozen=True, slots=True)
class IdentifierRule:
    """The certificate's only identifier of some kind is one of those listed."""

    key: str
    reason: Reason
    field: str
    """The key of the identity's JSON form that holds it, with which warnings about it begin."""
    value: Callable[[CertIdentity], str | None]
    wanted: Mapping[str, str]
    """Comparable form -> as the operator wrote it."""

    def check(self, identity: CertIdentity) -> Outcome:
        """Pass with the identifier; a certificate with one that cannot be believed is undecided."""
        value = self.value(identity)
        if value is None:
            doubt = next((one for one in identity.warnings if one.startswith(f"{self.field}: ")), None)
            return Fail(self.reason, doubt or "the certificate has none", undecided=doubt is not None)
        if value not in self.wanted:
            return Fail(self.reason, f"{quoted(value)} is not in {shown(tuple(self.wanted.values()))}")
        return Pass(f"{quoted(value)} is listed")


def comparable(texts: Sequence[str], normal: Callable[[str], str]) -> dict[str, str]:
    """Return the ``wanted`` of a rule. ``normal`` raises PatternError for a text that no certificate could match."""
    return {normal(text): text for text in texts}
