"""Real proxies before extauthz, each with the configuration of its directory in examples/."""

from collections.abc import Sequence
from typing import Final

from support.proxies.caddy import Caddy
from support.proxies.envoy import EnvoyGrpc, EnvoyHttp
from support.proxies.haproxy import Haproxy
from support.proxies.nginx import Nginx
from support.proxies.proxy import Proxy
from support.proxies.traefik import Traefik

KINDS: Final[Sequence[type[Proxy]]] = (EnvoyGrpc, EnvoyHttp, Nginx, Traefik, Caddy, Haproxy)
"""Every proxy that has an example."""
