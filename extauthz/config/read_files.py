"""Reading the files that a configuration names: single files, and directories as Kubernetes mounts them.

A ConfigMap or Secret volume shows each file as a symlink through ``..data`` into a directory whose name changes with
every update. Only the visible names are read, and hidden entries (those two, editors' swap files) are passed over.
"""

import os
import stat
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO, Self


class FileError(ValueError):
    """A file or directory that cannot be used, and why, as the end of a sentence that starts with its name."""


@dataclass(slots=True)
class FileReader:
    """Reads what one configuration names, and remembers what it looked at."""

    directory: Path
    """Where relative names start: the directory of the configuration file."""
    watched: dict[Path, None] = field(default_factory=dict)
    """Every file and directory named so far, readable or not, as an ordered set."""
    listed: dict[Path, list[Path]] = field(default_factory=dict)
    """What ``list_files`` found, by the absolute path."""
    contents: dict[Path, bytes] = field(default_factory=dict)
    """What ``read`` read."""

    @property
    def on_disk(self) -> bool:
        """Whether what surrounds the files can be looked at as well: their permissions, other directories."""
        return True

    def starting_at(self, directory: Path) -> Self:
        """Return a reader of the same files and memory for which relative names start at another directory."""
        return replace(self, directory=directory)

    def resolve(self, name: str) -> Path:
        """Return the absolute path of a name; symlinks in it are kept, as they are what an update changes."""
        return self.directory / name

    def list_files(self, name: str) -> list[Path]:
        """Return the file of this name, or the visible files of the directory of this name, sorted.

        Subdirectories are passed over (``lost+found`` is one). FileError when there is nothing to read.
        """
        path = self.resolve(name)
        self.watched.setdefault(path)
        try:
            if not stat.S_ISDIR(path.stat().st_mode):
                self.listed[path] = [path]
                return [path]
            entries = [path / entry for entry in sorted(os.listdir(path)) if not entry.startswith(".")]  # noqa: PTH208  (names are sorted, not paths)
            files = [entry for entry in entries if not entry.is_dir()]
        except (OSError, ValueError) as error:
            raise FileError(_why(error)) from None
        if not files:
            raise FileError("is a directory without files")
        self.listed[path] = files
        return files

    def single_file(self, name: str) -> Path:
        """Return the file of this name. Raises FileError when it is a directory."""
        path = self.resolve(name)
        if self.list_files(name) != [path]:
            raise FileError("is a directory; name one file")
        return path

    def open(self, path: Path) -> BinaryIO:
        """Open one regular file for reading. Raises FileError."""
        try:
            # Without O_NONBLOCK, opening a pipe would wait for a writer that may never come.
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except (OSError, ValueError) as error:
            raise FileError(_why(error)) from None
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise FileError("is not a regular file")
        return open(descriptor, "rb")  # noqa: PTH123  (a descriptor, not a path)

    def read(self, path: Path, limit: int) -> bytes:
        """Read one regular file of at most ``limit`` bytes. Raises FileError."""
        with self.open(path) as file:
            try:
                content = file.read(limit + 1)
            except OSError as error:
                raise FileError(_why(error)) from None
        if len(content) > limit:
            raise FileError(f"is larger than {limit} bytes, the most that is read")
        self.contents[path] = content
        return content


def _why(error: OSError | ValueError) -> str:
    match error:
        case FileNotFoundError():
            return "does not exist"
        case PermissionError():
            return "may not be read by this user; grant read permission"
        case OSError():
            return f"cannot be read: {error.strerror}"
        case _:  # NUL, or characters that the file system's encoding has not
            return "cannot be the name of a file"
