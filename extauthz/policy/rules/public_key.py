"""``key``: type and strength of the certificate's public key."""

from collections.abc import Sequence
from dataclasses import dataclass

from extauthz.model.identity import CertIdentity, PublicKeyInfo
from extauthz.model.outcome import Fail, Outcome, Pass
from extauthz.model.reason import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRequirement:
    """One acceptable sort of key. ``min_bits`` is for keys measured in bits, ``curves`` for named ones."""

    type: str
    min_bits: int | None = None
    curves: tuple[str, ...] = ()

    def accepts(self, key: PublicKeyInfo) -> bool:
        """Say whether the key is of this sort. A size or curve that is asked for and unknown is not met."""
        return (
            key.type == self.type
            and (self.min_bits is None or (key.bits is not None and key.bits >= self.min_bits))
            and (not self.curves or key.curve in self.curves)
        )

    def __str__(self) -> str:
        size = f" >= {self.min_bits} bits" if self.min_bits is not None else ""
        curves = f" on {' or '.join(self.curves)}" if self.curves else ""
        return f"{self.type}{size}{curves}"


@dataclass(frozen=True, slots=True)
class KeyRule:
    """The certificate's key is of one of these sorts."""

    requirements: tuple[KeyRequirement, ...]
    key: str = "key"

    def check(self, identity: CertIdentity) -> Outcome:
        """Pass with the sort that accepts the key."""
        public_key = identity.key
        found = f"{public_key.type} {public_key.curve or public_key.bits or ''}".rstrip()
        for requirement in self.requirements:
            if requirement.accepts(public_key):
                return Pass(f"{found} meets {requirement}")
        wanted = "; ".join(str(requirement) for requirement in self.requirements)
        return Fail(Reason.KEY_NOT_ALLOWED, f"{found} meets none of: {wanted}")


def key_rule(requirements: Sequence[KeyRequirement]) -> KeyRule:
    """Require one of these sorts of key."""
    return KeyRule(tuple(requirements))
