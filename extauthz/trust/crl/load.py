"""One certificate revocation list: verified, then indexed (RFC 5280 §5, §6.3.3).

Full, delta and indirect CRLs of any scope. Whatever is wrong with a CRL makes the whole of it unusable, with one
sentence for the operator; a revoked certificate must not get in because an entry could not be read.

Not verified here: whether the CRL is current, whether its scope covers a certificate, whether a delta fits its base,
and whether the signer's certificate itself is valid and unrevoked. The revocation check asks that at each question.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from mmap import mmap

from extauthz.identity.certificate import Certificate
from extauthz.identity.names import NameKey
from extauthz.model.quoted import quoted
from extauthz.trust.crl.entries import read_entries
from extauthz.trust.crl.error import CrlError
from extauthz.trust.crl.head import MAX_CRL_BYTES, CrlHead, open_crl
from extauthz.trust.crl.index import CrlIndex, Keep, index_parts, join
from extauthz.trust.crl.revoked_entry import RevokedEntry
from extauthz.trust.crl.scope import Scope
from extauthz.trust.crl.signers import find_signers

__all__ = ["MAX_CRL_BYTES", "Crl", "CrlError", "load_crl"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Crl:
    """A CRL whose signature verifies with the key of a configured certificate."""

    head: CrlHead
    signers: tuple[Certificate, ...]
    """Every configured certificate that has the issuer's name, whose key verifies the signature, and whose keyUsage
    (if any) has cRLSign; never empty. The one that the authority key identifier names is the first."""
    entries: CrlIndex
    sha256: bytes
    """Of the whole DER."""
    size: int
    """Octets of the whole DER."""

    def __str__(self) -> str:
        number = "without a number" if self.number is None else f"number {self.number}"
        after = "with no next one announced" if self.next_update is None else f"next {self.next_update.isoformat()}"
        kind = "delta CRL" if self.is_delta else "CRL"
        return f"{kind} of {quoted(self.issuer_dn)}, {number}, of {self.this_update.isoformat()}, {after}"

    @property
    def issuer_dn(self) -> str:
        """RFC 4514."""
        return self.head.issuer_dn

    @property
    def issuer_key(self) -> NameKey:
        """Its comparison form."""
        return self.head.issuer_key

    @property
    def number(self) -> int | None:
        """CRLNumber, if it has one."""
        return self.head.number

    @property
    def base_number(self) -> int | None:
        """BaseCRLNumber of a delta CRL."""
        return self.head.base_number

    @property
    def is_delta(self) -> bool:
        """Whether it lists changes only."""
        return self.head.base_number is not None

    @property
    def this_update(self) -> datetime:
        """When it was issued."""
        return self.head.this_update

    @property
    def next_update(self) -> datetime | None:
        """When the next one will be issued at the latest, if that is announced."""
        return self.head.next_update

    @property
    def scope(self) -> Scope:
        """What it speaks of."""
        return self.head.scope

    @property
    def age(self) -> tuple[datetime, int, bytes]:
        """Sort key among the CRLs of one signer: the newest is the greatest."""
        return self.this_update, -1 if self.number is None else self.number, self.sha256

    def find(self, serial: int, issuer: NameKey) -> RevokedEntry | None:
        """Look up a certificate by its serial number and its issuer's name.

        The issuer is that of the CRL or, in an indirect CRL, another one.
        """
        return self.entries.find(serial, None if issuer == self.issuer_key else issuer)


def load_crl(der: bytes | memoryview | mmap, issuers: Sequence[Certificate], *, keep: Keep = join) -> Crl:
    """Verify and index one CRL in DER. ``issuers``: the certificates whose CRLs are accepted.

    ``der`` is read in place and not kept. ``keep`` says where the index is put (in memory, unless given). Every
    certificate with the CRL's issuer name is tried; the signature decides. CrlError says why a CRL cannot be used.
    """
    with memoryview(der) as data:
        opened = open_crl(data)
        head = opened.head
        signers = find_signers(opened, data, issuers)
        try:
            entries = read_entries(
                data,
                opened.structure.entries_start,
                opened.structure.entries_end,
                own=head.issuer_key,
                indirect=head.scope.indirect,
                delta=head.base_number is not None,
            )
            index = CrlIndex(keep(index_parts(entries)))
        except ValueError as error:
            raise head.refusal(f"the CRL of {quoted(head.issuer_dn)} cannot be used: {error}") from error
        return Crl(head=head, signers=signers, entries=index, sha256=hashlib.sha256(data).digest(), size=len(data))
