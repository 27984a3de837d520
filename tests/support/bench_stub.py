"""The benchmark's own stubs, as the tests of its load generator ask them."""

import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from targets import ready_line

from extauthz.demo.process import ManagedProcess
from extauthz.wire.proto.envoy.service.auth.v3.external_auth_pb2 import CheckResponse

BENCH = Path(__file__).parents[2] / "bench"
PERMISSION_DENIED = 7


@dataclass(frozen=True, slots=True)
class Stub:
    """A stub that runs."""

    port: int
    process: ManagedProcess


StartStub = Callable[..., Stub]


def start_stub_in(folder: Path, stack: ExitStack, kind: str, *, allows: bool = True) -> Stub:
    """Start a stub that answers every question the same way; ``stack`` ends it."""
    answer = CheckResponse()
    answer.status.code = 0 if allows else PERMISSION_DENIED
    file = folder / f"{kind}.bin"
    file.write_bytes(answer.SerializeToString())
    command = [sys.executable, str(BENCH / f"stub_{kind}.py"), "--answer", str(file)]
    process = stack.enter_context(ManagedProcess(kind, command, folder / f"{kind}.log"))
    ready = process.wait_for(lambda: ready_line(process.log_path), timeout=30.0, what="it was not ready")
    return Stub(int(ready["grpc"].rpartition(":")[2]), process)
