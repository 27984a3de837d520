"""The JSON form of an identity with a bound on every part: for what is written for each request.

A certificate may have 64 KiB of names. ``inspect`` prints them all; a log line and a proxy's memory must not carry them
for every request of whoever brings such a certificate.
"""

from collections.abc import Mapping, Sequence
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
        form[name], was_cut = _cut(value)
        if was_cut:
            truncated.append(name)
    return form, truncated


def _cut(value: object) -> tuple[object, bool]:
    if isinstance(value, str):
        return value[:MAX_TEXT_CHARACTERS], len(value) > MAX_TEXT_CHARACTERS
    if isinstance(value, Mapping):
        parts = {key: _cut(item) for key, item in value.items()}
        return {key: part for key, (part, _) in parts.items()}, any(was_cut for _, was_cut in parts.values())
    if isinstance(value, Sequence):
        items = [_cut(item) for item in value[:MAX_LIST_ENTRIES]]
        was_cut = len(value) > MAX_LIST_ENTRIES or any(was_cut for _, was_cut in items)
        return [item for item, _ in items], was_cut
    return value, False
