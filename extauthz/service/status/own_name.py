"""Whether a browser may be shown the page under the name that it asked for.

A page from anywhere may have its own name resolve to 127.0.0.1 (DNS rebinding); to a browser, what it then reads there
is its own. So whoever comes over loopback must name the service in a way that no stranger can own.
"""

import contextlib
import re
from ipaddress import ip_address
from typing import Final

from extauthz.service.plain_address import plain_address

_LOCAL_NAMES: Final = frozenset({"localhost", "localhost.localdomain"})
_HOST: Final = re.compile(rb"(?:\[([0-9a-f:.]+)\]|([^:\[\]]+))(?::[0-9]{1,5})?")


def is_loopback(server: tuple[str, int | None] | None) -> bool:
    """Say whether a connection arrived on a loopback address. ``server``: as ASGI has it; a socket's path is none."""
    if server is not None:
        with contextlib.suppress(ValueError):
            return plain_address(server[0]).is_loopback  # before Python 3.13 the mapped form of one is none
    return False


def is_own_name(host: bytes) -> bool:
    """Say whether the value of a Host header is a literal address or localhost, with or without a port."""
    found = _HOST.fullmatch(host.lower())
    if found is None:
        return False
    name = (found[1] or found[2]).decode("latin-1")
    if name in _LOCAL_NAMES:
        return True
    with contextlib.suppress(ValueError):
        ip_address(name)
        return True
    return False
