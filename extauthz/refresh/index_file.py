"""Where the index of a CRL is put by the process that makes it, so that another one can map it.

With a directory it is a file named after the CRL, which the next start finds: then nothing is indexed anew. It ends
with its SHA-256, so that one that a broken disk changed is not believed; an attacker who may write there could as well
write the digest, so only this user may. Without a directory it is a file in memory that nobody can change any more.
"""

import fcntl
import hashlib
import os
import secrets
import weakref
from collections.abc import Iterable
from contextlib import suppress
from mmap import MAP_PRIVATE, PROT_READ, mmap
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, TypeVar

from extauthz.refresh.scratch import scratch_file

Mapped = TypeVar("Mapped", bound=mmap)

DIGEST_SIZE = hashlib.sha256().digest_size
SUFFIX = ".index"
_SEAL_EVERYTHING = ("F_SEAL_SHRINK", "F_SEAL_GROW", "F_SEAL_WRITE", "F_SEAL_SEAL")


class IndexFile:
    """The file of one index, as a context manager that closes it."""

    def __init__(self, der: bytes | mmap, directory: Path | None) -> None:
        """``der``: the CRL. ``directory``: None for a file in memory."""
        self._directory = directory
        self._name = None if directory is None else hashlib.sha256(der).hexdigest() + SUFFIX
        self._file: BinaryIO | None = None
        self.size = 0
        """Of the index, without the digest behind it."""

    @property
    def descriptor(self) -> int | None:
        """Of the file, once there is one."""
        return None if self._file is None else self._file.fileno()

    def keep(self, parts: Iterable[bytes | bytearray]) -> mmap:
        """Write an index, unless it is there already (then ``parts`` is not asked for any). Raises OSError."""
        if self._directory is not None and self._name is not None:
            path = self._directory / self._name
            self._file = self._found(path) or self._written(path, parts)
        else:
            self._file = scratch_file("extauthz-crl-index")
            self._file.writelines(parts)
            self._file.flush()
            self.size = self._file.tell()
            _seal(self._file.fileno())
        return map_index(self._file.fileno(), self.size)

    def _found(self, path: Path) -> BinaryIO | None:
        try:
            file = path.open("rb")
        except OSError:
            return None
        size = os.fstat(file.fileno()).st_size - DIGEST_SIZE
        if size > 0:
            with map_index(file.fileno(), size + DIGEST_SIZE) as data, memoryview(data) as view:
                if hashlib.sha256(view[:size]).digest() == bytes(view[size:]):
                    self.size = size
                    return file
        file.close()
        return None

    def _written(self, path: Path, parts: Iterable[bytes | bytearray]) -> BinaryIO:
        beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        descriptor = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        file = open(descriptor, "w+b")  # noqa: PTH123, SIM115  (a descriptor; `__exit__` closes the file)
        try:
            digest = hashlib.sha256()
            for part in parts:
                digest.update(part)
                file.write(part)
            self.size = file.tell()
            file.write(digest.digest())
            file.flush()
            beside.replace(path)  # not synced: a file that a crash cut short has no good digest, and is made anew
        except BaseException:
            file.close()
            with suppress(OSError):
                beside.unlink()
            raise
        return file

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()


class SharedIndexMap(mmap):
    """An index mapped for reading, which keeps its file at hand so that other processes can map the same memory."""

    descriptor: int
    """Of the file; closed with the mapping."""


def map_index(descriptor: int, size: int) -> mmap:
    """Map the first bytes of a file for reading. Raises OSError, and ValueError for a file that is shorter."""
    return _mapped(mmap, descriptor, size)


def share_index(descriptor: int, size: int) -> SharedIndexMap:
    """Map the same, so that it can be passed on. Raises the same."""
    mapped = _mapped(SharedIndexMap, descriptor, size)
    mapped.descriptor = os.dup(descriptor)
    weakref.finalize(mapped, os.close, mapped.descriptor)
    return mapped


def _mapped(kind: type[Mapped], descriptor: int, size: int) -> Mapped:
    # Private: a file that is sealed against writing cannot be mapped as shared on kernels before 6.7.
    return kind(descriptor, size, flags=MAP_PRIVATE, prot=PROT_READ)


def _seal(descriptor: int) -> None:
    """Let nobody change a file in memory any more; on systems without seals its maker is trusted not to."""
    if hasattr(fcntl, "F_ADD_SEALS"):
        seals = 0
        for name in _SEAL_EVERYTHING:
            seals |= getattr(fcntl, name)
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals)
