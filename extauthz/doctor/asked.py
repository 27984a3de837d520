"""Where a proxy asks, and whether extauthz listens there, as far as two texts can say.

A name, or the address of some other machine, may be right in ways that nobody sees from here: a service of Kubernetes,
a container with its own network. So only what is written as an address of one and the same machine is compared as a
whole; of the others the port is, which says less.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from extauthz.config.key_path import KeyPath
from extauthz.config.loopback import admits_loopback, is_loopback, literal
from extauthz.config.schema.address import UNIX_PREFIX
from extauthz.doctor.code import Code
from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding
from extauthz.doctor.wiring import speaks
from extauthz.wire.http.dialect import Dialect

_URL: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)([^?#]*)")


@dataclass(frozen=True, slots=True)
class Asked:
    """One address that a proxy asks."""

    host: str
    port: int
    place: str
    """Where that is written, for people."""

    def __str__(self) -> str:
        return f"{self.place} asks {self.host}:{self.port}"


def asked_at(authority: str, place: str, *, default_port: int = 80) -> Iterator[Asked]:
    """Yield what ``host:port`` says; nothing for Unix sockets, for variables, and for what is neither."""
    if "$" in authority or "{" in authority or authority.startswith("unix"):
        return
    try:
        parts = urlsplit(f"//{authority}")
        host, port = parts.hostname, parts.port
    except ValueError:
        return
    if host:
        yield Asked(host, default_port if port is None else port, place)


@dataclass(frozen=True, slots=True)
class UrlParts:
    """What a URL says; all of it empty for what is none."""

    scheme: str
    authority: str
    path: str


def url_parts(url: str) -> UrlParts:
    """Take a URL of somebody's file apart, whatever stands in it: unlike ``urlsplit`` this raises nothing."""
    found = _URL.match(url)
    return UrlParts("", "", "") if found is None else UrlParts(found[1].lower(), found[2], found[3])


def asked_by_url(url: str, place: str) -> Iterator[Asked]:
    """Yield where a URL leads."""
    parts = url_parts(url)
    yield from asked_at(parts.authority, place, default_port=443 if parts.scheme == "https" else 80)


def reached_over_http(wants: Expectations, dialects: tuple[Dialect, ...], asked: Iterable[Asked]) -> Iterator[Finding]:
    """Yield it where a proxy of this kind does not reach the HTTP listener, or is not let ask."""
    http = wants.config.listen.http
    if http is None or not speaks(http, dialects):
        return
    networks = None if http.callers is None else http.callers.addresses
    yield from _reached(wants, ("listen", "http", "address"), http.address, asked, networks)


def reached_over_grpc(wants: Expectations, asked: Iterable[Asked]) -> Iterator[Finding]:
    """Yield it where a proxy does not reach the gRPC listener."""
    if wants.config.sources is not None:
        yield from _reached(wants, ("listen", "grpc", "address"), wants.config.listen.grpc.address, asked, None)


def _reached(
    wants: Expectations, path: KeyPath, address: str, asked: Iterable[Asked], networks: Iterable[str] | None
) -> Iterator[Finding]:
    host, _, digits = address.rpartition(":")
    port = None if address.startswith(UNIX_PREFIX) else int(digits)
    for one in asked if port != 0 else ():  # port 0 is any
        detail = f"{one}, and this is {address}{_of_another(wants, path, one.port)}"
        if port is None:
            yield wants.found(Code.CONFIG_ASKED_AT_OTHER_PORT, path, detail)
        elif _is_the_same_machine(one.host, host):
            if one.port != port or not _may_be_the_same(one.host, host):
                yield wants.found(Code.CONFIG_ASKED_ELSEWHERE, path, detail)
        elif is_loopback(one.host) and literal(host) is not None:
            if one.port != port or not _is_everywhere(host):
                yield wants.found(Code.CONFIG_ASKED_IF_MAPPED, path, detail)
            elif networks is not None and not admits_loopback(one.host, networks):
                at = (*path[:-1], "callers", "addresses")
                yield wants.found(Code.CONFIG_ASKED_IF_MAPPED, at, f"{one}, so from loopback, which may not ask")
        elif one.port != port:
            yield wants.found(Code.CONFIG_ASKED_AT_OTHER_PORT, path, detail)


def _of_another(wants: Expectations, path: KeyPath, port: int) -> str:
    """Return words about the other listener that has a port; none where there is no such one."""
    listen = wants.config.listen
    addresses: dict[str, str | None] = {
        "grpc": None if wants.config.sources is None else listen.grpc.address,
        "http": None if listen.http is None else listen.http.address,
        "admin": listen.admin.address,
    }
    found = (name for name, address in addresses.items() if name not in path and _has(address, port))
    return next((f"; {port} is the port of listen.{name}" for name in found), "")


def _has(address: str | None, port: int) -> bool:
    return address is not None and not address.startswith(UNIX_PREFIX) and address.endswith(f":{port}")


def _is_the_same_machine(one: str, other: str) -> bool:
    if is_loopback(one) and is_loopback(other):
        return True
    return literal(one) is not None and literal(one) == literal(other) and not _is_everywhere(one)


def _may_be_the_same(one: str, other: str) -> bool:
    """Say whether two names of loopback may be one address: ``localhost`` may be either family's."""
    return literal(one) is None or literal(other) is None or literal(one) == literal(other)


def _is_everywhere(host: str) -> bool:
    address = literal(host)
    return address is not None and address.is_unspecified
