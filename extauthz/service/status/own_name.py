"""Whether a browser may be shown the page under the name that it asked for.

A page from anywhere may have its own name resolve to an address that only the browser's user reaches, such as 127.0.0.1
or one of the company's network (DNS rebinding); to a browser, what it then reads there is its own. So whoever comes
over a network must name the service in a way that no stranger can own: by address, as ``localhost``, or by a name that
the configuration gives it. No page can name a Unix socket.
"""

import re
from collections.abc import Collection, Iterator
from typing import Final

from extauthz.config.loopback import literal
from extauthz.config.schema.listen import Admin
from extauthz.service.listen_address import split_host_port, unix_path

_LOCAL_NAMES: Final = frozenset({"localhost", "localhost.localdomain"})
_HOST: Final = re.compile(rb"(?:\[([0-9a-f:.]+)\]|([^:\[\]]+))(?::[0-9]{1,5})?")


def is_network(server: tuple[str, int | None] | None) -> bool:
    """Say whether a connection came over a network, loopback included. ``server``: as ASGI has it."""
    return server is not None and server[1] is not None


def is_own_name(host: bytes, names: Collection[str]) -> bool:
    """Say whether a Host header's value is a literal address, localhost or one of ``names``, with any port or none."""
    found = _HOST.fullmatch(host.lower())
    if found is None:
        return False
    name = (found[1] or found[2]).decode("latin-1")
    return name in _LOCAL_NAMES or name in names or literal(name) is not None


def names_of(bound: Admin, wanted: Admin) -> frozenset[str]:
    """Return the names that the configuration gives the listener, in lower case.

    ``bound`` says where it listens since the start, ``wanted`` what is in use now.
    """
    return frozenset(one.lower() for one in _names(bound, wanted))


def _names(bound: Admin, wanted: Admin) -> Iterator[str]:
    yield from wanted.status.hosts
    if unix_path(bound.address) is None:
        yield split_host_port(bound.address)[0]
