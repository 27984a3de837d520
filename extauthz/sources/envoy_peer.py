"""``attributes.source.certificate`` of Envoy's CheckRequest: the peer certificate of the connection."""

from dataclasses import dataclass
from typing import ClassVar

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from extauthz.model.request import AuthRequest, Presented
from extauthz.sources.limits import HINT_CHARACTERS, MAX_TEXT_LENGTH
from extauthz.sources.pem import certificate_from_pem
from extauthz.sources.percent import percent_decode


@dataclass(frozen=True, slots=True)
class EnvoyPeerSource:
    """Read the leaf that Envoy sends with ``include_peer_certificate: true``: percent-encoded PEM, one certificate.

    Envoy leaves the attribute empty when the client showed no certificate. It never sends a chain here. No client can
    write this attribute; only who may call this service decides about it. Envoy also fills it with certificates that
    it did **not** verify (``ACCEPT_UNTRUSTED``), so it proves no more than that the client holds the private key.
    """

    name: ClassVar[str] = "envoy_peer"
    headers: ClassVar[tuple[str, ...]] = ()

    def hint(self, text: str) -> str:
        """Return the end of the attribute, where the certificate's signature is."""
        return text[-HINT_CHARACTERS:]

    def read(self, request: AuthRequest) -> Presented | None:
        """Return the leaf, or None when the attribute is empty.

        Raises ``DecodeError``: SOURCE_TOO_LARGE, CERTIFICATE_TOO_LARGE, or SOURCE_MALFORMED (two certificates too).
        """
        text = request.source_certificate
        if not text:
            return None
        if len(text) > MAX_TEXT_LENGTH:
            raise DecodeError(Reason.SOURCE_TOO_LARGE, f"more than {MAX_TEXT_LENGTH} characters")
        return Presented(certificate_from_pem(percent_decode(text)), sources=(self.name,))
