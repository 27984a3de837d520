"""What extauthz expects of a proxy that asks over HTTP: the names of the headers that it reads."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from extauthz.config.build_http import http_sources
from extauthz.config.schema.config import Config
from extauthz.config.schema.http import Http, RequestHeaders
from extauthz.config.schema.sources import Base64DerSource, NginxSource, Rfc9440Source, Source
from extauthz.wire.http.dialect import PRESETS, Dialect, RequestForm

NGINX: Final = (Dialect.NGINX, Dialect.INGRESS_NGINX)
TRAEFIK: Final = (Dialect.TRAEFIK,)
CADDY: Final = (Dialect.CADDY,)
ENVOY_HTTP: Final = (Dialect.ENVOY_HTTP,)
"""The dialects of each proxy, the usual one first."""

FORWARDED_CERTIFICATE: Final = "x-forwarded-tls-client-cert"
"""The header that Traefik writes, and takes for one of its own forwarded ones."""
XFCC: Final = "x-forwarded-client-cert"
RFC9440: Final = "client-cert"


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpWiring:
    """The HTTP listener as a proxy has to serve it. Header names are lower case."""

    certificate_header: str
    verify_header: str | None
    request_headers: tuple[str, ...]
    """Those with method, host and path of the request that is decided."""
    prefix: str


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
        request_headers=_request_headers(PRESETS[Dialect(http.dialect)].form, http.request),
        prefix=http.prefix,
    )


def _certificate_header(source: Source) -> str:
    if isinstance(source, NginxSource | Base64DerSource):
        return source.header
    return RFC9440 if isinstance(source, Rfc9440Source) else XFCC


def _request_headers(form: RequestForm, given: RequestHeaders | None) -> tuple[str, ...]:
    if given is None:
        names = [form.method, form.host, form.path, form.url]
    elif given.url_header is not None:
        names = [given.method_header or form.method, given.url_header]
    else:
        names = [given.method_header or form.method, given.host_header or form.host, given.path_header or form.path]
        names.append(None if given.path_header is not None else form.url)
    return tuple(name for name in names if name is not None)
