"""From a file of CRLs to verified CRLs with an index: what every indexer does, and the one for commands."""

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, Protocol

from extauthz.identity.certificate import Certificate
from extauthz.trust.crl.error import CrlError
from extauthz.trust.crl.files import MAX_PEM_BYTES, crls_from_bytes
from extauthz.trust.crl.load import Crl, load_crl
from extauthz.trust.crl.rejected import RejectedCrl

Verdict = Crl | RejectedCrl
"""What became of one CRL of a file."""


class IndexerError(Exception):
    """The attempt failed for a reason that says nothing about the file: the next one may succeed."""


class Indexer(Protocol):
    """Verifies and indexes the CRLs of a file. Safe to call from several threads; blocks for as long as it takes."""

    def load(
        self, file: BinaryIO, label: str, issuers: Sequence[Certificate], indices: Path | None = None
    ) -> tuple[Verdict, ...]:
        """Return every CRL of a file that stands at its beginning, usable or not; ``label`` names it for people.

        ``issuers``: whose signatures count. ``indices``: a directory where indices are kept. Raises IndexerError, and
        OSError when the file cannot be read.
        """
        ...

    def rest(self) -> None:
        """Give back what is only worth having while there is work."""
        ...

    def close(self) -> None:
        """Release what it holds. It may be used again."""
        ...


class InProcessIndexer:
    """Does the work in the calling thread. For commands: a CRL of a million entries holds up all other threads."""

    def load(
        self,
        file: BinaryIO,
        label: str,
        issuers: Sequence[Certificate],
        indices: Path | None = None,  # noqa: ARG002  (an index in memory is not kept)
    ) -> tuple[Verdict, ...]:
        """Return every CRL of the file."""
        content = file.read(MAX_PEM_BYTES + 1)  # one more than is accepted, so that a longer one is refused
        try:
            ders = crls_from_bytes(content)
        except CrlError as error:
            return (rejected(label, error),)
        return tuple(load_one(der, label, issuers) for der in ders)

    def rest(self) -> None:
        """Do nothing: there is nothing to give back."""

    def close(self) -> None:
        """Do nothing: there is nothing to release."""


def load_one(der: bytes, label: str, issuers: Sequence[Certificate]) -> Verdict:
    """Verify and index one CRL in DER."""
    try:
        return load_crl(der, issuers)
    except CrlError as error:
        return rejected(label, error)


def rejected(label: str, error: CrlError) -> RejectedCrl:
    """Return what the store needs to know of a CRL that cannot be used."""
    return RejectedCrl(label=label, why=str(error), issuer_dn=error.issuer_dn, issuer_key=error.issuer_key)
