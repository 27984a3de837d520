"""Envoy, of the PyPI package that the demo brings: over gRPC, and over HTTP."""

from collections.abc import Sequence
from typing import ClassVar

from extauthz.demo.envoy import find_envoy
from support.proxies.example import EDGE, rewrite
from support.proxies.proxy import Proxy


class EnvoyHttp(Proxy):
    """Envoy with ext_authz and http_service."""

    name: ClassVar[str] = "envoy-http"
    packages: ClassVar[tuple[str, ...]] = ()
    listener: ClassVar[str] = "9192"

    def _ports_besides(self) -> int:
        return 1

    def render(self, *, extauthz: str, upstream: str, more: Sequence[int]) -> None:
        (admin,) = more
        ports = {
            EDGE: self.port,
            "9901": admin,
            self.listener: extauthz.rpartition(":")[2],
            "8080": upstream.rpartition(":")[2],
        }
        changes = {f"port_value: {old}}}": f"port_value: {new}}}" for old, new in ports.items()}
        rewrite(self.directory / "envoy.yaml", changes)

    def command(self) -> Sequence[str]:
        return (str(find_envoy()), "-c", "envoy.yaml")

    def besides(self) -> Sequence[str]:
        return ("--disable-hot-restart", "--concurrency", "1", "--log-level", "warning")


class EnvoyGrpc(EnvoyHttp):
    """Envoy with ext_authz and grpc_service."""

    name: ClassVar[str] = "envoy"
    api: ClassVar[str] = "grpc"
    listener: ClassVar[str] = "9191"
