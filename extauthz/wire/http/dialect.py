"""What each proxy says, and understands, when it asks over HTTP.

A proxy puts the request that it asks about into headers of its question, each under names of its own; Envoy sends the
request itself, below a prefix. And each has its own idea of an answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Dialect(StrEnum):
    """The proxies that there is a preset for."""

    NGINX = "nginx"
    INGRESS_NGINX = "ingress_nginx"
    TRAEFIK = "traefik"
    CADDY = "caddy"
    HAPROXY = "haproxy"
    ENVOY_HTTP = "envoy_http"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestForm:
    """Where method, host and path of the request in question stand: lower-case names of headers of the question.

    None: it is that of the question itself, its path without the prefix. With ``url``, a whole URL gives host and path.
    """

    method: str | None = None
    host: str | None = None
    path: str | None = None
    url: str | None = None


class Removal(StrEnum):
    """How a proxy is told to remove headers that a client may have forged."""

    BY_PROXY = "by_proxy"
    """Not at all: its configuration removes every identity header before it copies those of the answer."""
    BLANK = "blank"
    """By headers without a value, in the place of those that this client has no value for."""
    NAMED = "named"
    """In ``x-envoy-auth-headers-to-remove``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """One dialect."""

    form: RequestForm
    only_401_and_403: bool = False
    """Every other status of a deny is an error to this proxy."""
    removal: Removal = Removal.BY_PROXY


_ORIGINAL: Final = RequestForm(method="x-original-method", host="x-original-host", path="x-original-uri")
_FORWARDED: Final = RequestForm(method="x-forwarded-method", host="x-forwarded-host", path="x-forwarded-uri")

PRESETS: Final[Mapping[Dialect, Preset]] = {
    Dialect.NGINX: Preset(form=_ORIGINAL, only_401_and_403=True),
    Dialect.INGRESS_NGINX: Preset(
        form=RequestForm(method="x-original-method", url="x-original-url"), only_401_and_403=True
    ),
    Dialect.TRAEFIK: Preset(form=_FORWARDED),
    Dialect.CADDY: Preset(form=_FORWARDED, removal=Removal.BLANK),
    Dialect.HAPROXY: Preset(form=_ORIGINAL),
    Dialect.ENVOY_HTTP: Preset(form=RequestForm(), removal=Removal.NAMED),
}
