"""What a configuration says about CRL sources, as plain values."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from extauthz.config.build import BuiltEngine
from extauthz.config.schema.revocation import Revocation
from extauthz.identity.certificate import Certificate

DEFAULT_REFRESH = timedelta(hours=1)
"""CAs publish every few hours to days; a conditional request that finds nothing new costs next to nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PathSource:
    """A file or directory of CRLs."""

    name: str
    """As the configuration has it."""
    required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UrlSource:
    """A URL of a CRL."""

    url: str
    label: str
    """For metrics: what the configuration says, without the query."""
    where: str
    """For people: the URL without the query."""
    refresh: timedelta
    required: bool
    operators: bool = True
    """It stands in the configuration. False: in a certificate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DistributionPointSettings:
    """Which distribution points of certificates are fetched."""

    hosts: frozenset[str]
    refresh: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class CrlSettings:
    """Everything that the keeper needs to know of one configuration."""

    directory: Path
    """Absolute; relative paths start here."""
    paths: tuple[PathSource, ...] = ()
    urls: tuple[UrlSource, ...] = ()
    distribution_points: DistributionPointSettings | None = None
    issuers: tuple[Certificate, ...] = ()
    """Whose signatures on CRLs count."""
    state_directory: Path | None = None
    clock_skew: timedelta = timedelta()
    timeout: timedelta = timedelta(seconds=30)
    """Of one whole fetch."""
    max_bytes: int = 64 << 20
    redirect_hosts: frozenset[str] = frozenset()
    private_addresses: bool = False


def crl_settings(built: BuiltEngine) -> CrlSettings:
    """Return what the configuration of an engine says; without revocation there are no sources."""
    section = built.config.revocation
    if section is None:
        return CrlSettings(directory=built.directory)
    points, fetch = section.distribution_points, section.fetch
    return CrlSettings(
        directory=built.directory,
        paths=tuple(
            PathSource(name=source.path, required=source.required)
            for source in section.crls or ()
            if source.path is not None
        ),
        urls=tuple(_urls(section)),
        distribution_points=None
        if points is None
        else DistributionPointSettings(hosts=frozenset(points.hosts), refresh=points.refresh),
        issuers=(*built.anchors, *built.intermediates, *built.signers),
        state_directory=None if section.state_directory is None else built.directory / section.state_directory,
        clock_skew=built.config.trust.clock_skew,
        timeout=fetch.timeout,
        max_bytes=fetch.max_bytes,
        redirect_hosts=frozenset(fetch.redirect_hosts),
        private_addresses=fetch.private_addresses,
    )


def url_label(url: str) -> str:
    """Return a URL for people and metrics: without user information and query, which may hold secrets."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _urls(section: Revocation) -> Iterator[UrlSource]:
    seen: Counter[str] = Counter()
    for source in section.crls or ():
        if source.url is None:
            continue
        label = url_label(source.url)
        seen[label] += 1
        yield UrlSource(
            url=source.url,
            label=label if seen[label] == 1 else f"{label}#{seen[label]}",
            where=label,
            refresh=source.refresh or DEFAULT_REFRESH,
            required=source.required,
        )
