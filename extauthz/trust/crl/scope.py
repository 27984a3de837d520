"""What a CRL speaks of: its issuingDistributionPoint (RFC 5280 §5.2.5).

Nothing is decided here: whether a certificate is within the scope depends on the certificate and on its distribution
points.
"""

from dataclasses import dataclass
from typing import Final

from cryptography import x509

from extauthz.trust.crl.error import CrlError
from extauthz.trust.crl.general_name import point_keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The extension's fields; without the extension, those of ``EVERYTHING``."""

    names: frozenset[str] | None
    """Comparison keys (``general_name``) of the distribution point's names, a relative name made whole with the CRL
    issuer's; None when the field is absent. Never empty."""
    only_user_certs: bool
    only_ca_certs: bool
    only_attribute_certs: bool
    only_some_reasons: frozenset[str] | None
    """RFC 5280 ReasonFlags names ("keyCompromise", "cACompromise", …); None when the CRL is for all. Never empty."""
    indirect: bool
    der: bytes
    """The extension's value, empty without one. Two CRLs of one issuer have the same scope when these are equal."""


EVERYTHING: Final = Scope(
    names=None,
    only_user_certs=False,
    only_ca_certs=False,
    only_attribute_certs=False,
    only_some_reasons=None,
    indirect=False,
    der=b"",
)
"""The scope of a CRL without the extension: every certificate of its issuer."""


def read_scope(extension: x509.IssuingDistributionPoint, issuer: x509.Name) -> Scope:
    """Read the extension of a CRL of ``issuer``. CrlError for one that covers nothing.

    The library has refused an extension without any field, and one with two of the three onlyContains…Certs.
    """
    names = point_keys(extension.full_name, extension.relative_name, issuer)
    reasons = extension.only_some_reasons
    if names is not None and not names:
        raise CrlError("its issuingDistributionPoint has a distribution point without a name")
    if reasons is not None and not reasons:
        raise CrlError("its issuingDistributionPoint covers no reason for revocation")
    return Scope(
        names=names,
        only_user_certs=extension.only_contains_user_certs,
        only_ca_certs=extension.only_contains_ca_certs,
        only_attribute_certs=extension.only_contains_attribute_certs,
        only_some_reasons=None if reasons is None else frozenset(str(one.value) for one in reasons),
        indirect=extension.indirect_crl,
        der=extension.public_bytes(),
    )
