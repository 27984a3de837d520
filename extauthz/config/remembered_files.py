"""The files of a configuration as they were when another process read them.

A service with several workers reads its files once. Each worker builds its engine from the very bytes that were
checked, so all of them decide alike, and one that is started later does not depend on what the files hold by then.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from extauthz.config.read_files import FileError, FileReader

_UNKNOWN = "was not read when the configuration was checked"


@dataclass(frozen=True, slots=True)
class RememberedFiles:
    """What a ``FileReader`` listed and read. Can be pickled. Holds private keys, so it is for no log."""

    path: Path
    """The configuration file, as it was named."""
    directory: Path
    """Where the name of the configuration file started: the working directory."""
    listed: Mapping[Path, list[Path]]
    contents: Mapping[Path, bytes]

    def __repr__(self) -> str:
        return f"RememberedFiles({self.path}, {len(self.contents)} files)"

    def reader(self) -> FileReader:
        """Return a reader that gives all of it again."""
        return _Reader(self.directory, listed=dict(self.listed), contents=dict(self.contents))


class _Reader(FileReader):
    """Touches no disk."""

    @property
    def on_disk(self) -> bool:
        return False

    def list_files(self, name: str) -> list[Path]:
        path = self.resolve(name)
        if path not in self.listed:
            raise FileError(_UNKNOWN)
        return list(self.listed[path])

    def open(self, path: Path) -> BinaryIO:
        """Open what was read. Of a file that was only looked at (a CRL) nothing is remembered, and nothing is given."""
        return BytesIO(self.contents.get(path, b""))

    def read(self, path: Path, limit: int) -> bytes:
        if path not in self.contents:
            raise FileError(_UNKNOWN)
        content = self.contents[path]
        if len(content) > limit:
            raise FileError(f"is larger than {limit} bytes, the most that is read")
        return content
