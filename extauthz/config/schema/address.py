"""Where a listener listens: ``host:port``, ``[ipv6]:port`` or ``unix:/path``."""

import re
from ipaddress import IPv6Address
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema

UNIX_PREFIX = "unix:"
UNIX_PATH_BYTES = 107
"""``sun_path`` has 108 bytes on Linux, one of them for the closing NUL."""
HIGHEST_PORT = 65_535

_URI_SIGN = re.compile(r"[%?#]")
"""gRPC decodes ``%2e`` and cuts off a query: it would listen somewhere else than the path says."""
_HOST_PORT = re.compile(r"(?P<host>[A-Za-z0-9_.-]+|\[(?P<ipv6>[0-9A-Fa-f:.]+)\]):(?P<port>[0-9]{1,5})")


def check_address(text: str) -> str:
    """Return an address that a listener can be bound to, unchanged. Raises ValueError. Port 0 means any free port."""
    if text.startswith(UNIX_PREFIX):
        path = text.removeprefix(UNIX_PREFIX)
        if not path.startswith("/"):
            raise ValueError(f'the socket path of {text!r} must be absolute, such as "unix:/run/extauthz.sock"')
        if (sign := _URI_SIGN.search(path)) is not None:
            raise ValueError(f"the socket path of {text!r} must not hold {sign[0]!r}; gRPC reads it as part of a URI")
        if len(path.encode()) > UNIX_PATH_BYTES:
            raise ValueError(f"the socket path of {text!r} is longer than {UNIX_PATH_BYTES} bytes")
        return text
    match = _HOST_PORT.fullmatch(text)
    if match is None or int(match["port"]) > HIGHEST_PORT:
        example = '"127.0.0.1:9191", "[::1]:9191" or "unix:/run/extauthz.sock"'
        raise ValueError(f"{text!r} is not an address to listen on; write {example}")
    if match["ipv6"] is not None:
        try:
            IPv6Address(match["ipv6"])
        except ValueError as error:
            raise ValueError(f"{text!r} holds no IPv6 address: {error}") from None
    return text


Address = Annotated[
    str,
    AfterValidator(check_address),
    WithJsonSchema({"type": "string", "examples": ["0.0.0.0:9191", "[::]:9191", "unix:/run/extauthz.sock"]}),
]
