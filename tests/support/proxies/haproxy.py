"""HAProxy, of Debian's package."""

from collections.abc import Sequence
from typing import ClassVar

from debian_tool import find_tool

from support.proxies.example import EDGE, rewrite
from support.proxies.proxy import Proxy


class Haproxy(Proxy):
    """HAProxy with a Lua action."""

    name: ClassVar[str] = "haproxy"
    packages: ClassVar[tuple[str, ...]] = ()

    def render(self, *, extauthz: str, upstream: str, more: Sequence[int]) -> None:
        changes = {f"127.0.0.1:{EDGE}": f"127.0.0.1:{self.port}", "127.0.0.1:8080": upstream}
        rewrite(self.directory / "haproxy.cfg", changes)
        rewrite(self.directory / "extauthz.lua", {"127.0.0.1:9192": extauthz})
        pki = self.directory / "pki"
        (pki / "edge.pem").write_bytes((pki / "server.pem").read_bytes() + (pki / "server.key").read_bytes())

    def command(self) -> Sequence[str]:
        return (str(find_tool("haproxy", "haproxy")), "-db", "-f", "haproxy.cfg")
