"""TLS material as grpcio takes it."""

from typing import cast

import grpc

from extauthz.service.tls import TlsInUse, TlsMaterial


class GrpcTls:
    """gRPC server credentials that follow the material in use."""

    def __init__(self, in_use: TlsInUse) -> None:
        self._in_use = in_use
        self._taken = in_use.material
        self.credentials = grpc.dynamic_ssl_server_credentials(
            _configuration(self._taken),
            self._fetch,
            require_client_authentication=self._taken.client_ca is not None,
        )

    def _fetch(self) -> grpc.ServerCertificateConfiguration:
        """Say what to use from now on; None for no change. gRPC asks before each handshake, one at a time."""
        material = self._in_use.material
        if material == self._taken:
            # The stubs leave out the None of the documentation. A new context for each handshake would cost one.
            return cast("grpc.ServerCertificateConfiguration", None)
        self._taken = material
        return _configuration(material)


def _configuration(material: TlsMaterial) -> grpc.ServerCertificateConfiguration:
    pair = (material.key, material.certificates)
    return grpc.ssl_server_certificate_configuration([pair], root_certificates=material.client_ca)
