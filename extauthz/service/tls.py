"""TLS of the gRPC listener: server certificate, key and client CAs, exchanged in place.

The files are checked where the configuration is loaded. Should they change between that check and the reading here,
they are refused at the next handshake, which goes on with the last good ones.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from extauthz.config.schema.listen import Tls


@dataclass(frozen=True, slots=True)
class TlsMaterial:
    """PEM text."""

    certificates: bytes
    """The server's own first, then its intermediates."""
    key: bytes = field(repr=False)
    client_ca: bytes | None = None
    """Whose clients may connect; None: no client certificate is asked for."""

    @classmethod
    def read(cls, settings: Tls, directory: Path) -> Self:
        """Read the files; relative names start at ``directory``. Raises OSError."""
        return cls(
            (directory / settings.cert).read_bytes(),
            (directory / settings.key).read_bytes(),
            None if settings.client_ca is None else (directory / settings.client_ca).read_bytes(),
        )


class TlsInUse:
    """The material for the next handshakes; connections made before keep what they have."""

    def __init__(self, material: TlsMaterial) -> None:
        self.material = material

    def replace(self, material: TlsMaterial) -> None:
        """Use other material for the next handshakes.

        Whether clients need a certificate stays as it was bound. So material that differs in it leaves the client CA in
        use: where clients need a certificate, there would be nothing to verify them with.
        """
        if (material.client_ca is None) != (self.material.client_ca is None):
            material = replace(material, client_ca=self.material.client_ca)
        self.material = material
