"""TLS of the gRPC listener: server certificate, key and client CAs, exchanged in place.

The files are read and checked where the configuration is loaded; what is used are the bytes that were checked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self, cast

import grpc

from extauthz.config.schema.listen import Tls


@dataclass(frozen=True, slots=True)
class TlsMaterial:
    """PEM text as gRPC takes it."""

    certificates: bytes
    """The server's own first, then its intermediates."""
    key: bytes = field(repr=False)
    client_ca: bytes | None = None
    """Whose clients may connect; None: no client certificate is asked for."""

    @classmethod
    def of(cls, settings: Tls, directory: Path, contents: Mapping[Path, bytes]) -> Self:
        """Take what was read and checked; relative names start at ``directory``."""
        return cls(
            contents[directory / settings.cert],
            contents[directory / settings.key],
            None if settings.client_ca is None else contents[directory / settings.client_ca],
        )


class TlsCredentials:
    """gRPC server credentials whose material can be exchanged; connections made before keep what they have."""

    def __init__(self, material: TlsMaterial) -> None:
        self._material = self._taken = material
        self.credentials = grpc.dynamic_ssl_server_credentials(
            _configuration(material), self._fetch, require_client_authentication=material.client_ca is not None
        )

    def replace(self, material: TlsMaterial) -> None:
        """Use other material for the next handshakes.

        Whether clients need a certificate stays as it was bound. So material that differs in it leaves the client CA in
        use: where clients need a certificate, gRPC would have nothing to verify them with.
        """
        if (material.client_ca is None) != (self._material.client_ca is None):
            material = replace(material, client_ca=self._material.client_ca)
        self._material = material

    def _fetch(self) -> grpc.ServerCertificateConfiguration:
        """Say what to use from now on; None for no change. gRPC asks before each handshake, one at a time."""
        material = self._material
        if material == self._taken:
            # The stubs leave out the None of the documentation. A new context for each handshake would cost one.
            return cast("grpc.ServerCertificateConfiguration", None)
        self._taken = material
        return _configuration(material)


def _configuration(material: TlsMaterial) -> grpc.ServerCertificateConfiguration:
    pair = (material.key, material.certificates)
    return grpc.ssl_server_certificate_configuration([pair], root_certificates=material.client_ca)
