"""CRLs that follow one another: of one issuer name, one signing key and one scope.

Within a line the newer replaces the older, and a delta CRL may build on a complete one (RFC 5280 §5.2.4 (a) and (b):
same issuer, same issuingDistributionPoint, same key). CRLs of two lines never replace each other: two authorities may
share a name, and a CA that changes its key may publish a CRL for each.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from extauthz.identity.names import NameKey
from extauthz.trust.crl.load import Crl
from extauthz.trust.crl.scope import Scope

KEPT_PER_LINE = 4
"""The newest CRLs of a line that are kept, complete ones and deltas each: the one in force, and three that were
published ahead of their time.

The store has no clock, so it cannot tell which one is in force, and drops the oldest. A CA publishes one CRL ahead, or
two around a weekend; with room for three, they do not push out the one that every allow rests on until then. Each more
costs memory: 30 MB for one of a million entries.
"""

LineKey = tuple[NameKey, bytes, bytes]


@dataclass(frozen=True)
class Line:
    """Never empty. ``complete`` and ``deltas``: newest first."""

    complete: tuple[Crl, ...]
    deltas: tuple[Crl, ...]

    @cached_property
    def newest(self) -> Crl:
        """The newest complete CRL, or the newest delta where there is none."""
        return (self.complete or self.deltas)[0]

    @property
    def issuer_key(self) -> NameKey:
        """Who issues its CRLs."""
        return self.newest.issuer_key

    @property
    def scope(self) -> Scope:
        """What its CRLs cover."""
        return self.newest.scope

    @property
    def signing_key(self) -> bytes:
        """SHA-256 of the SubjectPublicKeyInfo."""
        return self.newest.signers[0].spki_sha256

    @property
    def crls(self) -> Iterable[Crl]:
        """All of them."""
        return chain(self.complete, self.deltas)

    def is_of_key(self, key_id: bytes | None) -> bool:
        """Say whether the newest CRL names this key identifier, or a certificate of its signer does."""
        newest = self.newest
        named = (newest.head.authority_key_id, *(one.subject_key_id for one in newest.signers))
        return key_id is not None and key_id in named


def line_key(crl: Crl) -> LineKey:
    """Return what the CRLs of one line have in common."""
    return crl.issuer_key, crl.signers[0].spki_sha256, crl.scope.der


def lines_of(crls: Iterable[Crl]) -> dict[NameKey, tuple[Line, ...]]:
    """Put CRLs into lines, and these under their issuers; what is beyond ``KEPT_PER_LINE`` is left out."""
    groups: dict[LineKey, list[Crl]] = {}
    for crl in sorted(crls, key=lambda one: one.age, reverse=True):
        groups.setdefault(line_key(crl), []).append(crl)
    lines: dict[NameKey, tuple[Line, ...]] = {}
    for (issuer, _, _), group in groups.items():
        complete = tuple([one for one in group if not one.is_delta][:KEPT_PER_LINE])
        deltas = tuple([one for one in group if one.is_delta][:KEPT_PER_LINE])
        lines[issuer] = (*lines.get(issuer, ()), Line(complete, deltas))
    return lines
