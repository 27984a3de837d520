"""Every code with what it means."""

from collections.abc import Mapping
from typing import Final

from extauthz.doctor.catalogue import caddy, envoy, haproxy, istio, nginx, own, traefik
from extauthz.doctor.code import Code
from extauthz.doctor.finding import Advice

CATALOGUE: Final[Mapping[Code, Advice]] = {
    **own.ADVICE,
    **envoy.ADVICE,
    **istio.ADVICE,
    **nginx.ADVICE,
    **traefik.ADVICE,
    **caddy.ADVICE,
    **haproxy.ADVICE,
}
"""Complete: a test compares it with ``Code``."""
