"""The directory where an instance keeps what a restart must not forget."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from extauthz.config.private_directory import (
    UnfitDirectoryError,
    expect_private,
    state_directory_doubts,
    state_directory_mistakes,
)
from extauthz.refresh.disk_cache import DiskCache
from extauthz.refresh.index_file import SUFFIX
from extauthz.refresh.rollback import LastSeen


class StateError(ValueError):
    """A state directory that cannot be used, and why, in one sentence."""


@dataclass(frozen=True, slots=True)
class State:
    """What is kept, in a directory or, without one, in memory alone."""

    directory: Path | None
    """As it was configured."""
    last_seen: LastSeen
    cache: DiskCache | None
    indices: Path | None
    """Where indices are kept."""
    problem: str | None = None
    """What is wrong with what was found, for the operator."""
    writable: bool = True


def open_state(directory: Path | None, before: LastSeen | None) -> State:
    """Open a state directory, made if it is not there (its parent must be); what ``before`` knows is taken over.

    Raises StateError.
    """
    last_seen = LastSeen()
    problem = None
    cache = indices = None
    if directory is not None:
        try:
            directory.mkdir(mode=0o700, exist_ok=True)
            home = directory.resolve(strict=True)  # what was checked stays what is used, whoever moves a symlink
            _check(home)
            cache = DiskCache(home / "fetched")
            indices = home / "indices"
            indices.mkdir(mode=0o700, exist_ok=True)
            _check(indices)
        except OSError as error:
            for why in (*state_directory_mistakes(directory), *state_directory_doubts(directory)):
                raise StateError(f"{str(directory)!r} {why}") from None
            raise StateError(f"{str(error.filename or directory)!r} cannot be used: {error.strerror}") from None
        last_seen = LastSeen(home / "last-seen.json")
        problem = last_seen.read()
    if before is not None:
        last_seen.take_over(before)
    return State(directory, last_seen, cache, indices, problem)


def read_state(directory: Path | None) -> State:
    """Open what an instance keeps, for looking at it: nothing is made, written or put aside. Raises StateError."""
    if directory is None or not directory.is_dir():
        return State(None, LastSeen(), None, None)
    found = LastSeen(directory / "last-seen.json")
    problem = found.read(put_aside=False)
    last_seen = LastSeen()
    last_seen.take_over(found)
    fetched = directory / "fetched"
    try:
        return State(None, last_seen, DiskCache(fetched) if fetched.is_dir() else None, None, problem, writable=False)
    except OSError as error:
        raise StateError(f"{str(error.filename or directory)!r} cannot be used: {error.strerror}") from None


def prune_indices(directory: Path, keep: Collection[bytes]) -> None:
    """Remove the indices of all CRLs but these (SHA-256). What cannot be removed stays, and takes room only."""
    kept = {f"{sha256.hex()}{SUFFIX}" for sha256 in keep}
    with suppress(OSError):
        for file in directory.iterdir():
            if SUFFIX in file.name and file.name not in kept:
                file.unlink()


def _check(directory: Path) -> None:
    """Refuse what others may change."""
    try:
        expect_private(directory)
    except UnfitDirectoryError as error:
        raise StateError(f"{str(directory)!r} {error}") from None
