"""One authorization question, freed of the transport that it came over."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from extauthz.model.forwarded import ForwardedIdentity


class AuthRequest(NamedTuple):
    """What a proxy asks about one request (or, without HTTP, about one connection).

    The transport fills in only the headers that the engine asks for (``Engine.wanted_headers``): the rest of a
    request is none of this service's business.

    A named tuple, because one is made for every request: a frozen dataclass takes three times as long.
    """

    source_certificate: str = ""
    """``attributes.source.certificate``: the leaf as URL-encoded PEM, or empty."""
    headers: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    """Lower-case name -> the value of each header line, in order. Bytes that are not UTF-8 stand as lone surrogates
    (``surrogateescape``), so that a source can refuse them."""
    underscored_headers: tuple[str, ...] = ()
    """Lower-case names of all request headers that hold ``_`` or start with the managed prefix: the candidates for a
    forged identity header in another spelling."""
    method: str = ""
    host: str = ""
    """The authority as the client sent it, a port included."""
    path: str = ""
    """Path and query, undecoded."""
    sni: str = ""
    context_extensions: Mapping[str, str] = MappingProxyType({})
    """Per-route configuration of the proxy; a client cannot set it."""
    metadata: Mapping[str, Mapping[str, object]] = MappingProxyType({})
    """``metadata_context.filter_metadata``: namespace -> plain Python values."""
    is_http: bool = True
    """False for Envoy's network (L4) filter: no method, host, path or headers."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a proxy said *about* a certificate beside handing it over (XFCC ``Subject``, ``URI``, ``DNS``, ``issuer``).

    Never an identity: it is only compared with the certificate, and a disagreement denies.
    """

    subject: str | None
    uris: tuple[str, ...]
    dns_names: tuple[str, ...]
    issuer: str | None = None


@dataclass(frozen=True, slots=True)
class Presented:
    """The client certificate that a proxy handed over. Nothing in it is verified yet."""

    leaf: bytes
    """DER."""
    chain: tuple[bytes, ...] = ()
    """DER of the other certificates, in the order presented, the leaf left out."""
    sources: tuple[str, ...] = ()
    """Names of the configured sources that agreed on the leaf, in configured order."""
    claims: Claims | None = None


Shown = Presented | ForwardedIdentity
"""What a source reads: a certificate, or where that is asked for the bare word of a proxy."""
