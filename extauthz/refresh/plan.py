"""A configuration's CRL sources, loaded once and perhaps not in use yet."""

from dataclasses import dataclass

from extauthz.refresh.file_feed import FileFeed
from extauthz.refresh.paths import OwnFeeds
from extauthz.refresh.settings import CrlSettings
from extauthz.refresh.state_directory import State
from extauthz.refresh.url_feed import UrlFeed


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the sources gave so far, and what they are."""

    settings: CrlSettings
    state: State
    files: tuple[FileFeed, ...]
    sources: tuple[OwnFeeds, ...]
    """Of each configured source; feeds are numbered files first, then URLs."""
    urls: tuple[UrlFeed, ...]
