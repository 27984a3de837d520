"""Services with several workers: asking them over ever new connections, and looking at each process."""

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from extauthz.wire.proto.envoy.service.auth.v3.external_auth_pb2 import CheckRequest, CheckResponse
from support.service import RealService

_ALLOWED: Mapping[str, str] = {"decision": "allow", "reason": "allowed", "policy": "everybody", "api": "grpc"}
_ESTABLISHED = "01"


def ask_anew(service: RealService, request: CheckRequest) -> CheckResponse:
    """Ask one question over a connection of its own, which the kernel gives to any of the workers."""
    with service.channel() as channel:
        return service.check(request, channel=channel)


def counted(service: RealService) -> float:
    """Return how many checks were allowed, in all workers together."""
    value = service.metric("extauthz_checks_total", **_ALLOWED)
    return 0.0 if value is None else value


def connections(pid: int, port: int) -> int:
    """Return how many connections to a local port a process has."""
    tables = [Path(f"/proc/net/{name}").read_text(encoding="ascii") for name in ("tcp", "tcp6")]
    rows = [line.split() for table in tables for line in table.splitlines()[1:]]
    ends = {row[9] for row in rows if row[3] == _ESTABLISHED and int(row[1].rpartition(":")[2], 16) == port}
    return sum(inode in ends for inode in _sockets(pid))


def port_of(service: RealService) -> int:
    """Return the port of the gRPC listener."""
    return int(service.grpc_address.rpartition(":")[2])


def _sockets(pid: int) -> Iterator[str]:
    for one in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):  # closed meanwhile
            name = os.readlink(one)  # noqa: PTH115  (what it names is no path)
            if name.startswith("socket:["):
                yield name[len("socket:[") : -1]
