"""Pack a Helm chart so that the same files always give the same bytes, which ``helm package`` does not.

Files stand in the order of their names, belong to nobody in particular, and are as old as they are said to be.
"""

import gzip
import io
import tarfile
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Final

_IGNORED: Final = ".helmignore"
_MODE: Final = 0o644


def pack_chart(chart: Path, *, modified: int) -> bytes:
    """Return the gzipped tar archive of the chart, below its folder's name; ``modified`` is in seconds since 1970.

    Without what ``.helmignore`` names. Of its forms those are understood that this project uses: a name (``*.tmp``), a
    path (``ci/drafts``), either with ``/`` behind it for a folder. Raises ValueError for others.
    """
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for path, name in _files(chart):
            member = tarfile.TarInfo(f"{chart.name}/{name}")
            member.size, member.mtime, member.mode = path.stat().st_size, modified, _MODE
            with path.open("rb") as file:
                archive.addfile(member, file)
    packed = io.BytesIO()
    # Not gzip.compress(): what that puts into the header for "made by which system" is not the same everywhere.
    with gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0) as stream:
        stream.write(content.getvalue())
    return packed.getvalue()


def _files(chart: Path) -> Iterator[tuple[Path, PurePosixPath]]:
    """Give the files to pack with their names within the chart: Chart.yaml first, as readers like it."""
    ignored = _patterns(chart / _IGNORED)
    found = {PurePosixPath(path.relative_to(chart).as_posix()): path for path in chart.rglob("*") if path.is_file()}
    for name in sorted(found, key=lambda name: (name.as_posix() != "Chart.yaml", name.as_posix())):
        if not _is_ignored(name, ignored):
            yield found[name], name


def _patterns(file: Path) -> Sequence[str]:
    lines = [line.strip() for line in file.read_text().splitlines()] if file.is_file() else []
    patterns = [line for line in lines if line and not line.startswith("#")]
    for pattern in patterns:
        if pattern.startswith(("!", "/")) or "**" in pattern:
            raise ValueError(f"{file}: {pattern!r} is of a form that is not understood here")
    return (*patterns, _IGNORED)


def _is_ignored(name: PurePosixPath, patterns: Sequence[str]) -> bool:
    """Say whether a file, or a folder that it is in, is named."""
    places = [name, *list(name.parents)[:-1]]  # the last parent is "."
    return any(
        fnmatchcase(place.as_posix() if "/" in pattern.rstrip("/") else place.name, pattern.rstrip("/"))
        for pattern in patterns
        for place in (places[1:] if pattern.endswith("/") else places)
    )
