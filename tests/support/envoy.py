"""A real Envoy for tests: any bootstrap, ports chosen by the kernel, ended by its own id.

A machine without an Envoy fails the test (``DemoError``): it is never skipped.
"""

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from extauthz.demo.envoy import EnvoyProcess

ACCESS_LOG = "@ACCESS_LOG@"
"""Write this as the ``path`` of a file access log in the bootstrap: it becomes a file that ``access_log()`` reads."""
LOG_TIMEOUT = 10.0
"""Seconds to wait for access log lines; Envoy flushes every few milliseconds here."""

_ADMIN = {"address": {"socket_address": {"address": "127.0.0.1", "port_value": 0}}}


class RealEnvoy:
    """One Envoy as a context manager: entering waits until it is ready, leaving ends it.

    ``bootstrap`` needs no ``admin``; listeners should ask for ``port_value: 0`` and be looked up by name in
    ``ports``. An Envoy that does not start raises DemoError with the last lines of its log.
    """

    def __init__(self, bootstrap: Mapping[str, object], *, concurrency: int = 1) -> None:
        self._directory = tempfile.TemporaryDirectory(prefix="extauthz-envoy-")
        directory = Path(self._directory.name)
        self._access_log = directory / "access.log"
        config = directory / "envoy.json"
        text = json.dumps({"admin": _ADMIN, **bootstrap})
        config.write_text(text.replace(json.dumps(ACCESS_LOG), json.dumps(str(self._access_log))))
        self._process = EnvoyProcess(config, directory, concurrency=concurrency)
        self.ports: Mapping[str, int] = {}
        """Listener name -> TCP port."""

    def __enter__(self) -> Self:
        try:
            self._process.__enter__()
            self.ports = self._process.listener_ports()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def admin_port(self) -> int:
        return self._process.admin_address[1]

    def admin(self, target: str) -> str:
        """Return the body of ``GET target`` on the admin port."""
        return self._process.admin(target)

    def stats(self, prefix: str = "") -> Mapping[str, int]:
        """Return counters and gauges whose name starts with ``prefix``."""
        lines = (line.partition(": ") for line in self.admin("/stats").splitlines())
        return {name: int(value) for name, _, value in lines if name.startswith(prefix) and value.isdigit()}

    def log(self) -> str:
        """Return what Envoy itself wrote."""
        return self._process.log_path.read_text(errors="replace")

    def access_log(self, at_least: int = 0) -> Sequence[str]:
        """Return the complete lines of the access log, waiting until there are ``at_least`` so many."""

        def look() -> list[str] | None:
            text = self._access_log.read_text() if self._access_log.exists() else ""
            lines = text.split("\n")[:-1]
            return lines if len(lines) >= at_least else None

        return self._process.wait_for(look, timeout=LOG_TIMEOUT, what=f"fewer than {at_least} access log lines")

    def close(self) -> None:
        """End Envoy and remove its files."""
        self._process.stop()
        self._directory.cleanup()
