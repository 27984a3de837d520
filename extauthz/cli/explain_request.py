"""The request that ``extauthz explain`` asks about: made from a certificate, or read from a file."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from extauthz.cli.errors import CommandError
from extauthz.cli.material import MAX_BYTES
from extauthz.model.request import AuthRequest

REQUEST_KEYS = ("source_certificate", "headers", "method", "host", "path", "sni", "context_extensions", "metadata")
"""What ``--request`` may hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """What the options say about the request, None and empty where they say nothing. They win over the file."""

    method: str | None = None
    host: str | None = None
    path: str | None = None
    sni: str | None = None
    headers: Sequence[tuple[str, str]] = ()
    context: Mapping[str, str] = field(default_factory=dict)
    metadata: Mapping[str, Mapping[str, object]] = field(default_factory=dict)


def default_request() -> AuthRequest:
    """Return the request that a certificate is tried with unless the options say more: ``GET https://localhost/``."""
    return AuthRequest(method="GET", host="localhost", path="/")


def apply_overrides(request: AuthRequest, overrides: Overrides) -> AuthRequest:
    """Return the request with what the options say.

    Headers of one name are kept as so many lines, those of ``request`` first.
    """
    headers = {name: list(values) for name, values in request.headers.items()}
    for name, value in overrides.headers:
        headers.setdefault(_lower(name), []).append(value)
    return request._replace(
        method=request.method if overrides.method is None else overrides.method,
        host=request.host if overrides.host is None else overrides.host,
        path=request.path if overrides.path is None else overrides.path,
        sni=request.sni if overrides.sni is None else overrides.sni,
        headers={name: tuple(values) for name, values in headers.items()},
        context_extensions={**request.context_extensions, **overrides.context},
        metadata={**request.metadata, **overrides.metadata},
    )


def read_request(path: Path) -> AuthRequest:
    """Read ``--request``: a JSON object with the keys ``REQUEST_KEYS``, each of them optional.

    A header's value is a string, or a list of strings for several lines. Raises CommandError.
    """
    content = read_json(path)
    if not isinstance(content, dict):
        raise CommandError(f"{path}: the request must be a JSON object")
    unknown = [key for key in content if key not in REQUEST_KEYS]
    if unknown:
        raise CommandError(f"{path}: unknown key {unknown[0]!r}; a request has {', '.join(REQUEST_KEYS)}")
    return AuthRequest(
        source_certificate=_text(path, content, "source_certificate"),
        method=_text(path, content, "method"),
        host=_text(path, content, "host"),
        path=_text(path, content, "path"),
        sni=_text(path, content, "sni"),
        headers=_headers(path, content.get("headers", {})),
        context_extensions=_context(path, content.get("context_extensions", {})),
        metadata=_metadata(path, content.get("metadata", {})),
    )


def read_json(path: Path) -> Any:  # noqa: ANN401  (any JSON; the caller checks it)
    """Read a JSON file of bounded size. Raises CommandError."""
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}") from error
    if len(content) > MAX_BYTES:
        raise CommandError(f"{path} has more than {MAX_BYTES} bytes")
    return parse_json(content, str(path))


def parse_json(content: bytes, name: str) -> Any:  # noqa: ANN401  (any JSON; the caller checks it)
    """Parse JSON. Raises CommandError with the place of what is wrong."""
    try:
        return json.loads(content)
    except json.JSONDecodeError as error:
        raise CommandError(f"{name}:{error.lineno}:{error.colno}: this is not valid JSON: {error.msg}") from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise CommandError(f"{name}: this is not valid JSON: {error}") from error


def _text(path: Path, content: Mapping[str, object], key: str) -> str:
    value = content.get(key, "")
    if not isinstance(value, str):
        raise CommandError(f"{path}: {key} must be a string")
    return value


def _headers(path: Path, value: object) -> Mapping[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        raise CommandError(f"{path}: headers must be an object: name -> value, or a list of values")
    headers: dict[str, tuple[str, ...]] = {}
    for name, lines in value.items():
        values = [lines] if isinstance(lines, str) else lines
        if not isinstance(values, list) or not all(isinstance(line, str) for line in values):
            raise CommandError(f"{path}: headers.{name} must be a string, or a list of strings")
        headers[_lower(name)] = (*headers.get(_lower(name), ()), *values)
    return headers


def _context(path: Path, value: object) -> Mapping[str, str]:
    if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
        raise CommandError(f"{path}: context_extensions must be an object with string values")
    return value


def _metadata(path: Path, value: object) -> Mapping[str, Mapping[str, object]]:
    if not isinstance(value, dict) or not all(isinstance(one, dict) for one in value.values()):
        raise CommandError(f"{path}: metadata must be an object: namespace -> object")
    return value


def _lower(name: str) -> str:
    """Return a header's name in lower case; one that is not ASCII stays, to be refused and not to pass for another."""
    return name.lower() if name.isascii() else name
