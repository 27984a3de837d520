"""The path that a policy is chosen by: decoded once, or refused where an upstream could read it another way.

A policy that guards ``/admin`` is worth nothing if ``/x/%2e%2e/admin`` passes it by and the upstream still serves the
admin page. So everything that normalisers are known to disagree on is refused, and the rest is compared decoded.
"""

import re
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason

_BROKEN_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_RAW_CONTROL = re.compile(r"[\x00-\x20\x7f]")
_DECODED_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_DOT_SEGMENT = re.compile(r"/\.{1,2}(?=[/;]|\Z)")
_EMPTY_SEGMENT = "//"
_PLAIN = re.compile(r"/|(?:/\.?[A-Za-z0-9_~!$&'()*+,=:@-]+(?:\.[A-Za-z0-9_~!$&'()*+,=:@-]+)*)+/?")
"""Nothing in it needs decoding or could be refused: what most paths are, told at once. No two parts of the expression
can take the same characters, so its time is linear."""
MAX_PATH_CHARACTERS = 16_384
"""Routing looks at the path before anybody is known, so its cost is bounded. Common servers stop at 8 KiB."""
SHOWN_CHARACTERS = 100
"""Characters of a path that a detail shows."""

# What is refused in the path as sent, and what in the path once decoded. A `;` starts a parameter that servlet
# containers cut off: to them `/admin;x/users` is `/admin/users`, and `..;` a dot segment. Some file systems drop dots
# and spaces at the end of a name. A `%` that survives decoding was encoded twice.
_RAW: tuple[tuple[str, Callable[[str], object]], ...] = (
    ("broken percent-encoding", _BROKEN_PERCENT.search),
    ("an encoded slash", re.compile(r"%2[fF]").search),
    ("a fragment", lambda raw: "#" in raw),
    ("a space or control character", _RAW_CONTROL.search),
)
_DECODED: tuple[tuple[str, Callable[[str], object]], ...] = (
    ("no leading slash", lambda path: not path.startswith("/")),
    ("a backslash", lambda path: "\\" in path),
    ("a control character", _DECODED_CONTROL.search),
    ("doubled percent-encoding", re.compile(r"%[0-9A-Fa-f]{2}").search),
    ("an empty segment", lambda path: _EMPTY_SEGMENT in path),
    ("a dot segment", _DOT_SEGMENT.search),
    ("a segment that ends in a dot or a space", re.compile(r"[. ](?=[/;]|\Z)").search),
)
_PARAMETERS: tuple[tuple[str, Callable[[str], object]], ...] = (("a path parameter (`;`)", lambda path: ";" in path),)


def path_segments(target: str, *, parameters: bool = False) -> list[str]:
    """Return the decoded segments of a request target's path, the query left out. ``/a/b`` gives ``["", "a", "b"]``.

    Raises DecodeError(PATH_AMBIGUOUS) for dot segments, empty segments, segments that end in a dot or a space, ``;``
    (unless ``parameters``, where it is compared as it stands), raw or encoded backslashes, encoded slashes, NUL and
    control bytes, a ``#``, broken or doubled percent-encoding, bytes that are not UTF-8, paths of more than
    MAX_PATH_CHARACTERS, and targets that do not start with a slash. ``*`` (``OPTIONS *``) is no path, and an empty
    target is one only for CONNECT.
    """
    raw = target.partition("?")[0]
    if len(raw) <= MAX_PATH_CHARACTERS and _PLAIN.fullmatch(raw):
        return raw.split("/")
    if raw == "*" or target == "":
        return [raw]
    if len(raw) > MAX_PATH_CHARACTERS:
        raise DecodeError(Reason.PATH_AMBIGUOUS, f"the path has {len(raw)} characters; {MAX_PATH_CHARACTERS} are read")
    # The query stays out of every detail: it may carry secrets, and details are logged.
    _refuse(_RAW, raw, raw)
    path = _decode(raw)
    _refuse(_DECODED if parameters else _DECODED + _PARAMETERS, path, raw)
    return path.split("/")


def _refuse(rules: tuple[tuple[str, Callable[[str], object]], ...], path: str, raw: str) -> None:
    for what, found in rules:
        if found(path):
            raise DecodeError(Reason.PATH_AMBIGUOUS, f"the path {raw[:SHOWN_CHARACTERS]!r} holds {what}")


def _decode(raw: str) -> str:
    """Decode every escape; what is not valid UTF-8 then (raw bytes stand as lone surrogates) is refused."""
    if "%" not in raw and raw.isascii():
        return raw
    try:
        return unquote_to_bytes(raw.encode("utf-8", "surrogateescape")).decode()
    except UnicodeDecodeError:
        detail = f"the path {raw[:SHOWN_CHARACTERS]!r} holds bytes that are not UTF-8"
        raise DecodeError(Reason.PATH_AMBIGUOUS, detail) from None
