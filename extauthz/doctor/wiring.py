"""What extauthz expects of a proxy that asks over HTTP: the names of the headers that it reads."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpWiring:
    """The HTTP listener as a proxy has to serve it. Header names are lower case."""

    dialect: str
    certificate_header: str
    verify_header: str | None = None
    """Where the proxy says whether it verified the certificate."""
    chain_header: str | None = None
    request_headers: tuple[str, ...] = ()
    """Those with method, host and path of the request that is decided."""
    prefix: str = "/check"


NGINX = HttpWiring(
    dialect="nginx",
    certificate_header="x-ssl-client-cert",
    verify_header="x-ssl-client-verify",
    request_headers=("x-original-method", "x-original-host", "x-original-uri"),
)
TRAEFIK = HttpWiring(
    dialect="traefik",
    certificate_header="x-forwarded-tls-client-cert",
    request_headers=("x-forwarded-method", "x-forwarded-host", "x-forwarded-uri"),
)
CADDY = HttpWiring(
    dialect="caddy",
    certificate_header="x-client-certificate",
    request_headers=("x-forwarded-method", "x-forwarded-host", "x-forwarded-uri"),
)
ENVOY_HTTP = HttpWiring(dialect="envoy_http", certificate_header="x-forwarded-client-cert")
