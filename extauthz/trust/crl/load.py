"""One certificate revocation list: verified, then indexed (RFC 5280 §5, §6.3.3).

Only full CRLs are used: one that is a delta, indirect, or limited in scope says nothing about most certificates, and a
CRL with a critical extension that is not processed must not be used (§5.2). Whatever is wrong with a CRL makes the
whole of it unusable, with one sentence for the operator; a revoked certificate must not get in because an entry could
not be read.

Not verified here: whether the CRL is current (``CrlStore`` does, at each question), and whether the issuer's
certificate itself is valid and unrevoked (it is one that the operator configured).
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from cryptography import x509

from extauthz.identity.certificate import Certificate, parse_certificate
from extauthz.identity.der import SEQUENCE
from extauthz.identity.diagnosis import diagnose
from extauthz.identity.names import NameKey, NameReading, read_name
from extauthz.identity.quiet import quietly
from extauthz.identity.refusal import describe
from extauthz.identity.structure import require_whole_octets
from extauthz.model.errors import DecodeError
from extauthz.model.quoted import quoted
from extauthz.trust.crl.entries import expect, read_entries
from extauthz.trust.crl.index import CrlIndex
from extauthz.trust.panic import is_panic
from extauthz.trust.signatures import signature_verifies
from extauthz.trust.x509_extension import extension_value

MAX_CRL_BYTES = 128 * 1024 * 1024
"""The largest CRLs in use have about a million entries and 50 MB."""
ACCEPTED_HASHES = frozenset({"sha256", "sha384", "sha512", "sha3-256", "sha3-384", "sha3-512"})
"""Under anything weaker, two CRLs with one signature can be made."""

_PEM = b"-----BEGIN"


class CrlError(ValueError):
    """A CRL that cannot be used, and why, in one sentence for the operator."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Crl:
    """A CRL whose signature verifies with the key of a configured certificate."""

    issuer_dn: str
    """RFC 4514."""
    issuer_key: NameKey
    signer: Certificate
    """The configured certificate whose key signed it."""
    number: int | None
    """CRLNumber (RFC 5280 §5.2.3), if it has one."""
    this_update: datetime
    next_update: datetime | None
    entries: CrlIndex
    sha256: bytes
    """Of the whole DER."""

    def __str__(self) -> str:
        number = "without a number" if self.number is None else f"number {self.number}"
        after = "with no next one announced" if self.next_update is None else f"next {self.next_update.isoformat()}"
        return f"CRL of {quoted(self.issuer_dn)}, {number}, of {self.this_update.isoformat()}, {after}"

    @property
    def age(self) -> tuple[datetime, int, bytes]:
        """Sort key among the CRLs of one signer: the newest is the greatest."""
        return self.this_update, -1 if self.number is None else self.number, self.sha256


def load_crl(der: bytes, issuers: Sequence[Certificate]) -> Crl:
    """Verify and index one full CRL in DER. ``issuers``: the certificates whose CRLs are accepted.

    Every certificate with the CRL's issuer name is tried (a CA keeps its name when it changes its key), the one that
    the authority key identifier names first; the signature decides. CrlError says why a CRL cannot be used.
    """
    bounds = _find_tbs(der)
    try:
        crl = quietly(x509.load_der_x509_crl, der)
        issuer = read_name(quietly(attrgetter("issuer"), crl))
        extensions = quietly(attrgetter("extensions"), crl)
        this_update, next_update = crl.last_update_utc, crl.next_update_utc
    except BaseException as error:
        # ValueError, TypeError, exceptions of the library's own that derive from Exception alone, and its panics.
        if not isinstance(error, Exception) and not is_panic(error):
            raise
        raise CrlError(f"{_what_it_is(der)} ({describe(error)})") from None
    signer = _find_signer(crl, memoryview(der)[bounds[0] : bounds[2]], issuer, issuers)
    number = _check_extensions(extensions)
    try:
        entries = CrlIndex(read_entries(der, bounds[1], bounds[2]))
    except ValueError as error:
        raise CrlError(f"the CRL of {issuer.dn!r} cannot be used: {error}") from error
    return Crl(
        issuer_dn=issuer.dn,
        issuer_key=issuer.key,
        signer=signer,
        number=number,
        this_update=this_update,
        next_update=next_update,
        entries=entries,
        sha256=hashlib.sha256(der).digest(),
    )


