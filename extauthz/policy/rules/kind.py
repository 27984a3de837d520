"""``kind``: what sort of credential the certificate is."""

from collections.abc import Sequence
from dataclasses import dataclass

from extauthz.model.identity import CertIdentity, Kind
from extauthz.model.outcome import Fail, Outcome, Pass
from extauthz.model.reason import Reason


@dataclass(frozen=True, slots=True)
class KindRule:
    """The certificate is of one of these kinds.

    One that has the policy of a smart card and not what belongs to it is ``software``, with a warning. Which kind it
    was meant to be, nobody can tell.
    """

    kinds: frozenset[Kind]
    key: str = "kind"

    def check(self, identity: CertIdentity) -> Outcome:
        """Pass with the kind; a certificate that contradicts itself about it is undecided."""
        kind = identity.kind
        if kind in self.kinds:
            return Pass(f"it is {kind.value!r}")
        doubt = self._doubt(identity)
        named = ", ".join(repr(one.value) for one in sorted(self.kinds))
        detail = f"{kind.value!r} is not in {named}{f' ({doubt})' if doubt is not None else ''}"
        return Fail(Reason.KIND_NOT_ALLOWED, detail, undecided=doubt is not None)

    def _doubt(self, identity: CertIdentity) -> str | None:
        """Return the warning that it may have been meant to be of one of these kinds, which it is not."""
        starts = [f"kind: not {kind.value}: " for kind in self.kinds]  # such as a CAC that was read as `piv-auth`
        if identity.kind is Kind.SOFTWARE:
            starts.append("kind: ")
            if Kind.SPIFFE in self.kinds:
                starts.append("spiffe: ")
        wanted = tuple(starts)
        return next((one for one in identity.warnings if one.startswith(wanted)), None)


def kind_rule(kinds: Sequence[Kind]) -> KindRule:
    """Require one of these kinds."""
    return KindRule(frozenset(kinds))
