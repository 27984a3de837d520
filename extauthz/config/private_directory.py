"""The state directory: whether it is this service's alone. Only looked at here; nothing is made."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

INSIDE = ("fetched", "indices")
"""Directories in it that must be as private as it is itself."""


class UnfitDirectoryError(ValueError):
    """A directory that may not be used, and why, as the end of a sentence that starts with its name."""


def expect_private(directory: Path) -> None:
    """Refuse what others may change: they could bring back an old CRL, or make this one forget the new ones.

    Raises UnfitDirectoryError, and OSError when it is not there.
    """
    status = directory.stat()
    for why in (_open_to_others(status), _closed_to_this_user(directory, status)):
        if why is not None:
            raise UnfitDirectoryError(why)


def state_directory_mistakes(directory: Path) -> Iterator[str]:
    """Yield why nobody could use it, as ends of sentences that start with its name. It need not be there."""
    status = _status(directory)
    if status is None:
        parent = _status(directory.parent)
        if parent is not None and not stat.S_ISDIR(parent.st_mode):
            yield f"cannot be made: {str(directory.parent)!r} is not a directory; name another place"
        elif directory.is_symlink():
            yield "is a symbolic link that leads nowhere; make the directory that it names"
    elif not stat.S_ISDIR(status.st_mode):
        yield "is not a directory; name one, or remove it"
    else:
        for one in (directory, *(directory / name for name in INSIDE)):
            inside = _status(one)
            if inside is not None and (why := _open_to_others(inside)) is not None:
                yield why if one == directory else f"is not private: its {one.name!r} {why}"


def state_directory_doubts(directory: Path) -> Iterator[str]:
    """Yield why this user could not use it on this machine. For a check made elsewhere that is no mistake."""
    status = _status(directory)
    place = directory if status is not None else directory.parent
    around = status or _status(place)
    if around is None:
        yield f"cannot be made: its parent {str(place)!r} does not exist here; make it before the service starts"
    elif status is None and not os.access(place, os.W_OK | os.X_OK):
        yield f"cannot be made: its parent {str(place)!r} may not be written by this user"
    elif status is not None and (why := _closed_to_this_user(directory, status)) is not None:
        yield f"{why}; the service refuses it when it runs as this user"


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except (OSError, ValueError):  # ValueError: NUL
        return None


def _open_to_others(status: os.stat_result) -> str | None:
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return "may be written by others; take that away with `chmod go-w`"
    return None


def _closed_to_this_user(directory: Path, status: os.stat_result) -> str | None:
    if status.st_uid not in {os.geteuid(), 0}:
        return "belongs to another user, who could change what is kept there"
    if not os.access(directory, os.W_OK | os.X_OK):
        return "may not be written by this user"
    return None
