"""Files of other programs, read into plain values: YAML with its anchors and several documents, JSON, TOML."""

import json
import sys
import tomllib
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from extauthz.doctor.finding import UnreadableError
from extauthz.doctor.located import Located

LARGEST_FILE = 256 << 20
"""Bytes. A gateway of a large mesh has a configuration dump of tens of megabytes."""
LARGEST_YAML = 8 << 20
"""Bytes. YAML is read some hundred times slower than JSON; files of this kind are written by hand or by a chart."""


STDIN = Path("-")
"""Stands for standard input."""


def read_given(path: Path, limit: int = LARGEST_FILE) -> str:
    """Read a file that was named on the command line, and must hold something. Raises UnreadableError."""
    text = read_text(path, limit)
    if not text.strip():
        raise UnreadableError("the input is empty" if path == STDIN else f"{path}: the input is empty")
    return text


def read_text(path: Path, limit: int = LARGEST_FILE) -> str:
    """Read a text file, or standard input. Raises UnreadableError."""
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
        return content.decode("utf-8-sig")
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
            return [_json(path, text)]
        except UnreadableError:
            pass  # a YAML file may begin with a brace too
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
        return Located(json.loads(text), str(path))
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"{path} is not valid JSON: {error}") from None


def _toml(path: Path, text: str) -> Located:
    try:
        return Located(tomllib.loads(text), str(path))
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"{path} is not valid TOML: {error}") from None


def _yaml(path: Path, text: str) -> list[object]:
    if len(text) > LARGEST_YAML:
        raise UnreadableError(f"{path} has more than {LARGEST_YAML} characters of YAML; give it as JSON")
    try:
        return list(YAML(typ="safe", pure=True).load_all(text))
    except YAMLError as error:
        raise UnreadableError(f"{path} is not valid YAML: {' '.join(str(error).split())}") from None
    except Exception as error:  # noqa: BLE001  (the parser lets through what int() and chr() raise on odd input)
        raise UnreadableError(f"{path} is not valid YAML: {type(error).__name__}") from None
