"""Where a value stands in the configuration: keys and list indices, and their dotted form for people."""

import json
import re

KeyPath = tuple[str | int, ...]
"""The keys and indices from the top of the file down to a value; ``()`` is the whole file."""

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def dotted(path: KeyPath) -> str:
    """Write a path as ``policies[0].require.san.dns[1]``; keys that would be unclear stand as ``map["x.y"]``."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif _PLAIN_KEY.fullmatch(part):
            text += f".{part}" if text else part
        else:
            text += f"[{json.dumps(part, ensure_ascii=False)}]"
    return text
