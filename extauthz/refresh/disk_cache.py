"""Fetched CRLs on disk, so that a start without the network has the last ones.

For each URL a metadata file ``<SHA-256 of the URL>.json`` names a body ``<SHA-256 of the URL>.<of the body>.crl``. A
new body is written under its own name first, and counts when the metadata file is replaced. So after a crash at any
moment there is the old pair or the new one. What is found on disk is never believed without its digest; that the bytes
are a CRL, and whose, is for the reader to verify, as for bytes from the network.

The directory belongs to one instance. One that others may write is refused: they could bring back an old CRL.
"""

import errno
import hashlib
import json
import logging
import os
import re
import secrets
import stat
import threading
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

from extauthz.refresh.atomic_file import sync_directory, write_atomically
from extauthz.refresh.validators import Validators

MAX_METADATA: Final = 16 * 1024
"""Bytes of a metadata file: a URL and two validators at their longest, twice over."""
_COPY_STEP: Final = 256 * 1024
_OURS: Final = re.compile(r"\.?(?P<url>[0-9a-f]{64})(?:\.[0-9a-f]{64}\.crl|\.json)(?P<unfinished>\.[0-9a-f]{16})?")

_log = logging.getLogger("extauthz.refresh")


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedCrl:
    """What was stored for a URL. The file stays until the next ``store`` for it, or ``prune``."""

    path: Path
    validators: Validators
    fetched_at: datetime
    sha256: bytes
    """Of the body, and checked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Metadata:
    validators: Validators
    fetched_at: datetime
    sha256: str
    size: int


class DiskCache:
    """A directory of fetched CRLs, made if it is not there (its parent must be). Threads may share it.

    ``OSError`` when it cannot be made, when group or others may write it, or when it belongs to another user than this
    one and root; ``strerror`` is a sentence for the operator.
    """

    def __init__(self, directory: Path) -> None:
        directory.mkdir(mode=0o700, exist_ok=True)
        directory = directory.resolve(strict=True)  # what is checked is what is used: a link may change its mind
        status = directory.stat()
        if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            why = "it may be written by others; take that away with `chmod go-w`"
            raise PermissionError(errno.EPERM, why, str(directory))
        if status.st_uid not in {os.geteuid(), 0}:
            why = "it belongs to another user, who could change what is kept there"
            raise PermissionError(errno.EPERM, why, str(directory))
        self._directory = directory
        self._lock = threading.Lock()

    def open(self, url: str) -> CachedCrl | None:
        """Return what was stored for a URL. None when there is nothing, or (with a warning in the log) it is damaged.

        Reads the whole body, to check its digest.
        """
        path = self._metadata_path(url)
        try:
            with path.open("rb") as file:
                content = file.read(MAX_METADATA + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            _log.warning("a CRL on disk is not used: %s: %s", path, error)
            return None
        try:
            metadata = _read_metadata(content, url)
            body = self._body_path(url, metadata.sha256)
            _check_body(body, metadata)
        except (OSError, ValueError) as error:
            _log.warning("a CRL on disk is not used: %s: %s", path, error)
            return None
        return CachedCrl(
            path=body,
            validators=metadata.validators,
            fetched_at=metadata.fetched_at,
            sha256=bytes.fromhex(metadata.sha256),
        )

    def store(self, url: str, source: BinaryIO, validators: Validators, at: datetime) -> None:
        """Keep the rest of a file as what a URL gave. ``at`` is aware.

        Raises ``OSError``, for a full disk too; then what was stored before is still there.
        """
        with self._lock:
            body, size = self._write_body(url, source)
            metadata = {
                "version": 1,
                "url": url,
                "etag": validators.etag,
                "last_modified": validators.last_modified,
                "fetched_at": at.isoformat(),
                "sha256": body.name.split(".")[1],
                "size": size,
            }
            write_atomically(self._metadata_path(url), json.dumps(metadata, indent=1).encode())
            for name, found in self._ours():
                if found["url"] == _digest_of(url) and name not in {body.name, self._metadata_path(url).name}:
                    self._remove(name)

    def prune(self, keep: Collection[str]) -> None:
        """Remove what belongs to no URL of ``keep``, and what an interrupted ``store`` left. ``OSError`` if it cannot.

        Files that are not named as this cache names them are left alone.
        """
        kept = {_digest_of(url) for url in keep}
        with self._lock:
            for name, found in self._ours():
                if found["url"] not in kept or found["unfinished"]:
                    self._remove(name)

    def _write_body(self, url: str, source: BinaryIO) -> tuple[Path, int]:
        unfinished = self._directory / f".{self._body_path(url, '0' * 64).name}.{secrets.token_hex(8)}"
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            digest, size = hashlib.sha256(), 0
            with open(descriptor, "wb") as file:  # noqa: PTH123  (a descriptor, not a path)
                while piece := source.read(_COPY_STEP):
                    digest.update(piece)
                    size += len(piece)
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            path = unfinished.replace(self._body_path(url, digest.hexdigest()))
        except BaseException:
            with suppress(OSError):
                unfinished.unlink()
            raise
        sync_directory(self._directory)
        return path, size

    def _metadata_path(self, url: str) -> Path:
        return self._directory / f"{_digest_of(url)}.json"

    def _body_path(self, url: str, sha256: str) -> Path:
        return self._directory / f"{_digest_of(url)}.{sha256}.crl"

    def _ours(self) -> Iterator[tuple[str, re.Match[str]]]:
        """Yield what is here under a name that this class gives."""
        for name in os.listdir(self._directory):  # noqa: PTH208  (names are wanted, not paths)
            if (found := _OURS.fullmatch(name)) is not None:
                yield name, found

    def _remove(self, name: str) -> None:
        (self._directory / name).unlink(missing_ok=True)


def _digest_of(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()


def _read_metadata(content: bytes, url: str) -> _Metadata:
    """Take the metadata apart. ``ValueError`` says why not."""
    if len(content) > MAX_METADATA:
        raise ValueError(f"the metadata is longer than {MAX_METADATA} bytes")
    try:
        found = json.loads(content)
    except RecursionError as error:
        raise ValueError("the metadata is nested too deep") from error
    match found:
        case {
            "version": 1,
            "url": str(of),
            "etag": str() | None as etag,
            "last_modified": str() | None as last_modified,
            "fetched_at": str(at),
            "sha256": str(sha256),
            "size": int(size),
        } if of == url and re.fullmatch("[0-9a-f]{64}", sha256):
            fetched_at = datetime.fromisoformat(at)
            if fetched_at.tzinfo is None:
                raise ValueError("the metadata's time has no time zone")
            return _Metadata(
                validators=Validators(etag, last_modified), fetched_at=fetched_at, sha256=sha256, size=size
            )
    raise ValueError("the metadata is not as this program writes it")


def _check_body(path: Path, metadata: _Metadata) -> None:
    """Do nothing if the content is as it was stored. ``ValueError`` or ``OSError`` says why not."""
    with path.open("rb") as file:
        # The size first: it bounds what is read.
        if os.fstat(file.fileno()).st_size != metadata.size:
            raise ValueError("its content has another length than it had")
        if hashlib.file_digest(file, "sha256").hexdigest() != metadata.sha256:
            raise ValueError("its content is not what was stored")
