"""The way in: everything that was given, examined together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from extauthz.config.build import BuiltEngine
from extauthz.config.build_http import http_sources
from extauthz.config.build_sources import build_sources
from extauthz.config.document import Document
from extauthz.config.schema.config import Config
from extauthz.doctor.caddy.check import check_caddy
from extauthz.doctor.catalogue.catalogue import CATALOGUE
from extauthz.doctor.code import Severity
from extauthz.doctor.envoy.check import check_envoy
from extauthz.doctor.examined import Checked, Examined
from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding
from extauthz.doctor.haproxy.check import check_haproxy
from extauthz.doctor.istio.check import check_istio
from extauthz.doctor.nginx.check import check_nginx
from extauthz.doctor.own import settings
from extauthz.doctor.request.presence import certificate
from extauthz.doctor.traefik.check import check_traefik
from extauthz.model.request import AuthRequest
from extauthz.sources.select import SourceReader

_ORDER: Final = tuple(Severity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What is to be examined beside the configuration of extauthz, as far as it was given."""

    request: AuthRequest | None = None
    request_file: str = ""
    envoy: Path | None = None
    istio: Sequence[Path] = ()
    nginx: Path | None = None
    traefik: Sequence[Path] = ()
    caddy: Path | None = None
    haproxy: Sequence[Path] = ()


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found, and in what."""

    findings: Sequence[Finding]
    proxies: Sequence[Examined]


def examine(built: BuiltEngine, file: Path, document: Document, given: Given, *, cores: int) -> Examination:
    """Return everything that is found, the worst first and else in the order of the files.

    ``document`` has the places of the settings in ``file``; ``cores`` is what the service may use of this machine.
    Raises UnreadableError for the first file that cannot be examined.
    """
    wants = Expectations(built.config, str(file), document)
    checked = list(_proxies(wants, given))
    found = dict.fromkeys([*_own(built, wants, given, cores), *(one for each in checked for one in each.findings)])
    worst_first = sorted(found, key=lambda one: _ORDER.index(CATALOGUE[one.code].severity))
    return Examination(worst_first, [one.examined for one in checked])


def _own(built: BuiltEngine, wants: Expectations, given: Given, cores: int) -> Iterator[Finding]:
    yield from settings.warnings(built.warnings, wants)
    yield from settings.exposure(wants)
    yield from settings.workers(wants, cores)
    if given.request is not None:
        yield from certificate(given.request, _readers(built.config), given.request_file)


def _proxies(wants: Expectations, given: Given) -> Iterator[Checked]:
    if given.envoy is not None:
        yield check_envoy(given.envoy, wants)
    if given.istio:
        yield check_istio(given.istio, wants)
    if given.nginx is not None:
        yield check_nginx(given.nginx, wants)
    if given.traefik:
        yield check_traefik(given.traefik, wants)
    if given.caddy is not None:
        yield check_caddy(given.caddy, wants)
    if given.haproxy:
        yield check_haproxy(given.haproxy, wants)


def _readers(config: Config) -> list[SourceReader]:
    """Return the reader of each listener that there is."""
    return [SourceReader(build_sources(one)) for one in (config.sources, http_sources(config)) if one]
