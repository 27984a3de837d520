"""Distribution points that clients' certificates name, as far as the configuration allows them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from extauthz.refresh.settings import CrlSettings, UrlSource, url_label
from extauthz.refresh.url_feed import UrlFeed

MAX_POINTS = 64
"""Distribution points that are kept fresh at a time. A CA has one, or a few dozen when it splits its CRLs."""


class Points:
    """The distribution points in use. Not safe for several threads at a time."""

    def __init__(self) -> None:
        self._feeds: dict[str, UrlFeed] = {}
        self._number = 0

    @property
    def feeds(self) -> tuple[UrlFeed, ...]:
        """One for each distribution point."""
        return tuple(self._feeds.values())

    def allow(self, settings: CrlSettings, at: datetime) -> None:
        """Keep those that a new configuration allows, with what is still trusted of them."""
        kept = {}
        for url, feed in self._feeds.items():
            source = _allowed(url, feed.source.label, settings)
            if source is not None:
                feed.follow(source, at)
                if tuple(one.sha256 for one in settings.issuers) != feed.trusted:
                    content = feed.state.content.trusting(settings.issuers)
                    feed = UrlFeed(source, settings.issuers, replace(UrlFeed(source, ()).state, content=content))  # noqa: PLW2901  (the same one, as others see it)
                kept[url] = feed
        self._feeds = kept

    def want(self, urls: Iterable[str], settings: CrlSettings, configured: Sequence[UrlFeed]) -> bool:
        """Add URLs. Return whether any was added."""
        known = {feed.source.url for feed in configured}
        added = False
        for url in urls:
            if url in known or url in self._feeds:
                continue
            source = _allowed(url, "", settings)
            if source is None or not self._has_room():
                continue
            self._number += 1
            label = f"distribution_points:{_host(url)}#{self._number}"
            self._feeds[url] = UrlFeed(replace(source, label=label), settings.issuers)
            added = True
        return added

    def _has_room(self) -> bool:
        """Make room if that takes only one that never gave anything."""
        if len(self._feeds) < MAX_POINTS:
            return True
        useless = [url for url, feed in self._feeds.items() if feed.state.failures and not feed.state.content.crls]
        if useless:
            del self._feeds[useless[0]]
        return bool(useless)


def _allowed(url: str, label: str, settings: CrlSettings) -> UrlSource | None:
    points = settings.distribution_points
    host = _host(url)
    if points is None or host is None or host not in points.hosts:
        return None
    return UrlSource(
        url=url, label=label, where=url_label(url), refresh=points.refresh, required=False, operators=False
    )


def _host(url: str) -> str | None:
    """Return the host of an http or https URL, as the configuration writes it."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not host:
        return None
    return f"[{host}]" if ":" in host else host