def _find_tbs(der: bytes) -> tuple[int, int, int]:
    """Return where the TBSCertList begins, where its content begins, and where it ends."""
    if not der:
        raise CrlError("the CRL is empty")
    if len(der) > MAX_CRL_BYTES:
        raise CrlError(f"the CRL has {len(der)} bytes; at most {MAX_CRL_BYTES} are read")
    if der.lstrip().startswith(_PEM):
        raise CrlError("the CRL is PEM where DER is expected")
    try:
        outer, end = expect(SEQUENCE, der, 0, len(der))
        tbs, tbs_end = expect(SEQUENCE, der, outer, end)
        _, algorithm_end = expect(SEQUENCE, der, tbs_end, end)
        require_whole_octets(der, algorithm_end, end)
    except ValueError as error:
        raise CrlError(f"{_what_it_is(der)} ({error})") from error
    if end != len(der):
        raise CrlError(f"{len(der) - end} bytes follow the end of the CRL")
    return outer, tbs, tbs_end


def _what_it_is(der: bytes) -> str:
    """Say what was given, of bytes that are no CRL."""
    try:
        parse_certificate(der)
    except DecodeError:
        kind, _, given = diagnose(der).partition(" was given")
    else:
        kind, given = "a certificate", "instead"
    return f"{kind} was given where a CRL belongs" if given and kind != "a CRL" else "the CRL cannot be read"


def _find_signer(
    crl: x509.CertificateRevocationList,
    tbs: memoryview,
    issuer: NameReading,
    issuers: Iterable[Certificate],
) -> Certificate:
    named = [one for one in issuers if one.subject_key == issuer.key]
    if not named:
        raise CrlError(f"no configured certificate has the name of the CRL's issuer, {issuer.dn!r}")
    hash_algorithm = _hash_name(crl)
    if hash_algorithm is not None and hash_algorithm not in ACCEPTED_HASHES:
        raise CrlError(f"the CRL of {issuer.dn!r} is signed with {hash_algorithm}, which is too weak to be accepted")
    key_id = _authority_key_id(crl)
    named.sort(key=lambda one: one.subject_key_id != key_id)
    signers = [one for one in named if signature_verifies(crl, tbs, one.x509)]
    if not signers:
        raise CrlError(f"no configured certificate of {issuer.dn!r} has the key that signed the CRL")
    for one in signers:
        usage = extension_value(one.x509.extensions, x509.KeyUsage)
        if usage is None or usage.crl_sign:
            return one
    raise CrlError(f"the keyUsage of {issuer.dn!r} does not allow it to sign CRLs (cRLSign is missing)")


def _hash_name(crl: x509.CertificateRevocationList) -> str | None:
    """Name the hash of the signature algorithm; None without one (EdDSA), or when the library does not know it."""
    try:
        algorithm = crl.signature_hash_algorithm
    # The library raises UnsupportedAlgorithm or ValueError for what it does not know: no key verifies that then.
    except Exception:  # noqa: BLE001
        return None
    return algorithm.name if algorithm is not None else None


def _authority_key_id(crl: x509.CertificateRevocationList) -> bytes | None:
    value = extension_value(crl.extensions, x509.AuthorityKeyIdentifier)
    return value.key_identifier if value is not None else None


def _check_extensions(extensions: x509.Extensions) -> int | None:
    """Refuse what changes the meaning of the list; return the CRL number."""
    number = None
    for extension in extensions:
        match extension.value:
            case x509.CRLNumber(crl_number=value):
                number = value
            case x509.DeltaCRLIndicator():
                raise CrlError("this is a delta CRL, which only lists changes; configure the full one")
            case x509.IssuingDistributionPoint():
                raise CrlError(
                    "the CRL covers only some certificates (it has an issuingDistributionPoint), and such CRLs are "
                    "not supported; configure the full one"
                )
            case x509.AuthorityKeyIdentifier():
                pass
            case _ if extension.critical:
                raise CrlError(
                    f"the CRL has the critical extension {extension.oid.dotted_string}, which is not supported, so it "
                    "must not be used"
                )
    return number
