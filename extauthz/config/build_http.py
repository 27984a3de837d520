"""What the HTTP listener answers with, built from a checked configuration."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Literal

from extauthz.config.load import LoadedConfig
from extauthz.config.schema.config import Config
from extauthz.config.schema.http import Callers, Http
from extauthz.config.schema.sources import Base64DerSource, NginxSource, Source, XfccSource
from extauthz.config.secret_file import secret_of
from extauthz.config.typed_san import any_of_sans
from extauthz.engine import Engine
from extauthz.policy.rules.base import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerRules:
    """Who may ask over HTTP. Of what is given, each must hold; None and empty ask for nothing."""

    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    clients: Rule | None = None
    """Holds for the identity in the caller's own certificate."""
    unix_users: frozenset[int] | None = None
    secret_header: bytes = b""
    secret: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltHttp:
    """See ``BuiltEngine``; the trust and the policies are the same."""

    engine: Engine
    settings: Http
    callers: CallerRules


def build_http(http: Http, engine: Engine, loaded: LoadedConfig) -> BuiltHttp:
    """Build it. ``engine`` reads ``http_sources``."""
    return BuiltHttp(
        engine=engine,
        settings=http,
        callers=CallerRules() if http.callers is None else _callers(http.callers, loaded),
    )


def http_sources(config: Config) -> Sequence[Source]:
    """Return the sources of the HTTP listener: those that are configured, else those of its dialect; () without one.

    Those of the dialect read what the examples have each proxy write. NGINX says whether it has verified the
    certificate; where the chain is verified here, that is not needed.
    """
    http = config.listen.http
    if http is None:
        return ()
    if http.sources is not None:
        return http.sources
    return (_source_of(http.dialect, verify="here" if config.trust.chain == "verify" else "success"),)


def _source_of(dialect: str, verify: Literal["success", "here"]) -> Source:
    sources: Mapping[str, Source] = {
        "nginx": NginxSource(type="nginx", verify=verify),
        "ingress_nginx": NginxSource(
            type="nginx", header="ssl-client-cert", verify_header="ssl-client-verify", verify=verify
        ),
        "traefik": Base64DerSource(type="base64_der", header="x-forwarded-tls-client-cert", form="comma_list"),
        "caddy": Base64DerSource(type="base64_der", header="x-client-certificate"),
        "haproxy": Base64DerSource(type="base64_der", header="x-ssl-client-cert", chain_header="x-ssl-client-chain"),
        "envoy_http": XfccSource(type="xfcc"),
    }
    return sources[dialect]


def _callers(callers: Callers, loaded: LoadedConfig) -> CallerRules:
    secret = callers.secret
    return CallerRules(
        networks=tuple(ip_network(text) for text in callers.addresses or ()),
        clients=None if callers.clients is None else any_of_sans(callers.clients),
        unix_users=None if callers.unix_users is None else frozenset(callers.unix_users),
        secret_header=b"" if secret is None else secret.header.encode("ascii"),
        secret=b"" if secret is None else secret_of(loaded.files.contents[loaded.directory / secret.file]),
    )
