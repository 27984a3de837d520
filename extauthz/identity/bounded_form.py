"""The JSON form of an identity with a bound on every part: for what is written for each request.

A certificate may have 64 KiB of names. ``inspect`` prints them all; a log line and a proxy's memory must not carry them
for every request of whoever brings such a certificate.
"""

from collections.abc import Mapping
from typing import Final

MAX_LIST_ENTRIES: Final = 64
"""Of each list of an identity. A person or service has a handful of names; a certificate may have 1,000."""
MAX_TEXT_CHARACTERS: Final = 2_048
"""Of each text. As long as a SPIFFE ID may be; usual DNs have about a hundred."""


def bounded(fields: Mapping[str, object]) -> tuple[dict[str, object], list[str]]:
    """Return the fields of ``to_json`` with every list and text cut to size, and the names of those that were cut."""
    form: dict[str, object] = {}
    truncated = []
    for name, value in fields.items():
        if _fits(value):
            form[name] = value
        else:
            form[name] = _cut(value)
            truncated.append(name)
    return form, truncated


def _fits(value: object) -> bool:
    # Concrete types, as JSON has them: asking for an abstract one takes ten times as long, and there are fifty values.
    if isinstance(value, str):
        return len(value) <= MAX_TEXT_CHARACTERS
    if isinstance(value, list):
        return len(value) <= MAX_LIST_ENTRIES and all(map(_fits, value))
    return all(map(_fits, value.values())) if isinstance(value, dict) else True


def _cut(value: object) -> object:
    if isinstance(value, str):
        return value[:MAX_TEXT_CHARACTERS]
    if isinstance(value, list):
        return [_cut(item) for item in value[:MAX_LIST_ENTRIES]]
    return {key: _cut(item) for key, item in value.items()} if isinstance(value, dict) else value
