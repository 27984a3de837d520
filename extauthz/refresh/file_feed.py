"""CRL files: read when they changed, their last good content kept when the new one cannot be used."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from extauthz.config.read_files import FileError, FileReader
from extauthz.identity.certificate import Certificate
from extauthz.refresh.content import Content
from extauthz.refresh.indexer import Indexer, IndexerError

CLOCK_SLACK_NS = 20_000_000
"""File times lag behind the clock by up to a tick of the kernel (10 ms). A file that was written within this time
before it was read may have been written again since, without any difference that could be seen."""

Stamp = tuple[int, int, int, int, int]
"""Device, inode, size, times of last change (content, then anything) in ns."""
_NEVER: Stamp = (0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFeed:
    """One CRL file, as it was when it was looked at last."""

    path: Path
    label: str
    required: bool
    content: Content
    last_attempt: datetime
    last_success: datetime | None
    problem: str | None
    """Why the last attempt gave less than it should; None when all is well."""
    issuers: tuple[bytes, ...]
    """SHA-256 of the certificates whose signatures counted."""
    stamp: Stamp = _NEVER
    """Of what was read; never equal to a file's when that could not be told for sure."""


def read_feed(
    path: Path,
    label: str,
    before: FileFeed | None,
    *,
    required: bool,
    issuers: Sequence[Certificate],
    files: FileReader,
    indexer: Indexer,
    indices: Path | None,
    at: datetime,
) -> FileFeed:
    """Read one file, or take what it gave before if neither it nor the issuers changed. Blocks; raises nothing."""
    trusted = tuple(one.sha256 for one in issuers)
    kept = Content()
    last_success = None
    if before is not None:
        kept = before.content if before.issuers == trusted else before.content.trusting(issuers)
        last_success = before.last_success
    begun_ns = time.time_ns() - CLOCK_SLACK_NS

    def failed(problem: str) -> FileFeed:
        return FileFeed(
            path=path,
            label=label,
            required=required,
            content=kept,
            last_attempt=at,
            last_success=last_success,
            problem=problem,
            issuers=trusted,
        )

    try:
        with files.open(path) as file:
            status = os.fstat(file.fileno())
            stamp = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
            if before is not None and before.stamp == stamp and before.issuers == trusted:
                success = at if before.problem is None else before.last_success
                return replace(before, label=label, required=required, last_attempt=at, last_success=success)
            content = Content.of(indexer.load(file, label, issuers, indices), kept)
    except FileError as error:
        return failed(f"the file {error}")
    except OSError as error:
        return failed(f"the file cannot be read: {error.strerror}")
    except IndexerError as error:
        return failed(str(error))
    problem = content.problem
    return FileFeed(
        path=path,
        label=label,
        required=required,
        content=content,
        last_attempt=at,
        last_success=at if problem is None else last_success,
        problem=problem,
        issuers=trusted,
        stamp=stamp if max(stamp[-2:]) < begun_ns else _NEVER,
    )
