"""Whether a proxy and extauthz speak TLS with each other, as far as two texts can say.

Either both do or neither: nothing between the two mends it, unless it ends TLS itself. Whether the proxy's certificate
is one that extauthz takes, and whether the proxy believes that of extauthz, is not looked at here.
"""

from collections.abc import Iterator
from enum import Enum, auto

from extauthz.config.key_path import KeyPath
from extauthz.config.schema.tls import ServerTls
from extauthz.doctor.code import Code
from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding
from extauthz.doctor.wiring import speaks
from extauthz.wire.http.dialect import Dialect


class Tls(Enum):
    """What a proxy's file says about its connections to extauthz."""

    UNKNOWN = auto()
    NONE = auto()
    ANONYMOUS = auto()
    """TLS in which the proxy shows no certificate."""
    MUTUAL = auto()
    """TLS in which it has one to show."""


def tls_of(scheme: str, *, certificate: bool) -> Tls:
    """Return what the scheme of a URL says, together with whether a certificate is configured."""
    if scheme in {"https", "grpcs"}:
        return Tls.MUTUAL if certificate else Tls.ANONYMOUS
    return Tls.NONE if scheme in {"http", "grpc"} else Tls.UNKNOWN


def tls_agrees_over_http(
    wants: Expectations, dialects: tuple[Dialect, ...], spoken: Tls, place: str
) -> Iterator[Finding]:
    """Yield it where a proxy of this kind and the HTTP listener cannot have a connection; ``place`` is for people."""
    http = wants.config.listen.http
    if http is not None and speaks(http, dialects):
        yield from _disagreement(wants, ("listen", "http"), http.tls, spoken, place)


def tls_agrees_over_grpc(wants: Expectations, spoken: Tls, place: str) -> Iterator[Finding]:
    """Yield it where a proxy and the gRPC listener cannot have a connection."""
    if wants.config.sources is not None:
        yield from _disagreement(wants, ("listen", "grpc"), wants.config.listen.grpc.tls, spoken, place)


def _disagreement(
    wants: Expectations, path: KeyPath, tls: ServerTls | None, spoken: Tls, place: str
) -> Iterator[Finding]:
    match spoken:
        case Tls.NONE if tls is not None:
            yield wants.found(Code.CONFIG_ASKED_WITHOUT_TLS, (*path, "tls"), f"{place} asks in plaintext")
        case Tls.ANONYMOUS | Tls.MUTUAL if tls is None:
            yield wants.found(Code.CONFIG_ASKED_WITH_TLS, path, f"{place} asks with TLS")
        case Tls.ANONYMOUS if tls is not None and tls.client_ca is not None:
            at = (*path, "tls", "client_ca")
            yield wants.found(Code.CONFIG_ASKED_WITHOUT_CERTIFICATE, at, f"{place} shows no certificate")
        case _:
            pass
