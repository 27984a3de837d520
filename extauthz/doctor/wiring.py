"""What extauthz expects of a proxy that asks over HTTP: the names of the headers that it reads."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from extauthz.config.schema.config import Config
from extauthz.config.schema.http import Http
from extauthz.config.schema.sources import Source
from extauthz.wire.http.dialect import PRESETS, Dialect

NGINX: Final = (Dialect.NGINX, Dialect.INGRESS_NGINX)
TRAEFIK: Final = (Dialect.TRAEFIK,)
CADDY: Final = (Dialect.CADDY,)
ENVOY_HTTP: Final = (Dialect.ENVOY_HTTP,)
"""The dialects of each proxy, the usual one first."""

FORWARDED_CERTIFICATE: Final = "x-forwarded-tls-client-cert"
"""The header that Traefik writes, and takes for one of its own forwarded ones."""
XFCC: Final = "x-forwarded-client-cert"


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateHeaders:
    """Where the certificate is, and what belongs to it. Names are lower case."""

    certificate: str
    verify: str | None = None
    """Where the proxy says whether it verified the certificate."""


_PRESET_CERTIFICATES: Final[Mapping[Dialect, CertificateHeaders]] = {
    Dialect.NGINX: CertificateHeaders(certificate="x-ssl-client-cert", verify="x-ssl-client-verify"),
    Dialect.INGRESS_NGINX: CertificateHeaders(certificate="ssl-client-cert", verify="ssl-client-verify"),
    Dialect.TRAEFIK: CertificateHeaders(certificate=FORWARDED_CERTIFICATE),
    Dialect.CADDY: CertificateHeaders(certificate="x-client-certificate"),
    Dialect.HAPROXY: CertificateHeaders(certificate="x-ssl-client-cert"),
    Dialect.ENVOY_HTTP: CertificateHeaders(certificate=XFCC),
}


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
        return _wiring(dialects[0], None, "/check")
    return _wiring(Dialect(http.dialect), http, http.prefix)


def _wiring(dialect: Dialect, http: Http | None, prefix: str) -> HttpWiring:
    preset = _PRESET_CERTIFICATES[dialect]
    certificates = next(map(_headers_of, (http.sources if http is not None else None) or ()), preset)
    form = PRESETS[dialect].form
    names = [form.method, form.host, form.path, form.url]
    if http is not None and http.request is not None:
        given = http.request
        method = given.method_header or form.method
        if given.url_header is not None:
            names = [method, None, None, given.url_header]
        else:
            names = [method, given.host_header or form.host, given.path_header or form.path, form.url]
    return HttpWiring(
        certificate_header=certificates.certificate,
        verify_header=certificates.verify,
        request_headers=tuple(name for name in names if name is not None),
        prefix=prefix,
    )


def _headers_of(source: Source) -> CertificateHeaders:
    # Sources name their headers in settings of the same names; those without such a setting read a header of their own.
    verify: str | None = getattr(source, "verify_header", None)
    return CertificateHeaders(certificate=getattr(source, "header", _OWN_HEADER.get(source.type, XFCC)), verify=verify)


_OWN_HEADER: Final[Mapping[str, str]] = {"xfcc": XFCC, "rfc9440": "client-cert"}
