"""TLS of a listener: server certificate, key and client CAs, exchanged in place.

The files are read and checked where the configuration is loaded; what is used are the bytes that were checked.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from extauthz.config.schema.tls import ServerTls


@dataclass(frozen=True, slots=True)
class TlsMaterial:
    """PEM text."""

    certificates: bytes
    """The server's own first, then its intermediates."""
    key: bytes = field(repr=False)
    client_ca: bytes | None = None
    """Whose clients may connect; None: no client certificate is asked for."""

    @classmethod
    def of(cls, settings: ServerTls, directory: Path, contents: Mapping[Path, bytes]) -> Self:
        """Take what was read and checked; relative names start at ``directory``."""
        return cls(
            contents[directory / settings.cert],
            contents[directory / settings.key],
            None if settings.client_ca is None else contents[directory / settings.client_ca],
        )


class TlsInUse:
    """The material for the next handshakes."""

    def __init__(self, material: TlsMaterial) -> None:
        self.material = material
        self._on_change: Callable[[], None] = _nobody

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call ``listener()`` after each change."""
        self._on_change = listener

    def replace(self, material: TlsMaterial, *, clients: bool = True) -> None:
        """Use other material for the next handshakes; ``clients``: its client CA as well.

        Whether clients need a certificate stays as it was bound. So material that differs in it leaves the client CA in
        use: where clients need a certificate, there would be nothing to verify them with.
        """
        if not clients or (material.client_ca is None) != (self.material.client_ca is None):
            material = replace(material, client_ca=self.material.client_ca)
        self.material = material
        self._on_change()


def _nobody() -> None:
    """Nobody listens."""
