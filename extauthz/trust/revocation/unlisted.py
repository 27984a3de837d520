"""What the CRLs say of every certificate that they do not list, worked out once for all that are alike.

Which CRLs cover a certificate, whether they are in force and whose word counts does not depend on the certificate
itself but on its issuer, on what stands above it, on whether it is a CA, and on where it says that its revocation is
told (cRLDistributionPoints, issuerAltName). A CA's clients are alike in all of these. What is left for each of them is
to look up its serial number. This is a short cut and no second judgement: a certificate that is listed, named by the
operator, or itself the signer of a CRL is judged on its own.

An answer holds for one generation of the store and within its window. The whole is dropped with the generation, so that
nothing here keeps a CRL that was replaced.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from extauthz.identity.certificate import Certificate
from extauthz.identity.names import NameKey
from extauthz.trust.cache import TwoGenerationCache
from extauthz.trust.revocation.evidence import Evidence
from extauthz.trust.revocation.moment import Moment
from extauthz.trust.revocation.records import Records
from extauthz.trust.revocation.standing import Standing, find_listed

MAX_ANSWERS: Final = 2_048
"""Two for each CA, as a rule. A CA that has its CRL in partitions has one for each of these."""
MAX_BYTES: Final = 16 * 1024 * 1024
"""Of all answers: where certificates say that their revocation is told may take 16 KiB, and an issuer may have a
thousand partitions."""
BYTES_PER_STANDING: Final = 200
BYTES_PER_ANSWER: Final = 1_024


class _Named(NamedTuple):
    issuer: NameKey
    serial: int


class Unlisted(NamedTuple):
    """What is said of a certificate that no CRL lists."""

    evidence: Evidence
    standings: Sequence[Standing]
    """The CRLs in which it has to be looked up; who is listed in none of them is not listed."""
    moment: Moment


@dataclass(frozen=True, slots=True)
class _Kept:
    """The answers of one generation of the store."""

    records: Records
    answers: TwoGenerationCache[Unlisted]
    signers: frozenset[bytes]
    """SHA-256 of everybody who signed a CRL."""


class UnlistedAnswers:
    """The answers of one checker. Safe among threads: what two of them work out at once is the same."""

    def __init__(self) -> None:
        self._kept = _kept(Records({}, {}, {}))

    def __len__(self) -> int:
        return len(self._kept.answers)

    def find(
        self, certificate: Certificate, above: Sequence[Certificate], records: Records, moment: Moment
    ) -> Evidence | None:
        """Return what is said of a certificate; None where that is not known, or where it has to be judged on its own.

        ``above``: its verified path without itself.
        """
        kept = self._kept
        if kept.records is not records:
            return None
        answer = kept.answers.get(_alike(certificate, above))
        if answer is None or not answer.evidence.window.holds_at(moment.now):
            return None
        target = _Named(certificate.issuer_key, certificate.serial)
        if target.serial in records.named.get(target.issuer, ()) or certificate.sha256 in kept.signers:
            return None
        if any(find_listed(one, target, answer.moment) is not None for one in answer.standings):
            return None
        return answer.evidence

    def keep(self, certificate: Certificate, above: Sequence[Certificate], records: Records, answer: Unlisted) -> None:
        """Keep what was said of a certificate that no CRL lists."""
        kept = self._kept
        if kept.records is not records:
            self._kept = kept = _kept(records)
        if certificate.sha256 not in kept.signers:
            cost = BYTES_PER_ANSWER + BYTES_PER_STANDING * len(answer.standings)
            cost += len(certificate.issuer_key) + len(certificate.revocation_extensions)
            kept.answers.put(_alike(certificate, above), answer, cost)


def _kept(records: Records) -> _Kept:
    crls = [crl for of_issuer in records.lines.values() for line in of_issuer for crl in line.crls]
    signers = frozenset([signer.sha256 for crl in crls for signer in crl.signers])
    return _Kept(records, TwoGenerationCache(MAX_ANSWERS, MAX_BYTES), signers)


def _alike(certificate: Certificate, above: Sequence[Certificate]) -> Hashable:
    """Return what the answer depends on."""
    return (
        certificate.issuer_key,
        certificate.identity.is_ca,
        certificate.revocation_extensions,
        *[one.sha256 for one in above],
    )
