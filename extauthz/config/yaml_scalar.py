"""The value of a plain YAML scalar: the core schema of YAML 1.2.2 §10.3.2, and nothing more.

So ``yes``, ``on``, ``1_000`` and ``2027-01-31`` are text here, as the standard says, whatever older parsers made of
them.
"""

import math
import re

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEAN = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INFINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")

NUMBER_LENGTH = 100
"""Characters of the longest number: no setting needs more, and Python itself gives up at 4,300 digits."""


def plain_scalar(text: str) -> str | int | float | bool | None:
    """Return the value that the text of an unquoted scalar stands for.

    Raises ValueError for infinity, not-a-number and numbers longer than ``NUMBER_LENGTH``: no setting can use them.
    """
    if text in _NULL:
        return None
    if text in _BOOLEAN:
        return _BOOLEAN[text]
    if _INFINITE.fullmatch(text):
        raise ValueError(f"{text!r} is no number that a setting can use")
    is_integer = _INTEGER.fullmatch(text) is not None
    if not is_integer and _FLOAT.fullmatch(text) is None:
        return text
    if len(text) > NUMBER_LENGTH:
        raise ValueError(f"a number of {len(text)} digits is too long; write text in quotes")
    if not is_integer:
        number = float(text)
        if math.isinf(number):
            raise ValueError(f"{text!r} is no number that a setting can use")
        return number
    base = {"0o": 8, "0x": 16}.get(text[:2], 10)
    return int(text, base)
