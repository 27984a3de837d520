"""Services with several workers: asking them over ever new connections, and looking at each process."""

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path

from extauthz.wire.proto.envoy.service.auth.v3.external_auth_pb2 import CheckRequest, CheckResponse
from support.service import RealService, eventually

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


def replace_workers(service: RealService, *victims: int) -> None:
    """Kill some workers, and wait until there are others in their places and all of them serve."""
    number = len(service.workers)
    for one in victims:
        os.kill(one, signal.SIGKILL)

    def look() -> bool | None:
        workers = service.workers
        return (len(workers) == number and not set(workers) & set(victims)) or None

    # A dying process loses its name before its sockets, so that old ones are not seen says little: new ones have to be.
    eventually(look, "other workers in their places", show=service.stderr)
    eventually(lambda: service.get("/readyz").status == HTTPStatus.OK or None, "the service being ready again")


def port_of(service: RealService) -> int:
    """Return the port of the gRPC listener."""
    return int(service.grpc_address.rpartition(":")[2])


def _sockets(pid: int) -> Iterator[str]:
    for one in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):  # closed meanwhile
            name = os.readlink(one)  # noqa: PTH115  (what it names is no path)
            if name.startswith("socket:["):
                yield name[len("socket:[") : -1]
