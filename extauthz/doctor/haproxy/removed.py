"""Which rules leave nothing of the client's in a header, and which put something of the client's into one."""

import re
from collections.abc import Collection, Sequence
from typing import Final

import re2

from extauthz.doctor.haproxy.conditions import has_condition
from extauthz.doctor.haproxy.parse import Line

_FETCH: Final = re.compile(
    r"%\[\s*(?:(?:req\.f?hdr|f?hdr)\((?P<header>[^,)\]]*)"
    r"|(?:req[._]\w+|hdr\w*|path\w*|urlp?\w*|query|cook\w*|base\w*|method|capture\.req\.\w+|ssl_fc_sni)\b)"
)
"""What is of the request; with a name where it is one header."""


def is_of_request(line: Line, decided: Collection[str] = ()) -> bool:
    """Say whether a rule writes what the client sent; ``decided`` are headers that the client did not write."""
    fetched = (one["header"] for word in line.words[3:] for one in _FETCH.finditer(word))
    return any(name is None or name.strip("\"'").lower() not in decided for name in fetched)


def removes(rule: Line, name: str) -> bool:
    """Say whether, under no condition, nothing of the client's is left in a header whose name is in lower case."""
    words = rule.words[1:]
    if has_condition(words):
        return False
    match words:
        case ["set-header", header, *_]:
            return header.lower() == name and not is_of_request(rule)
        case ["del-header", header]:
            return header.lower() == name
        case ["del-header", pattern, "-m", method]:
            return _fits(method, pattern.lower(), name)
    return False


def _fits(method: str, pattern: str, name: str) -> bool:
    found: Sequence[bool]
    found = (
        method == "str" and name == pattern,
        method == "beg" and name.startswith(pattern),
        method == "end" and name.endswith(pattern),
        method == "sub" and pattern in name,
        method == "reg" and _finds(pattern, name),
    )
    return any(found)


def _finds(expression: str, name: str) -> bool:
    try:
        return re2.search(expression, name) is not None
    except (re2.error, UnicodeEncodeError):  # HAProxy would refuse it too, or reads more than this does
        return False
