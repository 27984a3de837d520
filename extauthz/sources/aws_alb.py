"""The client certificate as AWS's Application Load Balancer forwards it in its two modes of mutual TLS."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final

from extauthz.model.request import AuthRequest, Presented
from extauthz.sources.chain import require_leaf_left_out
from extauthz.sources.header_line import header_line
from extauthz.sources.limits import HINT_CHARACTERS
from extauthz.sources.pem import certificate_from_pem, certificates_from_pem
from extauthz.sources.percent import percent_decode


class AlbMode(StrEnum):
    """The mode of the load balancer's listener."""

    PASSTHROUGH = "passthrough"
    """It verifies nothing, and sends the whole chain as the client did, the leaf first."""
    VERIFY = "verify"
    """It verifies against its trust store, and sends the leaf alone."""


DEFAULT_HEADERS: Final = {
    AlbMode.PASSTHROUGH: "x-amzn-mtls-clientcert",
    AlbMode.VERIFY: "x-amzn-mtls-clientcert-leaf",
}
"""The headers' names, unless the listener's attributes give them others."""


@dataclass(frozen=True, slots=True)
class AwsAlbSource:
    """Read URL-encoded PEM from the header that belongs to the mode.

    AWS documents ``+``, ``=`` and ``/`` as left raw, and shows ``=`` encoded: both are read, and a raw ``+`` is a plus.
    It does not verify that the load balancer wrote the header, nor, in passthrough mode, has anybody verified the
    certificate.
    """

    mode: AlbMode
    header: str

    name: ClassVar[str] = "aws_alb"

    @property
    def headers(self) -> tuple[str, ...]:
        """The one that belongs to the mode."""
        return (self.header,)

    def hint(self, text: str) -> str:
        """Return a part that is the leaf's: in a chain its start, where the serial number is, else its end."""
        return text[:HINT_CHARACTERS] if self.mode is AlbMode.PASSTHROUGH else text[-HINT_CHARACTERS:]

    def read(self, request: AuthRequest) -> Presented | None:
        """Return the leaf and, in passthrough mode, its chain; None when there is no header, or an empty one.

        Raises ``DecodeError``: SOURCE_AMBIGUOUS (two lines), SOURCE_INCONSISTENT (the leaf once more in its chain),
        SOURCE_TOO_LARGE, CERTIFICATE_TOO_LARGE, or SOURCE_MALFORMED (in verify mode, two certificates too).
        """
        text = header_line(request.headers, self.header)
        if not text:
            return None
        if self.mode is AlbMode.VERIFY:
            return Presented(certificate_from_pem(percent_decode(text)), sources=(self.name,))
        leaf, *chain = certificates_from_pem(percent_decode(text))
        require_leaf_left_out(leaf, chain, self.header)
        return Presented(leaf, tuple(chain), (self.name,))
