"""The ``path`` sources of a configuration: files, and directories of files."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from extauthz.config.read_files import FileError, FileReader
from extauthz.refresh.file_feed import FileFeed, read_feed
from extauthz.refresh.indexer import Indexer
from extauthz.refresh.settings import CrlSettings, PathSource
from extauthz.refresh.state_directory import State


class OwnFeeds(NamedTuple):
    """Which feeds belong to one configured source."""

    label: str
    required: bool
    numbers: frozenset[int]


def read_paths(
    settings: CrlSettings, state: State, known: Mapping[Path, FileFeed], indexer: Indexer, at: datetime
) -> tuple[tuple[FileFeed, ...], list[OwnFeeds]]:
    """Read every file that changed, and take the others as they are ``known``."""
    files = FileReader(settings.directory)
    feeds: dict[Path, FileFeed] = {}
    places: dict[Path, int] = {}
    sources = []
    for source in settings.paths:
        own = set()
        for path in _listed(files, source):
            if path not in feeds:
                feeds[path] = read_feed(
                    path,
                    _label(path, settings.directory),
                    known.get(path),
                    required=source.required,
                    issuers=settings.issuers,
                    files=files,
                    indexer=indexer,
                    indices=state.indices,
                    at=at,
                )
                places[path] = len(places)
            own.add(places[path])
        label = _label(files.resolve(source.name), settings.directory)
        sources.append(OwnFeeds(label, source.required, frozenset(own)))
    return tuple(feeds.values()), sources


def _listed(files: FileReader, source: PathSource) -> list[Path]:
    try:
        return files.list_files(source.name)
    except FileError:
        return []  # gone since the configuration was checked, an instant ago: the next load says so


def _label(path: Path, directory: Path) -> str:
    """Return a path for metrics and logs: as seen from the configuration."""
    name = str(path.relative_to(directory) if path.is_relative_to(directory) else path)
    # A file name is any bytes; a label is text, and one that is none would take all the metrics along.
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
