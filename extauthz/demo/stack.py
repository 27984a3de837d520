"""Everything that the demo runs: an upstream in this process, extauthz and Envoy as real processes of their own."""

import http.client
import os
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from extauthz.config.schema.address import UNIX_PATH_BYTES
from extauthz.demo.access_log import AccessLog
from extauthz.demo.client import HttpsClient
from extauthz.demo.dev_pki import DevPki, make_dev_pki
from extauthz.demo.envoy import EnvoyProcess, find_envoy
from extauthz.demo.errors import DemoError
from extauthz.demo.files import DemoFiles, write_demo_files
from extauthz.demo.process import ManagedProcess
from extauthz.demo.signals import ending_signals_interrupt, ignore_interrupts, interrupts_held
from extauthz.demo.token import TokenIssuer
from extauthz.demo.upstream import EchoServer

Process = TypeVar("Process", bound=ManagedProcess)

LOOPBACK = "127.0.0.1"
START_TIMEOUT = 30.0
"""Seconds. extauthz is ready in about one; a loaded machine may need several."""
READY_TIMEOUT = 2.0
"""Seconds for one question to the admin socket."""
LISTENER = "https"
"""Name of the listener in the Envoy configuration."""


@dataclass(frozen=True, slots=True)
class DemoStack:
    """The running demo."""

    files: DemoFiles
    pki: DevPki
    tokens: TokenIssuer
    upstream: EchoServer
    extauthz: ManagedProcess
    envoy: EnvoyProcess
    log: AccessLog
    port: int
    """Where Envoy takes HTTPS."""

    def client(self, name: str | None, *, leaf_only: bool = False) -> HttpsClient:
        """Return a client that is not yet connected; None is one without a certificate."""
        credentials = None if name is None else self.files.client(name, leaf_only=leaf_only)
        return HttpsClient(self.port, self.files.root_ca, credentials)


@contextmanager
def running_stack(port: int, say: Callable[[str], None]) -> Iterator[DemoStack]:
    """Start everything and yield it; on leaving, also by an exception, end every process and remove every file.

    ``port`` 0 takes a free one. ``say`` gets a line a step. Raises DemoError when something cannot start, and
    KeyboardInterrupt at a signal that asks it to end. Main thread only.
    """
    find_envoy()  # before anything is started or written
    require_free(port)
    with ExitStack() as cleanup:
        cleanup.enter_context(ending_signals_interrupt())
        try:
            yield _start(port, say, cleanup)
        finally:
            # What ``cleanup`` does now is bounded in time; a second Ctrl-C must not leave a process behind.
            ignore_interrupts()


def _start(port: int, say: Callable[[str], None], cleanup: ExitStack) -> DemoStack:
    with interrupts_held():
        directory = Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="extauthz-demo-")))
    if len(os.fsencode(DemoFiles(directory).socket)) > UNIX_PATH_BYTES:
        raise DemoError(f"{directory} is too long a path for a Unix socket: run it again with TMPDIR=/tmp.")
    say(f"writing a throw-away PKI and the configurations to {directory}")
    pki, tokens = make_dev_pki(datetime.now(UTC)), TokenIssuer()
    upstream = cleanup.enter_context(EchoServer())
    demo = write_demo_files(
        directory,
        pki,
        tokens,
        spki_pin=pki.clients["pinned"].credential.spki_sha256(),
        port=port,
        upstream_port=upstream.port,
    )
    say("starting extauthz")
    extauthz = _run(_extauthz(demo), cleanup)
    extauthz.wait_for(lambda: _is_ready(demo.admin_socket), timeout=START_TIMEOUT, what="it was not ready")
    say("starting Envoy")
    envoy = _run(EnvoyProcess(demo.envoy_config, directory), cleanup)
    return DemoStack(
        files=demo,
        pki=pki,
        tokens=tokens,
        upstream=upstream,
        extauthz=extauthz,
        envoy=envoy,
        log=AccessLog(demo.access_log, envoy),
        port=envoy.listener_ports()[LISTENER],
    )


def _run(process: Process, cleanup: ExitStack) -> Process:
    # Its end is arranged before its start: there is no moment at which Ctrl-C would leave it behind.
    cleanup.push(process)
    return process.__enter__()


def require_free(port: int) -> None:
    """Raise DemoError when the port cannot be listened on. 0 is always free."""
    with socket.socket() as probe:
        # As servers do, so that a port in TIME_WAIT counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            raise DemoError(
                f"Port {port} on {LOOPBACK} cannot be used ({error.strerror}): choose another one with --port, or "
                "leave the option out for a free one."
            ) from error


def _extauthz(demo: DemoFiles) -> ManagedProcess:
    # -P: a directory named extauthz, where the demo happens to be started, must not become the program.
    arguments = [sys.executable, "-P", "-m", "extauthz", "serve", "--config", str(demo.extauthz_config)]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}  # so that its log is whole when it is read
    return ManagedProcess("extauthz", arguments, demo.directory / "extauthz.log", environment=environment)


def _is_ready(admin_socket: Path) -> bool | None:
    """Return True once extauthz says that it is ready, None until then."""
    connection = _UnixConnection(admin_socket)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.client.OK or None
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=READY_TIMEOUT)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))
