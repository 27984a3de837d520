"""The secret that callers of the HTTP listener send: checked at load, so that a bad one is found before it counts."""

import stat
from collections.abc import Iterator

from extauthz.config.key_path import KeyPath
from extauthz.config.read_files import FileError, FileReader
from extauthz.config.schema.http import Http

SECRET_FILE_SIZE = 4096
"""Bytes."""
SHORTEST_SECRET = 16
"""Characters. Shorter ones can be guessed by trying, however random they are."""
_AT: KeyPath = ("listen", "http", "callers", "secret", "file")


def read_secret(name: str, files: FileReader) -> bytes:
    """Return the secret in a file, without the end of its line. Raises FileError."""
    secret = secret_of(files.read(files.single_file(name), SECRET_FILE_SIZE))
    if len(secret) < SHORTEST_SECRET:
        raise FileError(f"holds a secret of {len(secret)} characters; take at least {SHORTEST_SECRET} random ones")
    if not (secret.isascii() and secret.decode("ascii").isprintable() and b" " not in secret):
        raise FileError("holds something that is not one line of printable ASCII without spaces")
    return secret


def secret_of(content: bytes) -> bytes:
    """Return the secret in a file's content: all of it but the end of its line."""
    return content.removesuffix(b"\n").removesuffix(b"\r")


def secret_mistakes(http: Http | None, files: FileReader) -> Iterator[tuple[KeyPath, str]]:
    """Yield what is wrong with the file: path of the setting, and a sentence."""
    name = _name(http)
    if name is not None:
        try:
            read_secret(name, files)
        except FileError as error:
            yield _AT, f"{name!r} {error}"


def secret_warnings(http: Http | None, files: FileReader) -> Iterator[tuple[KeyPath, str]]:
    """Yield what is weak about a file in which ``secret_mistakes`` found nothing."""
    name = _name(http)
    if name is None:
        return
    try:
        mode = files.resolve(name).stat().st_mode
    except OSError:  # gone since it was read: the next load says so
        return
    if mode & stat.S_IROTH:
        yield _AT, f"{name!r} may be read by every user of this machine; take the permission away (chmod o-r)"


def _name(http: Http | None) -> str | None:
    if http is None or http.callers is None or http.callers.secret is None:
        return None
    return http.callers.secret.file
