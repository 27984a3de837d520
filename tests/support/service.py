"""The real process for tests: ``python -m extauthz serve``, on ports that the kernel chooses, ended by its own id."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import grpc
from prometheus_client.parser import text_string_to_metric_families

import extauthz
from extauthz.wire.proto.envoy.service.auth.v3.external_auth_pb2 import CheckRequest, CheckResponse

Found = TypeVar("Found")
PATIENCE: Final = 30.0
"""Seconds to wait for what comes within one on an idle machine."""
CHECK: Final = "/envoy.service.auth.v3.Authorization/Check"
_PROGRAM: Final = (sys.executable, "-P", "-m", "extauthz", "serve", "--config")
"""``-P``: ``-m`` alone would take the package from the current directory, which may hold another copy of it."""
_ROOT: Final = str(Path(extauthz.__file__).parents[1])
"""Where the package under test is, so that the process runs the same code as the tests import."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of the admin listener."""

    status: int
    headers: Mapping[str, str]
    body: str

    def json(self) -> Any:  # noqa: ANN401  (a document)
        return json.loads(self.body)


class RealService:
    """One service as a context manager: entering waits until it is ready, leaving ends it.

    A process that does not get ready raises AssertionError with what it wrote.
    """

    def __init__(
        self,
        config: Path,
        *,
        environment: Mapping[str, str] | None = None,
        stdout: int | None = None,
        wait: bool = True,
    ) -> None:
        """``stdout`` takes the process's standard output, which otherwise goes to a file; ``wait`` for readiness."""
        self.command: Sequence[str] = (*_PROGRAM, str(config))
        self.environment = {**os.environ, "PYTHONPATH": _ROOT, **(environment or {})}
        self._stdout = stdout
        self._wait = wait
        self._lines: list[str] = []
        self._channel: grpc.Channel | None = None
        self.grpc_address = ""
        """``127.0.0.1:PORT`` or ``unix:/path``."""
        self.admin_address = ""
        self.http_address = ""
        """Of the listener for proxies that ask over HTTP; empty when there is none."""

    def __enter__(self) -> Self:
        self._output = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            self.command,
            env=self.environment,
            stdout=self._output if self._stdout is None else self._stdout,
            stderr=subprocess.PIPE,
        )
        self._reader = threading.Thread(target=self._read_stderr, daemon=True)
        self._reader.start()
        if self._wait:
            try:
                self._wait_until_ready()
            except BaseException:
                self.close()
                raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process, at once, if it still runs."""
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        if self._process.stderr is not None:
            self._process.stderr.close()
        self._output.close()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def wait(self, seconds: float = PATIENCE) -> int:
        """Wait for the end and return the exit status; everything that was logged can be read afterwards."""
        status = self._process.wait(seconds)
        self._reader.join(seconds)
        return status

    def stop(self) -> int:
        """Ask the process to end, and return its exit status."""
        self.signal(signal.SIGTERM)
        return self.wait()

    def wait_for_crls(self) -> Mapping[str, Any]:
        """Wait until it listens and says that it waits for CRLs; return what it says."""
        event = self.event("waiting for required CRLs")
        self._note_addresses(event)
        return event

    @property
    def children(self) -> Sequence[int]:
        """The processes that it started and that still run."""
        threads = Path(f"/proc/{self.pid}/task").glob("*/children")  # a child belongs to the thread that started it
        return [int(one) for thread in threads for one in thread.read_text().split()]

    @property
    def workers(self) -> Sequence[int]:
        """The processes among them that answer checks, in the order of their ids."""
        return sorted(one for one in self.children if b"extauthz.service.workers" in _command_line(one))

    # What it says.

    def stderr(self) -> Sequence[str]:
        """Return the lines of standard error so far."""
        return tuple(self._lines)

    def stdout(self) -> str:
        """Return what went to standard output so far, if that goes to a file."""
        self._output.seek(0)
        return self._output.read().decode()

    def events(self, name: str | None = None) -> Sequence[Mapping[str, Any]]:
        """Return the process log so far: all events, or those of one name."""
        found = [json.loads(line) for line in self._lines if line.startswith("{")]
        return [event for event in found if name is None or event["event"] == name]

    def event(self, name: str, number: int = 1) -> Mapping[str, Any]:
        """Wait until an event was logged (for the second time, the third, …) and return it."""
        return eventually(lambda: (self.events(name)[number - 1 : number] or (None,))[0], f"event {name!r}")

    # What it answers.

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Reply:
        return self.admin("GET", path, headers)

    def reload(self) -> Reply:
        return self.admin("POST", "/-/reload")

    def admin(self, method: str, path: str, headers: Mapping[str, str] | None = None) -> Reply:
        """Send one request to the admin listener."""
        connection = _connection(self.admin_address)
        try:
            connection.request(method, path, headers=dict(headers or {}))
            answer = connection.getresponse()
            return Reply(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read().decode())
        finally:
            connection.close()

    def metric(self, name: str, **labels: str) -> float | None:
        """Return one sample as it is now, None when there is none with exactly these labels."""
        return self.samples().get((name, frozenset(labels.items())))

    def samples(self) -> Mapping[tuple[str, frozenset[tuple[str, str]]], float]:
        """Return all samples as they are now, by name and labels."""
        return {
            (sample.name, frozenset(sample.labels.items())): float(sample.value)
            for family in text_string_to_metric_families(self.get("/metrics").body)
            for sample in family.samples
        }

    def channel(self, credentials: grpc.ChannelCredentials | None = None) -> grpc.Channel:
        """Return a new connection to the gRPC listener."""
        options = (("grpc.enable_http_proxy", 0), ("grpc.use_local_subchannel_pool", 1))
        if credentials is None:
            return grpc.insecure_channel(self.grpc_address, options)
        return grpc.secure_channel(self.grpc_address, credentials, options)

    def check(
        self, request: CheckRequest | bytes, *, channel: grpc.Channel | None = None, wait_for_ready: bool = True
    ) -> CheckResponse:
        """Ask one question. An RPC error is raised as it is."""
        if channel is None:
            self._channel = channel = self._channel or self.channel()
        raw = request if isinstance(request, bytes) else request.SerializeToString()
        ask: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(CHECK)
        return CheckResponse.FromString(ask(raw, timeout=PATIENCE, wait_for_ready=wait_for_ready))

    # How it starts.

    def _wait_until_ready(self) -> None:
        ready = eventually(self._ready_event, "the service being ready", show=self.stderr)
        self._note_addresses(ready)
        eventually(lambda: self.get("/readyz").status == http.HTTPStatus.OK or None, "/readyz being 200")

    def _note_addresses(self, event: Mapping[str, Any]) -> None:
        self.admin_address = event["admin"]
        self.grpc_address, self.http_address = event.get("grpc", ""), event.get("http", "")

    def _ready_event(self) -> Mapping[str, Any] | None:
        assert self.running, f"the service ended with {self._process.returncode}:\n" + "\n".join(self._lines)
        return next(iter(self.events("ready")), None)

    def _read_stderr(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._lines.append(line.decode(errors="replace").rstrip("\n"))


def _command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:  # it has ended meanwhile
        return b""


def eventually(look: Callable[[], Found | None], what: str, *, show: Callable[[], object] = lambda: "") -> Found:
    """Return what ``look()`` gives as soon as that is not None; fail when it stays None, with what ``show()`` tells."""
    deadline = time.monotonic() + PATIENCE
    while (found := look()) is None:
        assert time.monotonic() < deadline, f"not within {PATIENCE:.0f} s: {what} {show()}"
        time.sleep(0.02)
    return found


def _connection(address: str) -> http.client.HTTPConnection:
    if not address.startswith("unix:"):
        host, _, port = address.rpartition(":")
        return http.client.HTTPConnection(host.strip("[]"), int(port), timeout=PATIENCE)
    connection = http.client.HTTPConnection("localhost", timeout=PATIENCE)
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.settimeout(PATIENCE)
    connection.sock.connect(address.removeprefix("unix:"))
    return connection
