"""CRLs made by code, one keyword per defect (RFC 5280 §5)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from support import der, keys
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
