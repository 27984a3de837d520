"""Files of other programs, read into plain values: YAML with its anchors and several documents, JSON, TOML."""

import functools
import json
import stat
import sys
import tomllib
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from extauthz.doctor.bounded import MOST_YAML_VALUES, bounded
from extauthz.doctor.finding import UnreadableError
from extauthz.doctor.located import Located

LARGEST_FILE = 256 << 20
"""Bytes. A gateway of a large mesh has a configuration dump of tens of megabytes."""
LARGEST_YAML = 1 << 20
"""Characters. YAML is read some hundred times slower than JSON: this much takes seconds, and half a minute at worst.
Files of this kind are written by hand or by a chart."""

AS_BYTES = "surrogateescape"
"""For files of programs that take any bytes, as in a comment of another time."""
STDIN = Path("-")
"""Stands for standard input."""


def read_given(path: Path, limit: int = LARGEST_FILE, *, errors: str = "strict") -> str:
    """Read a file that was named on the command line, and must hold something. Raises UnreadableError."""
    text = read_text(path, limit, errors=errors)
    if not text.strip():
        raise UnreadableError("the input is empty" if path == STDIN else f"{path}: the input is empty")
    return text


def read_included(path: Path, limit: int) -> str:
    """Read a file that another one names; not what never ends, or of which nothing comes. Raises UnreadableError."""
    try:
        regular = stat.S_ISREG(path.stat().st_mode)
    except (OSError, ValueError):
        regular = True  # there is a better reason not to read it
    if not regular:
        raise UnreadableError(f"{path} cannot be read: it is not a regular file")
    return read_text(path, limit, errors=AS_BYTES)


def read_text(path: Path, limit: int = LARGEST_FILE, *, errors: str = "strict") -> str:
    """Read a text file, or standard input; ``errors`` is for what is not UTF-8. Raises UnreadableError."""
    try:
        if path == STDIN:
            content = sys.stdin.buffer.read(limit + 1)
        else:
            with path.open("rb") as stream:
                content = stream.read(limit + 1)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise UnreadableError(f"{path} cannot be read: {why}") from None
    if len(content) > limit:
        raise UnreadableError(f"{path} is larger than {limit} bytes, the most that is read")
    try:
        return content.decode("utf-8-sig", errors)
    except UnicodeDecodeError:
        raise UnreadableError(f"{path} is not UTF-8 text") from None


def read_json(path: Path) -> Located:
    """Read a JSON file. Raises UnreadableError."""
    return _json(path, read_given(path))


def read_documents(path: Path) -> list[Located]:
    """Read every document of a JSON, TOML (by its name) or YAML file that holds anything. Raises UnreadableError.

    The paths of several documents start with their number, from 0.
    """
    text = read_given(path)
    if path.suffix == ".toml":
        return [_toml(path, text)]
    if text.lstrip().startswith("{"):
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            pass  # a YAML file may begin with a brace too
        else:
            return [Located(bounded(value, str(path)), str(path))]
    values = _yaml(path, text)
    name = str(path)
    if len(values) == 1:
        return [Located(values[0], name)]
    return [Located(value, name, (index,)) for index, value in enumerate(values) if value is not None]


def inner_document(outer: Located) -> Located:
    """Return the YAML that stands as a text in another file, such as a ConfigMap's. Raises UnreadableError."""
    values = _yaml(Path(outer.file), outer.text)
    return Located(values[0] if values else None, outer.file, outer.path)


def _json(path: Path, text: str) -> Located:
    try:
        return Located(bounded(json.loads(text), str(path)), str(path))
    except UnreadableError:
        raise
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"{path} is not valid JSON: {error}") from None


def _toml(path: Path, text: str) -> Located:
    try:
        return Located(bounded(tomllib.loads(text), str(path)), str(path))
    except UnreadableError:
        raise
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"{path} is not valid TOML: {error}") from None


@functools.lru_cache(maxsize=16)
def _yaml(path: Path, text: str) -> list[object]:
    if len(text) > LARGEST_YAML:
        raise UnreadableError(f"{path} has more than {LARGEST_YAML} characters of YAML; give it as JSON")
    try:
        values = list(YAML(typ="safe", pure=True).load_all(text))
    except YAMLError as error:
        raise UnreadableError(f"{path} is not valid YAML: {' '.join(str(error).split())}") from None
    except Exception as error:  # noqa: BLE001  (the parser lets through what int() and chr() raise on odd input)
        raise UnreadableError(f"{path} is not valid YAML: {type(error).__name__}") from None
    return [bounded(value, str(path), most=MOST_YAML_VALUES) for value in values]
