"""What a bundle of CA certificates holds that came with the input, as far as an import has to know."""

from dataclasses import dataclass
from typing import Self

from extauthz.config.certificate_files import certificates_from_file
from extauthz.config.read_files import FileError

_CRL_BEGINS = b"-----BEGIN X509 CRL-----"
_CRL_ENDS = b"-----END X509 CRL-----"

SPLIT = "the CAs that are their own issuer go into the file of `anchors`, the others into that of `intermediates`"


@dataclass(frozen=True, slots=True)
class PemBundle:
    """The facts of a bundle."""

    roots: int
    """Certificates that name themselves as their issuer."""
    intermediates: int
    """The others. No chain that ends in this bundle can hold more of them."""

    @property
    def is_mixed(self) -> bool:
        """Whether there are roots and others."""
        return self.roots > 0 and self.intermediates > 0

    @classmethod
    def read(cls, content: bytes) -> Self | None:
        """Read a bundle, CRLs in it left out; None when its certificates cannot be read."""
        certificates = content
        while (start := certificates.find(_CRL_BEGINS)) >= 0:
            end = certificates.find(_CRL_ENDS, start)
            certificates = certificates[:start] + (certificates[end + len(_CRL_ENDS) :] if end >= 0 else b"")
        try:
            identities = [one.identity for one in certificates_from_file(certificates)]
        except FileError:
            return None
        roots = sum(one.issuer_dn == one.subject_dn for one in identities)
        return cls(roots, len(identities) - roots)


def holds_crl(content: bytes) -> bool:
    """Say whether CRLs stand among the certificates of a bundle, as Envoy allows."""
    return _CRL_BEGINS in content
