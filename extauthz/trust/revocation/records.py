"""Everything that is known about revocation at one time, in the order in which it is asked for."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from extauthz.identity.names import NameKey
from extauthz.trust.crl.rejected import RejectedCrl
from extauthz.trust.revocation.line import Line
from extauthz.trust.revocation.target import Target


@dataclass(frozen=True, slots=True)
class Records:
    """CRLs and what stands beside them, each under the name that is asked for."""

    named: Mapping[NameKey, AbstractSet[int]]
    """Serial numbers that the operator named as revoked."""
    lines: Mapping[NameKey, tuple[Line, ...]]
    rejected: Mapping[NameKey, tuple[RejectedCrl, ...]]

    def names(self, target: Target) -> bool:
        """Say whether the operator named this certificate."""
        return target.serial in self.named.get(target.issuer, ())

    def lines_for(self, target: Target) -> list[Line]:
        """Return the lines of everybody who may issue CRLs about a certificate, its own issuer first."""
        return [line for issuer in _issuers(target) for line in self.lines.get(issuer, ())]

    def rejected_for(self, target: Target) -> list[RejectedCrl]:
        """Return the CRLs of the same issuers that could not be used."""
        return [one for issuer in _issuers(target) for one in self.rejected.get(issuer, ())]


def _issuers(target: Target) -> Iterator[NameKey]:
    yield target.issuer
    yield from sorted(target.crl_issuers - {target.issuer})
