"""Where certificates say that the CRLs are which nobody had: noted in passing, for whoever may fetch them."""

from collections.abc import Iterator

from cryptography import x509

from extauthz.identity.certificate import Certificate
from extauthz.identity.quiet import extensions_of
from extauthz.trust.x509_extension import extension_value

MAX_WANTED = 256
"""URIs that wait to be taken away. They are taken every second or so; what found no room comes with a later request."""
MAX_URI = 2048
"""Characters. A longer one is nothing that is fetched."""


class WantedPoints:
    """URIs of distribution points. Notes from several threads cost no lock: each is one operation of a dict."""

    def __init__(self) -> None:
        self._uris: dict[str, None] = {}

    def note(self, certificate: Certificate) -> None:
        """Note the distribution points of a certificate whose issuer vouched for it."""
        for uri in _uris(certificate):
            if len(self._uris) < MAX_WANTED and len(uri) <= MAX_URI:
                self._uris[uri] = None

    def take(self) -> tuple[str, ...]:
        """Return what was noted since the last time, and forget it."""
        taken, self._uris = self._uris, {}
        return tuple(taken.copy())


def _uris(certificate: Certificate) -> Iterator[str]:
    points = extension_value(extensions_of(certificate.x509), x509.CRLDistributionPoints)
    for point in points or ():
        for name in point.full_name or ():
            if isinstance(name, x509.UniformResourceIdentifier):
                yield name.value
