"""What a bundle of CA certificates holds that came with the input, as far as an import has to know."""

from dataclasses import dataclass

from extauthz.config.certificate_files import certificates_from_file
from extauthz.config.read_files import FileError

_CRL = b"-----BEGIN X509 CRL-----"


@dataclass(frozen=True, slots=True)
class PemBundle:
    """The facts of a bundle."""

    content: bytes

    @property
    def has_crl(self) -> bool:
        """Whether CRLs stand among the certificates, as Envoy allows."""
        return _CRL in self.content

    def intermediates(self) -> int | None:
        """Return how many certificates name another one as their issuer; None when the bundle cannot be read.

        No chain that ends in this bundle can hold more intermediates than that.
        """
        try:
            certificates = certificates_from_file(self.content)
        except FileError:
            return None
        return sum(one.identity.issuer_dn != one.identity.subject_dn for one in certificates)

    def certificates(self) -> int | None:
        """Return how many certificates there are; None when the bundle cannot be read."""
        try:
            return len(certificates_from_file(self.content))
        except FileError:
            return None
