"""Asking the certificate library for everything at once, and turning each of its refusals into one.

The library decodes late and refuses in many ways: ``ValueError``, ``TypeError``, its own exceptions that derive from
``Exception`` alone, and in the worst case a panic that derives from ``BaseException``. Whatever it is, it becomes a
``DecodeError`` that names the stage. The numbers are those of the plan in ``certificate``.
"""

from collections.abc import Callable
from datetime import datetime
from operator import attrgetter
from typing import Final, NamedTuple

from cryptography import x509

from extauthz.identity.attribute_types import COMMON_NAME, COUNTRY, JURISDICTION_COUNTRY
from extauthz.identity.counts import extension_headers, require_usual_counts
from extauthz.identity.diagnosis import diagnose
from extauthz.identity.extension_parts import elements, read_known_parts, revocation_extensions
from extauthz.identity.extensions import ExtensionReading, read_extensions
from extauthz.identity.hygiene import require_clean
from extauthz.identity.names import NameReading, read_name
from extauthz.identity.public_key import read_public_key
from extauthz.identity.quiet import extensions_of, quietly
from extauthz.identity.refusal import describe, malformed
from extauthz.identity.structure import Structure, read_structure
from extauthz.identity.usual_name import read_usual_issuer, read_usual_name
from extauthz.model.errors import DecodeError
from extauthz.model.identity import PublicKeyInfo

_LENGTHS: Final = {COUNTRY: (2, 2), JURISDICTION_COUNTRY: (2, 2), COMMON_NAME: (1, 64)}
"""RFC 5280 appendix A.1: octets that these attributes may have; others than these are noted, not refused."""

_SUBJECT: Final = attrgetter("subject")
_ISSUER: Final = attrgetter("issuer")


class Decoded(NamedTuple):
    """Everything that is read from one certificate."""

    certificate: x509.Certificate
    structure: Structure
    not_before: datetime
    not_after: datetime
    subject: NameReading
    issuer: NameReading
    extensions: ExtensionReading
    revocation_extensions: bytes
    key: PublicKeyInfo
    warnings: list[str]


def decode(der: bytes) -> Decoded:
    """Read a certificate whole. Raises ``DecodeError`` (``certificate_malformed``, ``certificate_too_large``)."""
    progress = _Progress()
    try:
        return _decode(der, progress)
    except DecodeError:
        raise
    except Exception as error:  # noqa: BLE001  (the library raises many types; see the module's docstring)
        raise _refusal(der, progress, error) from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # it cannot be imported before it has been raised once
            raise
        raise _refusal(der, progress, error) from None


class _Progress:
    """Which stage is being read."""

    __slots__ = ("stage",)

    def __init__(self) -> None:
        self.stage = "structure"


def _refusal(der: bytes, progress: _Progress, error: BaseException) -> DecodeError:
    """Say what was given instead of a certificate if that can be seen, else what the library said."""
    diagnosis = diagnose(der) if progress.stage == "structure" else ""
    return malformed(progress.stage, diagnosis or describe(error))


def _decode(der: bytes, progress: _Progress) -> Decoded:
    # 2. structure.
    warnings: list[str] = []
    certificate = quietly(x509.load_der_x509_certificate, der)
    structure = read_structure(der)
    _check_algorithms(structure)
    headers = extension_headers(structure.extensions)
    require_usual_counts(structure, headers)

    progress.stage = "validity"  # 3.
    not_before, not_after = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not_before > not_after:
        raise malformed(progress.stage, "notBefore is later than notAfter")

    progress.stage = "subject"  # 4.
    subject = read_usual_name(structure.subject) or _read_name(_SUBJECT, certificate, progress.stage)
    _note_lengths(subject, progress.stage, warnings)

    progress.stage = "issuer"  # 5.
    issuer = read_usual_issuer(structure.issuer) or _read_name(_ISSUER, certificate, progress.stage)
    _note_lengths(issuer, progress.stage, warnings)

    progress.stage = "extensions"  # 6.
    found = elements(structure.extensions, headers)
    extensions = read_known_parts(found)
    decoded = extensions_of(certificate) if extensions is None else ()
    if found and certificate.version is not x509.Version.v3:
        raise malformed(progress.stage, "a certificate of version 1 has none")
    if extensions is None:
        extensions = read_extensions(decoded)

    revocation = revocation_extensions(found)

    progress.stage = "public key"  # 7.
    key = read_public_key(certificate)

    return Decoded(
        certificate, structure, not_before, not_after, subject, issuer, extensions, revocation, key, warnings
    )


def _check_algorithms(structure: Structure) -> None:
    """RFC 5280 §4.1.1.2: "This field MUST contain the same algorithm identifier as the signature field"."""
    if structure.inner_algorithm != structure.outer_algorithm:
        raise malformed("structure", "the signature algorithms inside and outside the signed part differ")


def _read_name(
    which: Callable[[x509.Certificate], x509.Name], certificate: x509.Certificate, stage: str
) -> NameReading:
    """Have the library read a name, and refuse forbidden characters in it."""
    reading = read_name(quietly(which, certificate))
    for oid, value in reading.attributes:
        if isinstance(value, str):
            require_clean(value, f"attribute {oid}", stage)
    return reading


def _note_lengths(reading: NameReading, stage: str, warnings: list[str]) -> None:
    for oid, value in reading.attributes:
        if oid in _LENGTHS and isinstance(value, str):
            least, most = _LENGTHS[oid]
            if not least <= (octets := len(value.encode())) <= most:
                warnings.append(f"{stage}: attribute {oid} has {octets} octets")
