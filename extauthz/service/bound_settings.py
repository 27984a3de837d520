"""What of ``listen`` is bound at the start and stays until the end, whatever later configurations say."""

from collections.abc import Iterator
from enum import StrEnum

from extauthz.config.schema.config import Config
from extauthz.config.schema.http import Http
from extauthz.config.schema.listen import Listen
from extauthz.config.schema.tls import ServerTls

_RELOADED_HTTP = frozenset({"dialect", "prefix", "request", "sources", "callers", "unsafe_any_caller"})
"""Settings under ``listen.http`` that follow a reload; so do its TLS files."""


class Kept(StrEnum):
    """What a listener keeps of the last configuration that had something to say about it."""

    GRPC_CALLERS = "who may call, and the CAs of their certificates"
    GRPC_CERTIFICATE = "its own certificate"
    HTTP_CALLERS = "who may ask over HTTP"
    HTTP_CERTIFICATE = "its own certificate over HTTP"


def said_of(bound: Listen, config: Config) -> Iterator[Kept]:
    """Yield what a configuration has to say about listeners that are bound like this, each for itself."""
    wanted = config.listen
    if config.sources is not None and not callers_wait(bound, wanted):
        yield Kept.GRPC_CALLERS
    if None not in (bound.grpc.tls, wanted.grpc.tls):
        yield Kept.GRPC_CERTIFICATE
    if wanted.http is not None and not http_callers_wait(bound, wanted):
        yield Kept.HTTP_CALLERS
    if None not in (bound.http and bound.http.tls, wanted.http and wanted.http.tls):
        yield Kept.HTTP_CERTIFICATE


def restart_needed(bound: Listen, wanted: Listen) -> tuple[str, ...]:
    """Return the settings under ``listen`` that differ and take effect only at the next start.

    The TLS files and the callers follow a reload; whether there is TLS, and whether it asks for certificates, does not.
    """
    old, new = dict(_bound_settings(bound)), dict(_bound_settings(wanted))
    return tuple(name for name in old if old[name] != new[name])


def callers_wait(bound: Listen, wanted: Listen) -> bool:
    """Say whether who may call has to stay as it is until the next start.

    A list of callers belongs to a listener that asks for certificates. Without that one it would admit everybody whom
    the old listener still lets connect; or, on an old listener that asks for none, nobody.
    """
    return _asks_for_certificates(bound) != _asks_for_certificates(wanted)


def http_callers_wait(bound: Listen, wanted: Listen) -> bool:
    """Say the same of the HTTP listener: whom its callers let in depends on where, and how, it listens."""
    if bound.http is None or wanted.http is None:
        return False
    return (bound.http.address, _asked(bound.http.tls)) != (wanted.http.address, _asked(wanted.http.tls))


def http_speech(listen: Listen) -> object:
    """Return what says in which headers of the HTTP listener's callers what stands; None without that listener."""
    http = listen.http
    return None if http is None else (http.dialect, http.sources, http.request)


def _asks_for_certificates(listen: Listen) -> bool:
    tls = listen.grpc.tls
    return tls is not None and tls.client_ca is not None


def _bound_settings(listen: Listen) -> Iterator[tuple[str, object]]:
    yield "listen.grpc.tls", listen.grpc.tls is not None
    yield "listen.grpc.tls.client_ca", _asks_for_certificates(listen)
    for name in type(listen.grpc).model_fields:
        if name != "tls":
            yield f"listen.grpc.{name}", getattr(listen.grpc, name)
    yield "listen.http", listen.http is not None
    for name in Http.model_fields:
        if name not in _RELOADED_HTTP:
            value = None if listen.http is None else getattr(listen.http, name)
            yield f"listen.http.{name}", _asked(value) if name == "tls" else value
    yield "listen.admin.address", listen.admin.address


def _asked(tls: ServerTls | None) -> tuple[bool, bool]:
    return tls is not None, tls is not None and tls.client_ca is not None
