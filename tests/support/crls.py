"""CRLs made by code, one keyword per defect (RFC 5280 §5)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography import x509

from support import der, keys
from support.distribution_points import general_name
from support.extensions import ExtensionSpec, encode

REASON_CODES: Final = {
    "unspecified": 0,
    "keyCompromise": 1,
    "cACompromise": 2,
    "affiliationChanged": 3,
    "superseded": 4,
    "cessationOfOperation": 5,
    "certificateHold": 6,
    "removeFromCRL": 8,
    "privilegeWithdrawn": 9,
    "aACompromise": 10,
}


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One entry with all that it may say. ``pki.listed`` makes one of a leaf or serial number."""

    serial: int
    reason: str | None = None
    date: datetime | None = None
    """The CRL's ``revocation_date`` unless given."""
    issuer: x509.Name | bytes | None = None
    """certificateIssuer: a DN, or GeneralNames in DER (their contents, without the SEQUENCE)."""
    issuer_critical: bool = True
    extensions: tuple[ExtensionSpec, ...] = ()

    def encode(self, date: datetime) -> bytes:
        """Return the entry in DER."""
        return entry(self.serial, self.date or date, self.reason, (*self._issuer(), *self.extensions))

    def _issuer(self) -> tuple[bytes, ...]:
        if self.issuer is None:
            return ()
        names = self.issuer if isinstance(self.issuer, bytes) else general_name(self.issuer)
        return (der.extension("2.5.29.29", der.sequence(names), critical=self.issuer_critical),)


def entry(serial: int, at: datetime, reason: str | None = None, extensions: Iterable[ExtensionSpec] = ()) -> bytes:
    """One ``revokedCertificates`` entry."""
    encoded = [encode(one) for one in extensions]
    if reason is not None:
        code = der.tlv(der.ENUMERATED, bytes((REASON_CODES[reason],)))
        encoded.insert(0, der.extension("2.5.29.21", code))
    return der.sequence(der.integer(serial), der.time(at), der.sequence(*encoded) if encoded else b"")


def certificate_list(
    signer: keys.PrivateKey,
    *,
    issuer: bytes,
    this_update: datetime,
    next_update: datetime | None,
    entries: Sequence[bytes],
    extensions: Sequence[bytes],
    version: int = 2,
    outer_algorithm: bytes | None = None,
    spoilt: bool = False,
) -> bytes:
    """Sign a CertificateList of ready-made entries and extensions; without entries their list is absent."""
    tbs = der.sequence(
        der.integer(version - 1) if version > 1 else b"",
        keys.algorithm(signer),
        issuer,
        der.time(this_update),
        der.time(next_update) if next_update is not None else b"",
        der.sequence(*entries) if entries else b"",
        der.context(0, der.sequence(*extensions)) if extensions else b"",
    )
    return keys.signed(signer, tbs, outer_algorithm=outer_algorithm, spoilt=spoilt)


EntryExtensions = Mapping[int, Iterable[ExtensionSpec]]
"""Serial number -> further extensions of its entry."""
