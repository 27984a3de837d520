"""Presented CA certificates that stood on a valid path before: what does not change about them is not done again.

Clients of one CA bring the same intermediates along, each time anew. That a certificate parses, and that a key verifies
its signature, holds for ever and for everybody; whether it is valid, and fit to stand on a path, is asked every time.
Only what was verified up to an anchor is kept, so nobody but a trusted CA can fill this; it is bounded all the same.
"""

from itertools import pairwise
from typing import Final

from extauthz.identity.certificate import Certificate
from extauthz.trust.cache import TwoGenerationCache
from extauthz.trust.chain.best_path import Path

MAX_SEEN: Final = 512
"""Intermediates in use at a time, with room. The largest federations have some hundred."""
MAX_SEEN_BYTES: Final = 1024 * 1024
"""Of their DER, of which there may be 16 KiB in one request."""


class SeenIssuers:
    """What is remembered of presented certificates. Safe among threads: all of it is true whenever it is read."""

    def __init__(self) -> None:
        self._parsed: TwoGenerationCache[Certificate] = TwoGenerationCache(MAX_SEEN, MAX_SEEN_BYTES)
        self._signers: TwoGenerationCache[frozenset[bytes]] = TwoGenerationCache(MAX_SEEN, MAX_SEEN)

    def __len__(self) -> int:
        return len(self._parsed)

    def certificate(self, der: bytes) -> Certificate | None:
        """Return the certificate, parsed, if it has been seen."""
        return self._parsed.get(der)

    def is_signed_by(self, child: bytes, key: bytes) -> bool:
        """Say whether the child's signature is known to verify. By SHA-256 of certificate and SubjectPublicKeyInfo."""
        signers = self._signers.get(child)
        return signers is not None and key in signers

    def keep(self, path: Path, presented: frozenset[bytes]) -> None:
        """Remember those certificates of a valid path (leaf first) that were presented, given by SHA-256."""
        for child, issuer in pairwise(path[1:]):
            if child.sha256 not in presented:
                continue
            der, key = child.certificate.der, issuer.certificate.spki_sha256
            if self._parsed.get(der) is None:
                self._parsed.put(der, child.certificate, len(der))
            keys = self._signers.get(child.sha256) or frozenset()
            if key not in keys:
                self._signers.put(child.sha256, keys | {key}, 1)
