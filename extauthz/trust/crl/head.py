"""Everything of a CRL but its entries (RFC 5280 §5.1, §5.2), read without touching these.

What is read here is what the bytes say; ``load`` verifies the signature. An extension that is critical and not
processed makes a CRL unusable (§5.2), wherever it is read.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from mmap import mmap
from operator import attrgetter
from typing import Final, NamedTuple

from cryptography import x509

from extauthz.identity.names import NameKey, NameReading, read_name
from extauthz.identity.quiet import quietly
from extauthz.identity.refusal import describe
from extauthz.model.quoted import quoted
from extauthz.trust.crl.error import CrlError
from extauthz.trust.crl.lone_name import read_lone_name
from extauthz.trust.crl.not_a_crl import not_a_crl
from extauthz.trust.crl.scope import EVERYTHING, Scope, read_scope
from extauthz.trust.crl.structure import Structure, issuer_der, read_structure
from extauthz.trust.panic import is_panic

MAX_CRL_BYTES: Final = 128 * 1024 * 1024
"""The largest CRLs in use have about a million entries and 50 MB."""
MAX_NUMBER_BITS: Final = 20 * 8 - 1
"""RFC 5280 §5.2.3: "Conforming CRL issuers MUST NOT use CRLNumber values longer than 20 octets"; one bit is a sign."""

_PEM: Final = b"-----BEGIN"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class CrlHead:
    """Everything but the entries. Nothing is verified."""

    issuer_dn: str
    """RFC 4514."""
    issuer_key: NameKey
    this_update: datetime
    next_update: datetime | None
    number: int | None
    """CRLNumber (§5.2.3), if it has one."""
    base_number: int | None
    """BaseCRLNumber (§5.2.4): not None means that this is a delta CRL, and lists changes since that number."""
    authority_key_id: bytes | None
    scope: Scope
    signature_algorithm: str
    """Dotted OID."""
    freshest: tuple[str, ...]
    """URIs of its delta CRLs (freshestCRL, §5.2.6)."""
    skeleton: bytes
    """This CRL's DER without ``revokedCertificates``: ``read_head`` makes an equal head of it, in another process
    too. Its signature no longer matches."""

    def refusal(self, why: str) -> CrlError:
        """Return (not raise) the error that refuses this CRL. ``why`` is the whole sentence."""
        return CrlError(why, issuer_dn=self.issuer_dn, issuer_key=self.issuer_key)


class OpenCrl(NamedTuple):
    """A CRL whose head was read."""

    head: CrlHead
    structure: Structure
    x509: x509.CertificateRevocationList
    """Of the skeleton: its signature is that of the CRL, its signed bytes are not."""


def read_head(der: bytes | memoryview | mmap) -> CrlHead:
    """Read the head of a CRL in DER, or of a skeleton. The entries are not looked at. Raises CrlError only."""
    with memoryview(der) as view:
        return open_crl(view).head


def open_crl(data: memoryview) -> OpenCrl:
    """Read the head of a CRL, with what is needed to verify it and to read on. Raises CrlError only."""
    if not data:
        raise CrlError("the CRL is empty")
    if bytes(data[: 2 * len(_PEM)]).lstrip().startswith(_PEM):
        raise CrlError("the CRL is PEM where DER is expected")
    issuer = _read_issuer(data)
    if len(data) > MAX_CRL_BYTES:
        raise _refusal(data, issuer, f"it has {len(data)} bytes; at most {MAX_CRL_BYTES} are read")
    try:
        structure = read_structure(data)
    except ValueError as error:
        raise _refusal(data, issuer, str(error)) from None
    try:
        crl = quietly(x509.load_der_x509_crl, structure.skeleton)
        return OpenCrl(_read(crl, structure.skeleton), structure, crl)
    except CrlError as error:
        raise _refusal(data, issuer, str(error)) from None
    except BaseException as error:
        # ValueError, TypeError, exceptions of the library's own that derive from Exception alone, and its panics.
        if not isinstance(error, Exception) and not is_panic(error):
            raise
        raise _refusal(data, issuer, describe(error)) from None


def _refusal(data: memoryview, issuer: NameReading | None, why: str) -> CrlError:
    if issuer is None:
        return CrlError(not_a_crl(data, why))
    why = f"the CRL of {quoted(issuer.dn)} cannot be used: {why}"
    return CrlError(why, issuer_dn=issuer.dn, issuer_key=issuer.key)


def _read_issuer(data: memoryview) -> NameReading | None:
    """Read the issuer's name, if it can be read, of a CRL that may be broken everywhere else."""
    name = issuer_der(data)
    return None if name is None else read_lone_name(name)


def _read(crl: x509.CertificateRevocationList, skeleton: bytes) -> CrlHead:
    """Read what the library has parsed. Any exception of the library's; CrlError for what must not be used."""
    issuer: x509.Name = quietly(attrgetter("issuer"), crl)
    reading = read_name(issuer)
    extensions = _Extensions(quietly(attrgetter("extensions"), crl), issuer)
    return CrlHead(
        issuer_dn=reading.dn,
        issuer_key=reading.key,
        this_update=crl.last_update_utc,
        next_update=crl.next_update_utc,
        number=extensions.number,
        base_number=extensions.base_number,
        authority_key_id=extensions.authority_key_id,
        scope=extensions.scope,
        signature_algorithm=crl.signature_algorithm_oid.dotted_string,
        freshest=extensions.freshest,
        skeleton=skeleton,
    )


class _Extensions:
    """What the extensions say. CrlError for one that must not be passed over."""

    def __init__(self, extensions: x509.Extensions, issuer: x509.Name) -> None:
        self.number: int | None = None
        self.base_number: int | None = None
        self.authority_key_id: bytes | None = None
        self.scope = EVERYTHING
        self.freshest: tuple[str, ...] = ()
        for extension in extensions:
            match extension.value:
                case x509.CRLNumber(crl_number=number):
                    self.number = _bounded(number, "CRL number")
                case x509.DeltaCRLIndicator(crl_number=number):
                    self.base_number = _bounded(number, "base CRL number")
                case x509.IssuingDistributionPoint():
                    self.scope = read_scope(extension.value, issuer)
                case x509.AuthorityKeyIdentifier(key_identifier=identifier):
                    self.authority_key_id = identifier
                case _ if extension.critical:
                    oid = extension.oid.dotted_string
                    raise CrlError(f"it has the critical extension {oid}, which is not supported")
                case x509.FreshestCRL():
                    self.freshest = tuple(_uris(extension.value))


def _bounded(number: int, what: str) -> int:
    """Refuse what can be neither printed in a line nor kept: a number of any length would be read otherwise."""
    if number.bit_length() > MAX_NUMBER_BITS:
        raise CrlError(f"its {what} is longer than 20 octets")
    return number


def _uris(points: x509.FreshestCRL) -> Iterator[str]:
    for point in points:
        for name in point.full_name or ():
            if isinstance(name, x509.UniformResourceIdentifier):
                yield name.value
