"""What extauthz expects of a proxy that asks over HTTP: the names of the headers that it reads."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypedDict

from extauthz.config.build_http import http_sources
from extauthz.config.schema.config import Config
from extauthz.config.schema.http import Http, RequestHeaders
from extauthz.config.schema.sources import AwsAlbSource, Base64DerSource, NginxSource, Rfc9440Source, Source
from extauthz.wire.http.dialect import PRESETS, Dialect, RequestForm

NGINX: Final = (Dialect.NGINX, Dialect.INGRESS_NGINX)
TRAEFIK: Final = (Dialect.TRAEFIK,)
CADDY: Final = (Dialect.CADDY,)
HAPROXY: Final = (Dialect.HAPROXY,)
ENVOY_HTTP: Final = (Dialect.ENVOY_HTTP,)
"""The dialects of each proxy, the usual one first."""

FORWARDED_CERTIFICATE: Final = "x-forwarded-tls-client-cert"
"""The header that Traefik writes, and takes for one of its own forwarded ones."""
XFCC: Final = "x-forwarded-client-cert"
RFC9440: Final = "client-cert"
FORWARDED_ELSEWHERE: Final = (
    "client-cert",
    "ssl-client-cert",
    "x-amzn-mtls-clientcert",
    "x-client-certificate",
    "x-forwarded-client-cert",
    "x-ssl-client-cert",
)
"""What passes for a client's certificate behind some proxy or other, and so for whoever believes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpWiring:
    """The HTTP listener as a proxy has to serve it. Header names are lower case."""

    certificate_header: str
    verify_header: str | None
    method_header: str | None
    host_header: str | None
    path_header: str | None
    url_header: str | None
    """Those with method, host and path of the request that is decided; with ``url_header``, without the two before."""
    prefix: str

    @property
    def request_headers(self) -> tuple[str, ...]:
        """All of them that are read."""
        names = (self.method_header, self.host_header, self.path_header, self.url_header)
        return tuple(name for name in names if name is not None)


def is_below(path: str, prefix: str) -> bool:
    """Say whether the listener answers questions at a path."""
    return f"{path}/".startswith(f"{prefix.rstrip('/')}/")


def speaks(http: Http | None, dialects: Iterable[Dialect]) -> bool:
    """Say whether there is an HTTP listener, and for this proxy."""
    return http is not None and Dialect(http.dialect) in dialects


def http_wiring(config: Config, dialects: tuple[Dialect, ...]) -> HttpWiring:
    """Return what is configured for this proxy, or, where nothing is, what would be without further settings."""
    http = config.listen.http
    if http is None or not speaks(http, dialects):
        http = Http(dialect=dialects[0].value, unsafe_any_caller=True)
        config = config.model_copy(update={"listen": config.listen.model_copy(update={"http": http})})
    source = http_sources(config)[0]
    return HttpWiring(
        certificate_header=_certificate_header(source),
        verify_header=source.verify_header if isinstance(source, NginxSource) else None,
        prefix=http.prefix,
        **_request_headers(PRESETS[Dialect(http.dialect)].form, http.request),
    )


def _certificate_header(source: Source) -> str:
    if isinstance(source, NginxSource | Base64DerSource):
        return source.header
    if isinstance(source, AwsAlbSource):
        return source.header_in_use
    return RFC9440 if isinstance(source, Rfc9440Source) else XFCC


class _RequestHeaders(TypedDict):
    method_header: str | None
    host_header: str | None
    path_header: str | None
    url_header: str | None


def _request_headers(form: RequestForm, given: RequestHeaders | None) -> _RequestHeaders:
    given = given or RequestHeaders()
    method = given.method_header or form.method
    if given.url_header is not None:
        return {"method_header": method, "host_header": None, "path_header": None, "url_header": given.url_header}
    return {
        "method_header": method,
        "host_header": given.host_header or form.host,
        "path_header": given.path_header or form.path,
        "url_header": None if given.path_header is not None else form.url,
    }
